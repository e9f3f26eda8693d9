// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm_objective.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "algorithms/linear/gram.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

/// Loss, gradient and the upper triangle of the Hessian, one after the other.
struct Sums {
  ExactSums all;
  void parts(Parts& parts) { parts.exact(all); }
};

}  // namespace

/// Of one worker. Column 0 is the intercept's; the terms follow.
struct GlmObjective::Workspace {
  explicit Workspace(std::int64_t size)
      : gram(size),
        columns(static_cast<std::size_t>(gram.padded_columns() * gram_rows)),
        gradient(static_cast<std::size_t>(size * glm_lanes)) {}

  void clear() {
    gram.clear();
    std::ranges::fill(gradient, 0.0);
    loss = 0;
  }
  [[nodiscard]] double gradient_of(std::int64_t column) const {
    const auto first = gradient.begin() + column * glm_lanes;
    return std::accumulate(first, first + glm_lanes, 0.0);
  }

  GramSums gram;
  std::vector<double> columns, gradient;
  GlmRows rows{};
  double loss = 0;
};

GlmObjective::GlmObjective(GlmFamily family, const LabelledRows& rows, const FittedDesign& fitted,
                           std::vector<double> class_weights, const Context& context)
    : family_(family),
      rows_(rows),
      fitted_(fitted),
      class_weights_(std::move(class_weights)),
      context_(context),
      encoder_(
          fitted.design,
          {rows.table.columns().begin(), rows.table.columns().begin() + static_cast<std::ptrdiff_t>(rows.features())},
          rows.labels),
      size_(std::ssize(fitted.design.terms) + 1) {}

std::vector<int> GlmObjective::bounds(const std::vector<double>& coefficients) const {
  std::vector<int> reach{magnitude_bound(1)};
  double eta = std::abs(coefficients[0]);
  for (std::size_t t = 0; t < fitted_.design.terms.size(); ++t) {
    reach.push_back(magnitude_bound(fitted_.design.terms[t].reach));
    eta += std::abs(coefficients[t + 1]) * fitted_.design.terms[t].reach;
  }
  const double label = std::max(std::abs(fitted_.label.min), std::abs(fitted_.label.max));
  const double weight = fitted_.largest_weight * *std::max_element(class_weights_.begin(), class_weights_.end());
  const bool gaussian = family_ == GlmFamily::gaussian;
  // One bit above the sum of exact terms: products and sums inside a block are rounded.
  const int rows = sum_bound(magnitude_bound(weight), rows_.table.total_rows()) + 1;
  const int residual = rows + magnitude_bound(gaussian ? label + eta : 1);
  std::vector<int> result{rows + (gaussian ? 2 * magnitude_bound(label + eta) : magnitude_bound(eta + 1) + 1)};
  for (const int column : reach) result.push_back(residual + column);
  for (std::size_t i = 0; i < reach.size(); ++i) {
    for (std::size_t j = i; j < reach.size(); ++j) result.push_back(rows + reach[i] + reach[j]);
  }
  return result;
}

void GlmObjective::load_rows(const NumericBlock& block, std::int64_t first, GlmRows& rows) const {
  const std::span<const double> label = rows_.label(block), weight = rows_.weight(block);
  const std::int64_t count = std::min(gram_rows, block.rows - first);
  for (std::int64_t i = 0; i < count; ++i) {
    const double y = label[static_cast<std::size_t>(first + i)], w = weight[static_cast<std::size_t>(first + i)];
    const bool used = w > 0 && y == y;
    rows.label[i] = used ? y : 0;
    rows.weight[i] = used ? w * class_weights_[family_ == GlmFamily::binomial && y > 0 ? 1 : 0] : 0;
  }
  std::fill(rows.label + count, rows.label + gram_rows, 0.0);
  std::fill(rows.weight + count, rows.weight + gram_rows, 0.0);
}

void GlmObjective::add_block(const NumericBlock& block, const std::vector<double>& coefficients,
                             Workspace& work) const {
  work.clear();
  double* columns = work.columns.data();
  for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
    load_rows(block, first, work.rows);
    std::fill_n(columns, gram_rows, 1.0);
    encoder_.encode(block, first, columns + gram_rows);
    work.loss += glm_rows(family_, columns, size_, coefficients.data(), work.rows);
    glm_weigh(columns, size_, work.rows, work.gradient.data());
    work.gram.add(columns);
  }
}

GlmEvaluation GlmObjective::evaluate(const std::vector<double>& coefficients) const {
  std::vector<std::optional<Workspace>> workspaces(static_cast<std::size_t>(context_.threads));
  Readers readers(rows_.table, context_.threads);
  const Sums identity{ExactSums(bounds(coefficients))};
  const Sums sums =
      aggregate(context_, rows_.table.block_count(), identity, [&](int worker, Sums& state, std::int64_t index) {
        std::optional<Workspace>& work = workspaces[static_cast<std::size_t>(worker)];
        if (!work) work.emplace(size_);
        add_block(readers.read(worker, index), coefficients, *work);
        std::size_t next = 0;
        state.all.add(next++, work->loss);
        for (std::int64_t j = 0; j < size_; ++j) state.all.add(next++, work->gradient_of(j));
        for (std::int64_t i = 0; i < size_; ++i) {
          for (std::int64_t j = i; j < size_; ++j) state.all.add(next++, work->gram.sum(i, j));
        }
      });
  GlmEvaluation result{.loss = sums.all.value(0), .gradient = {}, .hessian = Matrix(size_, size_)};
  std::size_t next = 1;
  for (std::int64_t j = 0; j < size_; ++j) result.gradient.push_back(sums.all.value(next++));
  for (std::int64_t i = 0; i < size_; ++i) {
    for (auto j = static_cast<std::size_t>(i); j < static_cast<std::size_t>(size_); ++j) {
      result.hessian.row(i)[j] = sums.all.value(next++);
    }
  }
  return result;
}

}  // namespace cohort
