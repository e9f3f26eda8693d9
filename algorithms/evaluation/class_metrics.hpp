// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "algorithms/evaluation/bootstrap.hpp"
#include "core/context.hpp"

namespace cohort {

/// A row whose class is known, and what a model of several classes said of it.
struct ClassRow {
  std::int32_t label = 0, predicted = 0;  ///< numbers of classes; predicted: the most probable
  double probability = 0;                 ///< of the label
  double weight = 1;                      ///< above 0
  std::uint64_t key = 0;                  ///< of the customer: a bootstrap draws by it
};

/// This rank's, block by block.
using ClassRows = std::vector<std::vector<ClassRow>>;

enum class ClassFigure : std::size_t { log_loss, accuracy, balanced_accuracy, f1_macro, f1_weighted, kappa, count };
inline constexpr auto class_figure_count = static_cast<std::size_t>(ClassFigure::count);
inline constexpr std::array<std::string_view, class_figure_count> class_figure_names{
    "log_loss", "accuracy", "balanced_accuracy", "f1_macro", "f1_weighted", "kappa"};

/// What a classifier of several classes is worth on rows with known labels, as scikit-learn counts it; with 95 %
/// percentile intervals of a bootstrap where there are replicates. Undefined figures are NaN.
struct ClassMetrics {
  std::int64_t rows = 0;
  std::size_t classes = 0;
  std::array<double, class_figure_count> figures{}, low{}, high{};
  std::vector<double> confusion;  ///< weights of rows by label, then by prediction

  [[nodiscard]] double weight(std::size_t label, std::size_t predicted) const {
    return confusion[label * classes + predicted];
  }
  struct OfClass {
    double weight = 0, precision = 0, recall = 0, f1 = 0;  ///< weight: of the rows that have the label
  };
  [[nodiscard]] OfClass of_class(std::size_t k) const;
};

/// Collective. One pass for the range of weights, one for exact sums, and one for each 32 replicates, of classes^2 sums
/// each.
[[nodiscard]] ClassMetrics class_metrics(const ClassRows& judged, std::size_t classes, const Bootstrap& bootstrap,
                                         const Context& context);

}  // namespace cohort
