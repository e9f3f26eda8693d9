// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohort {

/// A dense table of doubles, row by row.
struct Matrix {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> values;

  Matrix() = default;
  Matrix(std::int64_t row_count, std::int64_t column_count)
      : rows(row_count), columns(column_count), values(static_cast<std::size_t>(row_count * column_count)) {}

  [[nodiscard]] std::span<double> row(std::int64_t i) {
    return {values.data() + i * columns, static_cast<std::size_t>(columns)};
  }
  [[nodiscard]] std::span<const double> row(std::int64_t i) const {
    return {values.data() + i * columns, static_cast<std::size_t>(columns)};
  }

  /// Names the members for whoever stores them.
  template <class Archive>
  void archive(Archive& members) {
    members("rows", rows);
    members("columns", columns);
    members("values", values);
  }
};

}  // namespace cohort
