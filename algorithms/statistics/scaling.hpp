// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/statistics/moments.hpp"
#include "core/block.hpp"
#include "core/context.hpp"
#include "core/fields.hpp"

namespace cohort {

/// A fixed transform of each column: x -> ((log1p) x - shift) / divisor.
struct Scaling {
  struct Params {
    std::string scale = "none";      ///< none, standard: (x - mean) / population sd, robust: (x - median) / IQR
    std::vector<std::string> log1p;  ///< columns replaced by ln(1 + x) first; "all" for all
    void describe(Fields& fields);
  };

  struct Column {
    std::string name;
    std::int64_t log1p = 0;  ///< 1: ln(1 + x) comes first
    double shift = 0;
    double divisor = 1;

    /// Throws Error(bad_data) for the logarithm of a negative value.
    [[nodiscard]] double apply(double x) const;
    [[nodiscard]] double invert(double z) const;

    template <class Archive>
    void archive(Archive& members) {
      members("name", name);
      members("log1p", log1p);
      members("shift", shift);
      members("divisor", divisor);
    }
  };

  std::vector<Column> columns;

  template <class Archive>
  void archive(Archive& members) {
    members("columns", columns);
  }
};

/// A scaling and the moments of its columns in the units it puts out.
struct FittedScaling {
  Scaling scaling;
  std::vector<ColumnMoments> moments;
};

/// Collective. Learns the scaling of the columns `features` (empty: all). `none` still centres on the mean, which no
/// distance notices and rounding does. A constant column becomes 0. Throws Error(bad_config) for an unknown column.
[[nodiscard]] FittedScaling fit_scaling(const Scaling::Params& params, const std::vector<std::string>& features,
                                        const NumericTable& table, const Context& context);

/// Position of each name among `columns`; throws Error(bad_config) naming what there is.
[[nodiscard]] std::vector<std::size_t> positions_of(const std::vector<std::string>& names,
                                                    const std::vector<std::string>& columns);

/// The scaled columns of another table, computed block by block as they are read.
class ScaledTable : public NumericTable {
 public:
  /// The table must outlive this one.
  ScaledTable(const NumericTable& table, const Scaling& scaling);

  [[nodiscard]] const std::vector<std::string>& columns() const override { return names_; }
  [[nodiscard]] std::int64_t total_rows() const override { return table_.total_rows(); }
  [[nodiscard]] std::int64_t block_count() const override { return table_.block_count(); }
  [[nodiscard]] std::int64_t block_rows(std::int64_t index) const override { return table_.block_rows(index); }
  [[nodiscard]] std::unique_ptr<Reader> reader() const override;

 private:
  class ScalingReader;
  const NumericTable& table_;
  Scaling scaling_;
  std::vector<std::string> names_;
  std::vector<std::size_t> positions_;
};

}  // namespace cohort
