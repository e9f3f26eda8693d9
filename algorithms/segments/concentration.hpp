// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/block.hpp"
#include "core/context.hpp"
#include "core/fields.hpp"

namespace cohort {

/// How a sum is spread over customers: Pareto's curve, ABC classes and Gini's coefficient, exact over all ranks.
struct Concentration {
  struct Params {
    double a_share = 0.8, b_share = 0.95;
    void describe(Fields& fields);
    /// Throws Error(bad_config) where the shares do not rise.
    void check() const;
  };

  struct Point {
    std::int64_t customers = 0;  ///< so many of the best
    double value = 0;            ///< what they bring together
    double least = 0;            ///< the last one's value
  };

  struct Model {
    std::int64_t customers = 0, missing = 0, negative = 0;
    double total = 0;
    double gini = 0;              ///< NaN without customers or where the total is not positive
    std::vector<Point> curve;     ///< after 1 %, 2 %, ... 100 % of the customers, rounded up
    double a_cut = 0, b_cut = 0;  ///< least values of classes A and B
  };

  /// Collective. Of the values of a table's only column. `spill` is a folder for what does not fit in memory.
  static Model fit(const Params& params, const NumericTable& table, const Context& context, const std::string& spill);

  /// 0, 1, 2 for A, B, C; -1 for a missing value.
  [[nodiscard]] static std::int32_t class_of(const Model& model, double value);
};

}  // namespace cohort
