// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "algorithms/features/row_filter.hpp"
#include "algorithms/group_by/group_keys.hpp"
#include "core/block.hpp"
#include "core/fields.hpp"

namespace cohort {

/// A figure of each group.
struct Measure {
  std::string stat = "count", of;
  double q = 0.5;
  std::map<std::string, std::string> where;
  void describe(Fields& fields);
  /// Throws Error(bad_config) for what is wrong whatever the table holds.
  void check(const std::string& name) const;
};

/// The columns that measures and filters read, and what is known of them before the data are read.
struct MeasureColumns {
  std::span<const Column> columns;
  std::span<const ValueRange> ranges;  ///< of integers
  std::span<const double> magnitudes;  ///< least bound of |x|, of columns of floats
  std::string quantity, price;         ///< whose product is "amount"; an empty quantity is 1
  std::int64_t rows = 0;               ///< of all ranks
  /// Labels of a category, sorted.
  std::function<std::vector<std::string>(const std::string& column)> labels;
};

/// What a group keeps: words of 64 bits that merge by adding or by maximum, so that no order of rows, threads or ranks
/// can show. Sums are of integers: of decimals as stored, of floats in units of 2^-60 of the largest magnitude; a sum
/// that may pass 64 bits has two words. Values of distinct and quantile are no state: they are counted beside.
class GroupMeasures {
 public:
  enum class Merge : std::uint8_t { sum, maximum };
  static constexpr std::int64_t no_maximum = missing_int64;
  static constexpr std::size_t most_words = 56;

  /// Throws Error(bad_config) for measures that do not fit the columns.
  GroupMeasures(const std::map<std::string, Measure>& measures, const std::map<std::string, std::string>& where,
                const MeasureColumns& columns);

  /// How each word merges; word 0 counts the group's rows.
  [[nodiscard]] const std::vector<Merge>& words() const { return merges_; }
  /// Sets of (group, value) that are counted: each is a source under a filter.
  [[nodiscard]] std::size_t value_sets() const { return sets_.size(); }
  /// Columns of the result, in the order of the measures' names.
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  /// The filters of all rows.
  [[nodiscard]] const std::vector<RowFilter>& where() const { return filters_[0]; }

  /// A tile's rows ready to be added: those that pass the filter of all rows.
  struct Rows {
    std::size_t count = 0;
    std::vector<std::uint64_t> keys;                ///< KeyLayout::words() for each row
    std::vector<std::vector<std::int64_t>> values;  ///< by source; missing_int64 for missing
    std::vector<std::vector<std::uint8_t>> passes;  ///< by filter; the first says which rows of the tile these are
  };
  void prepare(const RowTile& tile, const KeyLayout& keys, Rows& rows) const;
  /// Adds rows [begin, begin + slots.size()) to the states at `states + slot * words().size()`.
  void fold(const Rows& rows, std::size_t begin, std::span<const std::uint32_t> slots, std::int64_t* states) const;
  /// The value of a row in a set, or missing_int64 where it does not count.
  [[nodiscard]] std::int64_t value_in_set(const Rows& rows, std::size_t set, std::size_t row) const {
    const ValueSet& of = sets_[set];
    const bool counts = of.filter == 0 || rows.passes[of.filter][row] != 0;
    return counts ? rows.values[of.source][row] : missing_int64;
  }

  /// A value of a set, and how many rows of the group have it.
  struct Counted {
    std::int64_t value = 0, count = 0;
  };
  /// The set whose values a measure is taken of, or -1.
  [[nodiscard]] std::int64_t set_of(std::size_t measure) const { return plans_[measure].set; }
  /// A measure of groups with these states, as `columns()` stores it; doubles as their bits. Throws Error(numerical)
  /// for a sum that passes 64 bits, or has two words and is of more than 2^31 rows.
  void finish(std::size_t measure, std::span<const std::int64_t* const> states, std::span<std::int64_t> out) const;
  /// The same of a group with these values, ascending.
  [[nodiscard]] std::int64_t finish(std::size_t measure, const std::vector<Counted>& values) const;

 private:
  /// Where a measure's values come from, and how doubles become integers.
  struct Source {
    enum class Kind { column, amount, fixed_point, ordered } kind = Kind::column;
    std::size_t column = 0, times = 0;
    bool has_times = false;
    int shift = 0;  ///< of fixed point
    bool operator==(const Source&) const = default;
  };
  struct Word {
    enum class Op { rows, known, sum, low, high, maximum, minimum } op = Op::rows;
    std::size_t source = 0, filter = 0;
    bool operator==(const Word&) const = default;
  };
  struct ValueSet {
    std::size_t source = 0, filter = 0;
    bool operator==(const ValueSet&) const = default;
  };
  struct Plan {
    std::string name, stat;
    std::size_t word = 0, high = 0, count = 0;  ///< of the state
    bool wide = false, is_float = false;
    std::int64_t set = -1;
    double unit = 1, q = 0;
    int shift = 0;
  };

  void plan(const std::string& name, const Measure& measure, const MeasureColumns& columns);
  static Source source_of(const std::string& place, const Measure& measure, const MeasureColumns& columns,
                          Column& type);
  static bool is_wide(const Source& source, const MeasureColumns& columns);
  static std::vector<RowFilter> parse_filters(const std::string& place, const std::map<std::string, std::string>& where,
                                              const MeasureColumns& columns);
  std::size_t word(Word::Op op, std::size_t source, std::size_t filter);
  static void read(const Source& source, const RowTile& tile, std::vector<std::int64_t>& values);
  __extension__ using Wide = __int128;
  [[nodiscard]] static Wide wide_sum(const Plan& plan, const std::int64_t* state);
  [[nodiscard]] static std::int64_t sum(const Plan& plan, const std::int64_t* state);
  [[nodiscard]] static std::int64_t mean(const Plan& plan, const std::int64_t* state);
  [[nodiscard]] static std::int64_t extreme(const Plan& plan, std::int64_t word);
  [[nodiscard]] static double quantile(const Plan& plan, const std::vector<Counted>& values);

  std::vector<Source> sources_;
  std::vector<std::vector<RowFilter>> filters_;  ///< the first is that of all rows
  std::vector<Word> words_;
  std::vector<Merge> merges_;
  std::vector<ValueSet> sets_;
  std::vector<Plan> plans_;
  std::vector<Column> columns_;
};

}  // namespace cohort
