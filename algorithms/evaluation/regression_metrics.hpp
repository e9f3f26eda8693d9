// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "algorithms/evaluation/bootstrap.hpp"
#include "algorithms/evaluation/judged_rows.hpp"
#include "core/context.hpp"

namespace cohort {

enum class RegressionFigure : std::size_t {
  rmse,
  mae,
  r2,    ///< 1 - squared errors / squared distances from the mean label; NaN for equal labels
  bias,  ///< mean of prediction - label
  mape,  ///< as scikit-learn: mean of |error| / |label|, a label of 0 counting as 2^-52
  count
};
inline constexpr auto regression_figure_count = static_cast<std::size_t>(RegressionFigure::count);
inline constexpr std::array<std::string_view, regression_figure_count> regression_figure_names{"rmse", "mae", "r2",
                                                                                               "bias", "mape"};

/// What predictions of numbers are worth on rows with known labels, weighted; with 95 % percentile intervals of a
/// bootstrap where there are replicates. Undefined figures are NaN.
struct RegressionMetrics {
  std::int64_t rows = 0;
  std::array<double, regression_figure_count> figures{}, low{}, high{};

  [[nodiscard]] double operator[](RegressionFigure figure) const { return figures[static_cast<std::size_t>(figure)]; }
};

/// Collective. Two passes, extremes and exact sums, and one for each 32 replicates.
[[nodiscard]] RegressionMetrics regression_metrics(const JudgedRows& judged, const Bootstrap& bootstrap,
                                                   const Context& context);

}  // namespace cohort
