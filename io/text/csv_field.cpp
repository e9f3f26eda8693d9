// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_field.hpp"

namespace cohort {

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string csv_header_line(std::span<const std::string> names) {
  std::string line;
  for (const std::string& name : names) line += csv_field(name) + ',';
  if (!line.empty()) line.pop_back();
  return line + '\n';
}

}  // namespace cohort
