// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "core/context.hpp"
#include "io/store/dictionaries.hpp"
#include "jobs/ingest/row_parser.hpp"
#include "jobs/ingest/shard_builder.hpp"

namespace cohort {

/// The dictionaries of an ingest, one for each name of a category column over all tables, and what the numbers that
/// each worker gave to labels become.
class LabelCodes {
 public:
  /// Collective. `parsers` are by worker, then table; `layouts` must outlive the codes. Labels of `before` stay.
  LabelCodes(const Context& context, const std::vector<std::deque<RowParser>>& parsers,
             const std::vector<TableLayout>& layouts, const std::vector<Dictionary>& before = {});

  [[nodiscard]] const std::vector<Dictionary>& dictionaries() const { return dictionaries_; }
  /// Codes by a worker's own numbers, by category column of a table.
  [[nodiscard]] const std::map<std::size_t, std::vector<std::int32_t>>& of(std::size_t worker,
                                                                           std::size_t table) const {
    return codes_[worker][table];
  }
  /// Turns a worker's own numbers of labels in packed rows into codes.
  void patch(int worker, std::span<std::byte> rows) const;

 private:
  const std::vector<TableLayout>& layouts_;
  std::vector<Dictionary> dictionaries_;
  std::vector<std::vector<std::map<std::size_t, std::vector<std::int32_t>>>> codes_;  ///< by worker, table, column
};

}  // namespace cohort
