// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/class_columns.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cohort {

LabelCodes::LabelCodes(const std::vector<std::string>& labels) : sorted(labels) {
  std::ranges::sort(sorted);
  for (const std::string& label : labels) {
    codes.push_back(static_cast<std::int32_t>(std::ranges::lower_bound(sorted, label) - sorted.begin()));
  }
}

std::vector<Column> probability_columns(const std::vector<std::string>& classes) {
  std::vector<Column> columns;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const bool plain = !classes[k].empty() && std::ranges::all_of(classes[k], [](unsigned char c) {
      return c > ' ' && c != '/' && c != '"' && c != ',';
    });
    std::string name = plain ? classes[k] : fmt::format("{}", k + 1);
    while (!plain && std::ranges::count(classes, name) > 0) name.insert(0, 1, '_');  // a class may be called 2
    columns.push_back({.name = "probability_" + name, .type = ColumnType::float64});
  }
  return columns;
}

}  // namespace cohort
