// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/softmax_objective.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "algorithms/linear/chunk_products.hpp"
#include "algorithms/linear/gram.hpp"
#include "algorithms/linear/softmax_rows.hpp"
#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

/// Of one worker. Column 0 is the intercept's; the terms follow.
struct SoftmaxObjective::Workspace {
  Workspace(std::int64_t classes, std::int64_t size)
      : pairs(at(classes * (classes - 1) / 2), GramSums(size)),
        columns(at(padded_to_gram(size) * gram_rows)),
        weighed(columns.size()),
        eta(at((classes - 1) * gram_rows)),
        probabilities(at(classes * gram_rows)),
        gradient(at((classes - 1) * size * glm_lanes)) {}

  void clear() {
    for (GramSums& pair : pairs) pair.clear();
    std::ranges::fill(gradient, 0.0);
    loss = weight = 0;
  }

  std::vector<GramSums> pairs;  ///< (0, 1), (0, 2), ..., (1, 2), ...
  std::vector<double> columns, weighed, eta, probabilities, gradient;
  GlmRows rows{};
  double loss = 0, weight = 0;
};

SoftmaxObjective::SoftmaxObjective(std::int64_t classes, const LabelledRows& rows, const FittedDesign& fitted,
                                   std::vector<double> class_weights, const Context& context)
    : classes_(classes),
      rows_(rows),
      fitted_(fitted),
      class_weights_(std::move(class_weights)),
      context_(context),
      encoder_(fitted.design, rows.feature_names(), rows.labels, RecipeUse::learn),
      size_(std::ssize(fitted.design.terms) + 1) {}

/// Loss, weight, the gradients, and the upper triangles of the pairs.
std::vector<int> SoftmaxObjective::bounds(const std::vector<double>& coefficients) const {
  std::vector<int> reach{magnitude_bound(1)};
  for (const DesignMatrix::Term& term : fitted_.design.terms) reach.push_back(magnitude_bound(term.reach));
  double eta = 0;
  for (std::int64_t k = 0; k + 1 < classes_; ++k) {
    double of_class = std::abs(coefficients[at(k * size_)]);
    for (std::int64_t j = 1; j < size_; ++j) {
      of_class += std::abs(coefficients[at(k * size_ + j)]) * fitted_.design.terms[at(j - 1)].reach;
    }
    eta = std::max(eta, of_class);
  }
  const int weight = magnitude_bound(fitted_.largest_weight * *std::ranges::max_element(class_weights_));
  // One bit above the sum of exact terms: products and sums inside a block are rounded.
  const int rows = sum_bound(weight, rows_.table.total_rows()) + 1;
  std::vector<int> result{rows + magnitude_bound(2 * eta + static_cast<double>(classes_)) + 1, rows};
  for (std::int64_t k = 0; k + 1 < classes_; ++k) {
    for (const int column : reach) result.push_back(rows + 1 + column);
  }
  for (std::int64_t pair = 0; pair < classes_ * (classes_ - 1) / 2; ++pair) {
    for (std::size_t i = 0; i < reach.size(); ++i) {
      for (std::size_t j = i; j < reach.size(); ++j) result.push_back(rows + reach[i] + reach[j]);
    }
  }
  return result;
}

void SoftmaxObjective::add_pairs(Workspace& work) const {
  alignas(64) double root[gram_rows];
  std::size_t pair = 0;
  for (std::int64_t a = 0; a < classes_; ++a) {
    for (std::int64_t b = a + 1; b < classes_; ++b, ++pair) {
      const double *of_a = work.probabilities.data() + a * gram_rows, *of_b = work.probabilities.data() + b * gram_rows;
      for (std::int64_t i = 0; i < gram_rows; ++i) root[i] = std::sqrt(work.rows.weight[i] * of_a[i] * of_b[i]);
      for (std::int64_t j = 0; j < size_ * gram_rows; j += gram_rows) {
        const double* column = work.columns.data() + j;
        double* weighed = work.weighed.data() + j;
        for (std::int64_t i = 0; i < gram_rows; ++i) weighed[i] = column[i] * root[i];
      }
      work.pairs[pair].add(work.weighed.data());
    }
  }
}

