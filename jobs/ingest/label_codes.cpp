// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/label_codes.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "jobs/ingest/label_union.hpp"

namespace cohort {
namespace {

/// Calls `call(worker, table, column, labels)` for every category column of this name.
template <class Call>
void for_each_label_table(const std::vector<std::deque<RowParser>>& parsers, const std::vector<TableLayout>& layouts,
                          const std::string& name, const Call& call) {
  for (std::size_t worker = 0; worker < parsers.size(); ++worker) {
    for (std::size_t t = 0; t < layouts.size(); ++t) {
      for (std::size_t c = 0; c < layouts[t].columns.size(); ++c) {
        const Column& column = layouts[t].columns[c];
        if (column.type == ColumnType::category && column.name == name)
          call(worker, t, c, parsers[worker][t].labels(c));
      }
    }
  }
}

}  // namespace

LabelCodes::LabelCodes(const Context& context, const std::vector<std::deque<RowParser>>& parsers,
                       const std::vector<TableLayout>& layouts, const std::vector<Dictionary>& before)
    : layouts_(layouts),
      codes_(parsers.size(), std::vector<std::map<std::size_t, std::vector<std::int32_t>>>(layouts.size())) {
  std::set<std::string> names;
  for (const TableLayout& layout : layouts) {
    for (const Column& column : layout.columns) {
      if (column.type == ColumnType::category) names.insert(column.name);
    }
  }
  for (const std::string& name : names) {
    std::vector<std::string_view> mine;
    for (const Dictionary& dictionary : before) {
      const bool speaks = dictionary.name == name && context.comm.rank() == 0;  // all ranks have them
      if (speaks) mine.insert(mine.end(), dictionary.labels.begin(), dictionary.labels.end());
    }
    for_each_label_table(parsers, layouts, name, [&](std::size_t, std::size_t, std::size_t, const LabelTable& labels) {
      mine.insert(mine.end(), labels.labels().begin(), labels.labels().end());
    });
    dictionaries_.push_back({.name = name, .labels = union_of_labels(context, name, mine)});
    const std::vector<std::string>& all = dictionaries_.back().labels;
    for_each_label_table(
        parsers, layouts, name, [&](std::size_t worker, std::size_t table, std::size_t column, const auto& labels) {
          for (const std::string_view label : labels.labels()) {
            codes_[worker][table][column].push_back(
                static_cast<std::int32_t>(std::lower_bound(all.begin(), all.end(), label) - all.begin()));
          }
        });
  }
}

void LabelCodes::patch(int worker, std::span<std::byte> rows) const {
  const auto& of_worker = codes_[static_cast<std::size_t>(worker)];
  for (std::size_t at = 0; at < rows.size();) {
    std::byte* row = rows.data() + at;
    const RowHeader header = RowFormat::header(row);
    for (const auto& [column, codes] : of_worker[header.table]) {
      const std::size_t offset = layouts_[header.table].format.offset(column);
      const auto number = RowFormat::load<std::int32_t>(row, offset);
      if (number != missing_int32) RowFormat::store(row, offset, codes[static_cast<std::size_t>(number)]);
    }
    at += header.bytes;
  }
}

}  // namespace cohort
