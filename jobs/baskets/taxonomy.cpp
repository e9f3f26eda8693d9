// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/taxonomy.hpp"

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "io/text/csv_header.hpp"
#include "io/text/csv_records.hpp"

namespace cohort {

Taxonomy::Taxonomy(const std::string& path, std::string_view text) : path_(path) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::size_t header_bytes = end > 0 && text[end - 1] == '\r' ? end - 1 : end;
  levels_ = CsvHeader(path, text.substr(0, header_bytes), ',').names();
  if (levels_.size() < 2)
    fail(1, "a taxonomy has a column of items and at least one of categories", "write the header as item,category");
  std::vector<std::size_t> columns(levels_.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  CsvRecords records(',', columns.size(), columns);
  const std::size_t body = std::min(end + 1, text.size());
  records.start({.text = text.substr(body), .offset = static_cast<std::int64_t>(body), .line = 2});

  std::map<std::string, Row> items;
  Places places;
  for (CsvBatch batch; records.next_batch(batch, 4096);) {
    if (!batch.ragged.empty()) {
      fail(records.line_of(batch.ragged.front().offset),
           fmt::format("{} fields where the header has {}", batch.ragged.front().fields, columns.size()),
           "give each item a category on every level");
    }
    for (std::size_t r = 0; r < batch.rows; ++r) {
      Row row;
      for (const auto& column : batch.columns) row.emplace_back(column[r]);
      const std::int64_t line = records.line_of(batch.offsets[r]);
      const auto empty = std::find(row.begin(), row.end(), "");
      if (empty != row.end())
        fail(line, fmt::format("column {} is empty", levels_[static_cast<std::size_t>(empty - row.begin())]),
             "give each item a category on every level");
      check_categories(row, line, places);
      if (items.try_emplace(row.front(), row).first->second != row)
        fail(line, fmt::format("item {} stands here again, with other categories", row.front()),
             "keep one of its lines");
    }
  }
  levels_.erase(levels_.begin());
  number_categories(items, places);
}

void Taxonomy::check_categories(const Row& row, std::int64_t line, Places& places) const {
  for (std::size_t level = 1; level < row.size(); ++level) {
    const Place place{.parent = level + 1 < row.size() ? row[level + 1] : "", .level = level, .line = line};
    const auto [known, fresh] = places.try_emplace(row[level], place);
    if (fresh) continue;
    const Place& first = known->second;
    if (first.level != level) {
      fail(line,
           fmt::format("{} is a {} here and a {} in line {}", row[level], levels_[level], levels_[first.level],
                       first.line),
           "give categories of different levels different names");
    }
    if (first.parent != place.parent) {
      fail(line,
           fmt::format("{} lies under {} here and under {} in line {}", row[level], place.parent, first.parent,
                       first.line),
           "categories make a tree: split the category or mend the line");
    }
  }
}

void Taxonomy::number_categories(const std::map<std::string, Row>& items, const Places& places) {
  std::map<std::string, std::int32_t> numbers;
  for (const auto& [label, place] : places) {
    numbers.emplace(label, static_cast<std::int32_t>(labels_.size()));
    labels_.push_back(label);
  }
  for (const auto& [label, place] : places) parents_.push_back(place.parent.empty() ? -1 : numbers.at(place.parent));
  for (const auto& [item, row] : items) {
    std::vector<std::int32_t>& path = items_[item];
    for (std::size_t level = 1; level < row.size(); ++level) path.push_back(numbers.at(row[level]));
  }
}

const std::vector<std::int32_t>& Taxonomy::of_item(std::string_view item) const {
  static const std::vector<std::int32_t> none;
  const auto found = items_.find(item);
  return found == items_.end() ? none : found->second;
}

std::vector<std::int32_t> Taxonomy::above(std::int32_t category) const {
  std::vector<std::int32_t> path;
  for (std::int32_t at = parents_[static_cast<std::size_t>(category)]; at >= 0;
       at = parents_[static_cast<std::size_t>(at)])
    path.push_back(at);
  return path;
}

void Taxonomy::fail(std::int64_t line, const std::string& complaint, const std::string& next) const {
  throw Error(ExitCode::bad_data, fmt::format("taxonomy {}, line {}: {}", path_, line, complaint), next);
}

}  // namespace cohort