void SoftmaxObjective::add_block(const NumericBlock& block, const std::vector<double>& coefficients,
                                 Workspace& work) const {
  work.clear();
  for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
    load_rows(rows_, class_weights_, block, first, work.rows);
    std::fill_n(work.columns.data(), gram_rows, 1.0);
    encoder_.encode(block, first, work.columns.data() + gram_rows);
    std::ranges::fill(work.eta, 0.0);
    for (std::int64_t k = 0; k + 1 < classes_; ++k) {
      add_predictor(work.columns.data(), size_, coefficients.data() + k * size_, work.eta.data() + k * gram_rows);
    }
    work.loss += softmax_respond(classes_, work.rows, work.eta.data(), work.probabilities.data());
    work.weight = std::accumulate(work.rows.weight, work.rows.weight + gram_rows, work.weight);
    for (std::int64_t k = 0; k + 1 < classes_; ++k) {
      add_gradient(work.columns.data(), size_, work.eta.data() + k * gram_rows,
                   work.gradient.data() + k * size_ * glm_lanes);
    }
    add_pairs(work);
  }
}

GlmEvaluation SoftmaxObjective::evaluate(const std::vector<double>& coefficients) const {
  std::vector<std::optional<Workspace>> workspaces(at(context_.threads));
  Readers readers(rows_.table, context_.threads);
  const ExactTotals totals =
      aggregate(context_, rows_.table.block_count(), ExactTotals{ExactSums(bounds(coefficients))},
                [&](int worker, ExactTotals& mine, std::int64_t index) {
                  std::optional<Workspace>& work = workspaces[at(worker)];
                  if (!work) work.emplace(classes_, size_);
                  add_block(readers.read(worker, index), coefficients, *work);
                  mine.sums.add(0, work->loss);
                  mine.sums.add(1, work->weight);
                  std::size_t next = 2;
                  for (auto lanes = work->gradient.begin(); lanes != work->gradient.end(); lanes += glm_lanes) {
                    mine.sums.add(next++, std::accumulate(lanes, lanes + glm_lanes, 0.0));
                  }
                  for (const GramSums& pair : work->pairs) {
                    for (std::int64_t i = 0; i < size_; ++i) {
                      for (std::int64_t j = i; j < size_; ++j) mine.sums.add(next++, pair.sum(i, j));
                    }
                  }
                });
  return evaluation_of(totals.sums);
}

GlmEvaluation SoftmaxObjective::evaluation_of(const ExactSums& sums) const {
  const std::int64_t all = (classes_ - 1) * size_;
  GlmEvaluation result{.loss = sums.value(0), .weight = sums.value(1), .gradient = {}, .hessian = Matrix(all, all)};
  std::size_t next = 2;
  for (std::int64_t j = 0; j < all; ++j) result.gradient.push_back(sums.value(next++));
  // Class a has its rows and columns from (a - 1) x size on; the first class has none.
  const auto add = [&](std::int64_t a, std::int64_t b, std::int64_t i, std::int64_t j, double value) {
    if (a > 0) result.hessian.row((a - 1) * size_ + i)[at((b - 1) * size_ + j)] += value;
  };
  for (std::int64_t a = 0; a < classes_; ++a) {
    for (std::int64_t b = a + 1; b < classes_; ++b) {
      for (std::int64_t i = 0; i < size_; ++i) {
        for (std::int64_t j = i; j < size_; ++j) {
          const double sum = sums.value(next++);
          add(a, a, i, j, sum);
          add(b, b, i, j, sum);
          add(a, b, i, j, -sum);
          if (i != j) add(a, b, j, i, -sum);
        }
      }
    }
  }
  return result;
}

}  // namespace cohort
