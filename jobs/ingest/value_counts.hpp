// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "jobs/ingest/parsed_column.hpp"
#include "jobs/ingest/source_schema.hpp"

namespace cohort {

/// How often a value stands in a group. Values are what is stored, doubles by their order-keeping bits.
struct ValueCount {
  std::int64_t group = 0, value = 0, rows = 0;
};

/// Doubles as integers of the same order, and back.
[[nodiscard]] std::int64_t ordered_bits(double value);
[[nodiscard]] double from_ordered_bits(std::int64_t bits);

/// Counts of the distinct values of the column that a rule over all values looks at. Quantiles, means and modes taken
/// from counts are exact and do not depend on who counted. Memory: about 48 bytes a distinct value.
class ValueCounts {
 public:
  /// Counts nothing unless the rule needs it.
  ValueCounts(const CleaningRule& rule, const SourceSchema& schema);

  void add(const std::vector<ParsedColumn>& columns, std::size_t row) {
    if (column_ >= 0) count(columns, row);
  }
  [[nodiscard]] std::int64_t memory_bytes() const { return std::ssize(counts_) * 48; }
  /// All counts; `codes` gives the dictionaries' codes for this parser's own numbers, by category column.
  [[nodiscard]] std::vector<ValueCount> listed(const std::map<std::size_t, std::vector<std::int32_t>>& codes) const;

 private:
  struct Key {
    std::int64_t group, value;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  void count(const std::vector<ParsedColumn>& columns, std::size_t row);

  std::int64_t column_ = -1, group_ = -1;
  bool column_is_category_ = false, group_is_category_ = false;
  std::unordered_map<Key, std::int64_t, Hash> counts_;
};

/// The distribution of one group, or of all rows.
class Distribution {
 public:
  void add(std::int64_t value, std::int64_t rows) {
    rows_[value] += rows;
    total_ += rows;
  }
  [[nodiscard]] std::int64_t rows() const { return total_; }
  [[nodiscard]] std::int64_t mode() const;          ///< the least of the most frequent values
  [[nodiscard]] std::int64_t lower_median() const;  ///< a value there is
  /// Quantile by linear interpolation between order statistics (Hyndman and Fan 1996, type 7), in the column's units.
  [[nodiscard]] double quantile(double q, bool is_float) const;
  [[nodiscard]] double mean(bool is_float) const;
  [[nodiscard]] double deviation(bool is_float) const;  ///< with n - 1
  /// Median of |value - center|.
  [[nodiscard]] double absolute_deviation(double center, bool is_float) const;

 private:
  std::map<std::int64_t, std::int64_t> rows_;
  std::int64_t total_ = 0;
};

}  // namespace cohort
