// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "algorithms/evaluation/bootstrap.hpp"
#include "algorithms/evaluation/sorted_rows.hpp"

namespace cohort {

/// What a binary classifier is worth, figure by figure; undefined ones are NaN. Those from `accuracy` on call a row
/// positive at a probability of one half and above.
enum class BinaryFigure : std::size_t {
  roc_auc,            ///< ties count half
  gini,               ///< 2 x roc_auc - 1
  average_precision,  ///< as scikit-learn: sum of (recall step) x precision
  ks,                 ///< largest distance of the two classes' distribution functions
  log_loss,
  brier,
  ece,      ///< by ten bins of equal width
  lift_10,  ///< share of positives in the first tenth over that in all rows
  gain_10,  ///< share of all positives that the first tenth holds; a tie at its end is shared out
  accuracy,
  balanced_accuracy,
  precision,
  recall,
  f1,
  mcc,
  kappa,
  profit,  ///< of treating all rows at or above the threshold
  count
};
inline constexpr auto binary_figure_count = static_cast<std::size_t>(BinaryFigure::count);
inline constexpr std::array<std::string_view, binary_figure_count> binary_figure_names{
    "roc_auc", "gini",     "average_precision", "ks",        "log_loss", "brier", "ece", "lift@10",
    "gain@10", "accuracy", "balanced_accuracy", "precision", "recall",   "f1",    "mcc", "kappa",
    "profit"};

/// What a treated row brings if it is positive, and what it costs if not and if so.
struct Profit {
  double value = 0, cost = 0;
  double threshold = std::numeric_limits<double>::infinity();  ///< treated from this probability on
};

/// The figures of a replicate, and what they are made of.
struct BinaryReplicate {
  static constexpr std::size_t tenths = 10;
  std::array<double, binary_figure_count> figures{};
  double weight = 0, positive_weight = 0;
  std::array<double, tenths> captured{};         ///< weight of positives in the first k tenths
  std::array<double, tenths> bin_probability{};  ///< by tenths of the probability: sum of weight x probability,
  std::array<double, tenths> bin_weight{}, bin_positive{};
  std::vector<double> weight_of_bin, positive_of_bin;  ///< of each ScoreBins bin; of the rows themselves only

  [[nodiscard]] double& operator[](BinaryFigure figure) { return figures[static_cast<std::size_t>(figure)]; }
};

/// Collective. The figures of `Draw::lanes` replicates of the rows: two walks down the bins.
template <class Draw>
[[nodiscard]] std::vector<BinaryReplicate> binary_figures(const SortedRows& rows, const Profit& profit,
                                                          const Draw& draw, const Context& context);
extern template std::vector<BinaryReplicate> binary_figures(const SortedRows&, const Profit&, const OnceEach&,
                                                            const Context&);
extern template std::vector<BinaryReplicate> binary_figures(const SortedRows&, const Profit&, const PoissonLanes&,
                                                            const Context&);

}  // namespace cohort
