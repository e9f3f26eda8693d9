// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/text/text_encoding.hpp"
#include "io/text/text_parse.hpp"
#include "jobs/ingest/balance_sheet.hpp"
#include "jobs/ingest/table_plan.hpp"

namespace cohort {

/// What a column's texts go through before they are read as values, in this order: decoding, rules that change texts,
/// the plain spelling of numbers. One per worker and column.
class ColumnTexts {
 public:
  ColumnTexts(const TablePlan& plan, std::size_t column);

  [[nodiscard]] bool is_identity() const { return steps_.empty(); }
  /// The texts after all steps, valid until the next call; charges rules with the values they changed.
  const std::vector<std::string_view>& run(std::span<const std::string_view> fields, BalanceSheet& sheet);
  /// Marks the rows whose text no step could take; returns how many more are bad now. After run() and parsing.
  std::size_t refuse(std::vector<ParseStatus>& statuses) const;

 private:
  struct Step {
    std::function<std::optional<std::string>(std::string_view)> change;
    std::int64_t rule = -1;  ///< -1: the file's own form
    ParseStatus refusal = ParseStatus::not_text;
  };
  struct Refusal {
    std::size_t row;
    ParseStatus why;
  };

  std::vector<Step> steps_;
  std::vector<std::string_view> texts_;
  std::deque<std::string> kept_;  ///< what changed texts are views of
  std::vector<Refusal> refused_;
};

/// A number with `decimal` and `thousands` marks as one with a point alone; nothing where thousands are not in threes.
[[nodiscard]] std::optional<std::string> plain_number(std::string_view text, char decimal, std::string_view thousands);

}  // namespace cohort
