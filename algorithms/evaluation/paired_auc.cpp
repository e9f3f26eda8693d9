// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/paired_auc.hpp"

#include <cmath>

#include "algorithms/evaluation/wide_sum.hpp"
#include "algorithms/statistics/score_places.hpp"
#include "core/aggregate.hpp"

namespace cohort {
namespace {

using Scores = std::vector<std::vector<double>>;
using Places = std::vector<std::vector<std::int64_t>>;

/// Sums over the rows of one class of what each classifier places below them.
struct ClassSums {
  std::int64_t rows = 0;
  WideSum first, second, first_squared, second_squared, product;
  void parts(Parts& parts) {
    parts.sum(rows);
    for (WideSum* sum : {&first, &second, &first_squared, &second_squared, &product}) sum->parts(parts);
  }
  void add(Wide a, Wide b) {
    ++rows;
    first.add(a);
    second.add(b);
    first_squared.add(a * a);
    second_squared.add(b * b);
    product.add(a * b);
  }
  /// Of the difference of the two, over `unit` squared.
  [[nodiscard]] double variance_of_difference(double unit) const {
    const Wide a = first.total(), b = second.total();
    return covariance(a, a, first_squared.total(), rows, unit) + covariance(b, b, second_squared.total(), rows, unit) -
           2 * covariance(a, b, product.total(), rows, unit);
  }
};

struct BothClasses {
  std::array<ClassSums, 2> of_class;
  void parts(Parts& parts) {
    for (ClassSums& sums : of_class) sums.parts(parts);
  }
};

/// Collective. Rows below plus half of those equal, itself included, twice; less a number that all rows share.
Places twice_below(const Scores& scores, const std::string& spill_folder, const Context& context) {
  Scores reversed = scores;
  for (auto& block : reversed) {
    for (double& score : block) score = -score;
  }
  Places below = places_of(reversed, spill_folder, context);
  const Places above = places_of(scores, spill_folder, context);
  for (std::size_t b = 0; b < below.size(); ++b) {
    for (std::size_t i = 0; i < below[b].size(); ++i) below[b][i] -= above[b][i];
  }
  return below;
}

/// Collective. For the rows of a class, in their order: how many of the other class lie below, twice, ties counting
/// half; less a number that all rows of the class share.
Places others_below(const Scores& scores, const PairedScores& rows, std::int64_t of_class,
                    const std::string& spill_folder, const Context& context) {
  const Places among_all = twice_below(scores, spill_folder, context);
  Scores own(scores.size());
  Places result(scores.size());
  for (std::size_t b = 0; b < scores.size(); ++b) {
    for (std::size_t i = 0; i < scores[b].size(); ++i) {
      if (rows.positives[b][i] != of_class) continue;
      own[b].push_back(scores[b][i]);
      result[b].push_back(among_all[b][i]);
    }
  }
  const Places among_own = twice_below(own, spill_folder, context);
  for (std::size_t b = 0; b < result.size(); ++b) {
    for (std::size_t i = 0; i < result[b].size(); ++i) result[b][i] -= among_own[b][i];
  }
  return result;
}

}  // namespace

PairedAuc paired_auc(const PairedScores& rows, const std::string& spill_folder, const Context& context) {
  BothClasses sums;
  for (const std::int64_t of_class : {0, 1}) {
    std::array<Places, 2> below;
    for (const std::size_t k : {0U, 1U}) {
      below[k] = others_below(rows.scores[k], rows, of_class, spill_folder, context);
    }
    const auto at = static_cast<std::size_t>(of_class);
    sums.of_class[at] =
        aggregate(context, std::ssize(below[0]), ClassSums{}, [&](int, ClassSums& state, std::int64_t b) {
          const auto &first = below[0][static_cast<std::size_t>(b)], &second = below[1][static_cast<std::size_t>(b)];
          for (std::size_t i = 0; i < first.size(); ++i) state.add(first[i], second[i]);
        });
  }
  const ClassSums &negative = sums.of_class[0], &positive = sums.of_class[1];
  const auto n = static_cast<double>(negative.rows), p = static_cast<double>(positive.rows);
  // Among all rows 2 x below + equal is (places from below - places from above) + rows: what was left out is the other
  // class's number of rows.
  const auto area = [&](const WideSum& sum) {
    return static_cast<double>(sum.total() + Wide{negative.rows} * positive.rows) / (2 * n * p);
  };
  PairedAuc result{.roc_auc = {area(positive.first), area(positive.second)}};
  result.difference = static_cast<double>(positive.second.total() - positive.first.total()) / (2 * n * p);
  const double variance = positive.variance_of_difference(2 * n) / p + negative.variance_of_difference(2 * p) / n;
  result.standard_error = std::sqrt(variance);
  if (variance > 0) result.p_value = std::erfc(std::abs(result.difference) / result.standard_error / std::sqrt(2.0));
  return result;
}

}  // namespace cohort
