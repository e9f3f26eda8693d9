// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/block.hpp"

namespace cohort {

/// An entry of `by`: a column, or a part of a column of times.
struct KeySpec {
  enum class Part { value, day, week, month, quarter, year, hour, weekday };
  std::string column;
  Part part = Part::value;

  /// "item", or "month(time)". Throws Error(bad_config) for another spelling.
  [[nodiscard]] static KeySpec parse(const std::string& text);
  /// Of the column in the result: "item", "time_month".
  [[nodiscard]] std::string name() const;
};

/// Where the stored values of a column lie; empty where low > high.
struct ValueRange {
  std::int64_t low = 0, high = -1;
};

/// How a row's key is packed: each field's code, counted from the least value there is, in as many bits as its range
/// needs, one after the other in words of 64 bits. So keys compare as the tuples they stand for, and mostly are one
/// word. Missing has the last code of its field.
class KeyLayout {
 public:
  static constexpr int most_words = 4;

  KeyLayout() = default;
  /// `specs[i]` reads column `sources[i]` of a tile, which is `columns[i]` and whose values lie in `ranges[i]`.
  /// Throws Error(bad_config) for columns that make no groups, Error(bad_data) for impossible dates.
  KeyLayout(std::span<const KeySpec> specs, std::vector<std::size_t> sources, std::span<const Column> columns,
            std::span<const ValueRange> ranges);

  [[nodiscard]] int words() const { return words_; }
  [[nodiscard]] int bits() const { return bits_; }  ///< of the last word
  /// Columns of the result, one a field.
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }

  /// Writes `words()` words for each row of the tile.
  void encode(const RowTile& tile, std::vector<std::uint64_t>& keys) const;
  /// The value of a field, as `columns()` stores it; missing_int64 for missing.
  [[nodiscard]] std::int64_t value(std::size_t field, const std::uint64_t* key) const;

 private:
  struct Field {
    std::size_t source = 0;
    std::int64_t low = 0;                ///< value of code 0; of times, the start of the first day or hour
    std::uint64_t codes = 0;             ///< besides missing
    std::uint64_t units = 1;             ///< of time, to a day or an hour
    std::vector<std::uint32_t> code_of;  ///< of a day or hour since `low`; empty: code = value - low
    std::vector<std::int32_t> value_of;  ///< of a code
    int word = 0, shift = 0;
    std::uint64_t mask = 0;
  };
  void plan_values(const ValueRange& range, Field& field);
  void plan_times(const KeySpec& spec, const Column& column, const ValueRange& range, Field& field);
  void place(Field& field);
  template <bool first, class Value>  // of its word: what stood there does not count
  void add_field(const Field& field, std::span<const Value> values, std::vector<std::uint64_t>& keys) const;

  std::vector<Field> fields_;
  std::vector<Column> columns_;
  int words_ = 1, bits_ = 0;
};

}  // namespace cohort
