// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/evaluation/judged_rows.hpp"
#include "core/context.hpp"

namespace cohort {

/// The judged rows of all ranks by probability: each of the ScoreBins lies on one rank, sorted, the highest first. A
/// weight is a whole number of units, so that sums of weights have no rounding and need no order.
class SortedRows {
 public:
  struct Row {
    double probability = 0;
    double units = 1;
    double positive = 0;  ///< the units again, or 0
    std::uint64_t key = 0;
  };
  struct Bin {
    std::size_t number = 0;
    std::vector<Row> rows;
  };

  /// Collective. A row travels once, 32 bytes. Throws Error(numerical) for what is no probability.
  SortedRows(const JudgedRows& judged, const std::string& spill_folder, const Context& context);

  [[nodiscard]] const std::vector<Bin>& bins() const {
    return bins_;
  }                                                          ///< of this rank; a bin without rows is left out
  [[nodiscard]] std::int64_t rows() const { return rows_; }  ///< over all ranks
  [[nodiscard]] std::int64_t positives() const { return positives_; }
  [[nodiscard]] bool weighted() const { return weighted_; }  ///< whether weights differ
  [[nodiscard]] double unit() const { return unit_; }        ///< weight of a unit: a power of two, or the only weight
  [[nodiscard]] double units() const { return units_; }      ///< of all rows

 private:
  void measure(const JudgedRows& judged, const Context& context);
  void exchange(const JudgedRows& judged, const std::string& spill_folder, const Context& context);

  std::vector<Bin> bins_;
  std::int64_t rows_ = 0, positives_ = 0;
  bool weighted_ = false;
  double unit_ = 1, units_ = 0;
};

}  // namespace cohort
