// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_header.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "io/text/csv_automaton.hpp"
#include "io/text/csv_unit_reader.hpp"
#include "io/text/text_encoding.hpp"
#include "io/text/text_standard.hpp"

namespace cohort {
namespace {

/// Levenshtein distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

std::string_view nearest(std::string_view wanted, const std::vector<std::string>& names) {
  return *std::min_element(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return edit_distance(wanted, a) < edit_distance(wanted, b);
  });
}

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

std::string_view spelling(char delimiter) {
  switch (delimiter) {
    case ',': return "a comma";
    case ';': return "a semicolon";
    case '\t': return "a tab";
    case '|': return "a bar";
    default: return "another character";
  }
}

}  // namespace

std::vector<std::string> split_csv_record(std::string_view record, char delimiter) {
  std::vector<std::string> fields(1);
  CsvState state = CsvState::record_start;
  for (const char byte : record) {
    const CsvState before = std::exchange(state, step(state, byte, delimiter));
    const bool is_text = state == CsvState::quoted ? before == CsvState::quoted || before == CsvState::quote_in_quoted
                                                   : state == CsvState::unquoted;
    if (state == CsvState::field_start) fields.emplace_back();
    if (is_text) fields.back() += byte;
  }
  return fields;
}

CsvHeader::CsvHeader(std::string path, std::string_view record, char delimiter)
    : path_(std::move(path)), delimiter_(delimiter), names_(split_csv_record(record, delimiter)) {
  if (record.empty()) {
    throw Error(ExitCode::bad_data, fmt::format("{} has no header: it holds no record", path_),
                "give a CSV file whose first line names its columns");
  }
  std::set<std::string_view> seen;
  for (const std::string& name : names_) {
    if (seen.insert(name).second || name.empty()) continue;
    throw Error(ExitCode::bad_data, fmt::format("{}: the header names column '{}' twice", path_, name),
                "rename one of the two columns");
  }
}

std::vector<std::size_t> CsvHeader::find(std::span<const std::string> wanted) const {
  if (names_.size() == 1 && wanted.size() > 1) suspect_delimiter();
  std::vector<std::size_t> positions;
  for (const std::string& name : wanted) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) {
      throw Error(ExitCode::bad_data, fmt::format("{} has no column '{}'; it has: {}", path_, name, listed(names_)),
                  fmt::format("did you mean '{}'?", nearest(name, names_)));
    }
    positions.push_back(static_cast<std::size_t>(found - names_.begin()));
  }
  return positions;
}

void CsvHeader::suspect_delimiter() const {
  constexpr std::array<char, 4> usual{',', ';', '\t', '|'};
  const auto count = [&](char candidate) { return std::count(names_[0].begin(), names_[0].end(), candidate); };
  const char likely =
      *std::max_element(usual.begin(), usual.end(), [&](char a, char b) { return count(a) < count(b); });
  if (count(likely) == 0) return;
  throw Error(ExitCode::bad_data,
              fmt::format("{} has a single column, '{}', with {} as delimiter", path_, names_[0], spelling(delimiter_)),
              fmt::format("wrong delimiter? {} looks likely: delimiter: \"{}\"", spelling(likely),
                          likely == '\t' ? std::string("\\t") : std::string(1, likely)));
}

CsvHeader read_header(const CsvSource& source, std::int32_t file, const std::string& encoding) {
  const std::string& path = source.files().at(static_cast<std::size_t>(file)).path;
  const std::optional<std::string> text = TextDecoder(encoding).decode(read_csv_header(source, file));
  if (!text || !is_clean_utf8(*text)) {
    throw Error(ExitCode::bad_data, fmt::format("{}:1: the header is not {} text", path, encoding),
                "declare its encoding: utf-8, latin-1 or gb18030");
  }
  return {path, *text, source.options().delimiter};
}

}  // namespace cohort
