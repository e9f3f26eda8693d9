// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm_objective.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "algorithms/linear/glm_limits.hpp"
#include "algorithms/linear/gram.hpp"
#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

/// Loss, weight, gradient and the upper triangle of the Hessian, one after the other.
struct State {
  ExactSums all;
  void parts(Parts& parts) { parts.exact(all); }
};

/// x' bread x of each row of a chunk.
std::array<double, gram_rows> squared_lengths(const double* columns, const Matrix& bread) {
  std::array<double, gram_rows> result{}, product;
  for (std::int64_t i = 0; i < bread.rows; ++i) {
    product.fill(0);
    const double* column = columns;
    for (const double element : bread.row(i)) {
      for (std::size_t k = 0; k < product.size(); ++k) product[k] += element * column[k];
      column += gram_rows;
    }
    for (std::size_t k = 0; k < product.size(); ++k) {
      result[k] += product[k] * columns[i * gram_rows + static_cast<std::int64_t>(k)];
    }
  }
  return result;
}

/// The curvature that is expected at this predictor.
double expected_curvature(GlmFamily family, const GlmRows& rows, std::int64_t i) {
  if (family.kind != GlmFamily::Kind::power) return rows.curvature[i];
  return rows.weight[i] * glm_mean(family, (2 - family.power) * rows.eta[i]);
}

}  // namespace

/// Of one worker. Column 0 is the intercept's; the terms follow.
struct GlmObjective::Workspace {
  explicit Workspace(std::int64_t size)
      : gram(size),
        columns(static_cast<std::size_t>(padded_to_gram(size) * gram_rows)),
        gradient(static_cast<std::size_t>(size * glm_lanes)) {}

  void clear() {
    gram.clear();
    std::ranges::fill(gradient, 0.0);
    std::ranges::fill(weights, 0.0);
    loss = 0;
  }
  [[nodiscard]] double gradient_of(std::int64_t column) const {
    const auto first = gradient.begin() + column * glm_lanes;
    return std::accumulate(first, first + glm_lanes, 0.0);
  }

  GramSums gram;
  std::vector<double> columns, gradient;
  GlmRows rows{};
  alignas(64) double weights[glm_lanes] = {};
  double loss = 0;
};

GlmObjective::GlmObjective(GlmFamily family, const LabelledRows& rows, const FittedDesign& fitted,
                           std::vector<double> class_weights, const Context& context)
    : family_(family),
      rows_(rows),
      fitted_(fitted),
      class_weights_(std::move(class_weights)),
      context_(context),
      encoder_(fitted.design, rows.feature_names(), rows.labels, RecipeUse::learn),
      size_(std::ssize(fitted.design.terms) + 1) {}

PredictorRange GlmObjective::range(const std::vector<double>& coefficients) const {
  if (family_.kind != GlmFamily::Kind::power) {
    double eta = std::abs(coefficients[0]);
    for (std::size_t t = 0; t < fitted_.design.terms.size(); ++t) {
      eta += std::abs(coefficients[t + 1]) * fitted_.design.terms[t].reach;
    }
    return {-eta, eta};
  }
  Readers readers(rows_.table, context_.threads);
  const PredictorExtremes found = aggregate(context_, rows_.table.block_count(), PredictorExtremes{},
                                            [&](int worker, PredictorExtremes& state, std::int64_t index) {
                                              const NumericBlock block = readers.read(worker, index);
                                              std::vector<double> columns(static_cast<std::size_t>(size_ * gram_rows));
                                              GlmRows rows{};
                                              for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
                                                load_chunk(block, first, columns.data(), rows);
                                                glm_predict(columns.data(), size_, coefficients.data(), rows);
                                                for (std::int64_t i = 0; i < gram_rows; ++i) {
                                                  if (rows.weight[i] > 0) state.add(rows.eta[i]);
                                                }
                                              }
                                            });
  return {found.low[0], found.high[0]};
}

std::vector<int> GlmObjective::reach() const {
  std::vector<int> result{magnitude_bound(1)};
  for (const DesignMatrix::Term& term : fitted_.design.terms) result.push_back(magnitude_bound(term.reach));
  return result;
}

std::vector<int> GlmObjective::bounds(const PredictorRange& eta, Sums sums, double leverage) const {
  const RowLimits row = row_limits(family_, fitted_.label, eta);
  const std::vector<int> columns = reach();
  const int weight =
      magnitude_bound(fitted_.largest_weight * *std::max_element(class_weights_.begin(), class_weights_.end()));
  // One bit above the sum of exact terms: products and sums inside a block are rounded.
  const int rows = sum_bound(weight, rows_.table.total_rows()) + 1;
  int square = row.curvature;
  if (sums == Sums::scores) square = 2 * row.residual + weight;
  if (sums == Sums::jackknife) square = 2 * (row.residual + magnitude_bound(1 / (1 - leverage))) + weight;
  std::vector<int> result{rows + (sums == Sums::information ? row.chi_squared : row.loss), rows};
  for (const int column : columns) result.push_back(rows + row.residual + column);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (std::size_t j = i; j < columns.size(); ++j) result.push_back(rows + square + columns[i] + columns[j]);
  }
  return result;
}

std::vector<int> GlmObjective::score_bounds(const std::vector<double>& coefficients) const {
  std::vector<int> result = reach();
  const int residual =
      row_limits(family_, fitted_.label, range(coefficients)).residual + magnitude_bound(fitted_.largest_weight);
  for (int& column : result) column += residual;
  return result;
}

void GlmObjective::load_chunk(const NumericBlock& block, std::int64_t first, double* columns, GlmRows& rows) const {
  load_rows(rows_, class_weights_, block, first, rows);
  std::fill_n(columns, gram_rows, 1.0);
  encoder_.encode(block, first, columns + gram_rows);
}

void GlmObjective::for_chunks(const NumericBlock& block, const std::vector<double>& coefficients,
                              const EachChunk& each) const {
  std::vector<double> columns(static_cast<std::size_t>(size_ * gram_rows));
  GlmRows rows{};
  for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
    load_chunk(block, first, columns.data(), rows);
    (void)glm_rows(family_, columns.data(), size_, coefficients.data(), rows);
    each(columns.data(), rows, block, first);
  }
}

void GlmObjective::put_in_place(Sums sums, const Matrix& bread, const double* columns, GlmRows& rows,
                                double& loss) const {
  if (sums == Sums::information) {
    loss = 0;
    for (std::int64_t i = 0; i < gram_rows; ++i) {
      rows.curvature[i] = expected_curvature(family_, rows, i);
      if (rows.weight[i] > 0) loss += rows.residual[i] * (rows.residual[i] / rows.curvature[i]);
    }
    return;
  }
  std::array<double, gram_rows> leverage{};
  if (sums == Sums::jackknife) leverage = squared_lengths(columns, bread);
  for (std::int64_t i = 0; i < gram_rows; ++i) {
    const double score = rows.residual[i] / (1 - rows.curvature[i] * leverage[static_cast<std::size_t>(i)]);
    rows.curvature[i] = score * score;
  }
}

double GlmObjective::largest_leverage(const std::vector<double>& coefficients, const Matrix& bread) const {
  Readers readers(rows_.table, context_.threads);
  const PredictorExtremes found =
      aggregate(context_, rows_.table.block_count(), PredictorExtremes{},
                [&](int worker, PredictorExtremes& state, std::int64_t index) {
                  for_chunks(readers.read(worker, index), coefficients,
                             [&](const double* columns, const GlmRows& rows, const NumericBlock&, std::int64_t) {
                               const std::array<double, gram_rows> lengths = squared_lengths(columns, bread);
                               for (std::size_t i = 0; i < lengths.size(); ++i)
                                 state.add(rows.curvature[i] * lengths[i]);
                             });
                });
  if (found.high[0] < 1 - 1e-9) return found.high[0];
  throw Error(ExitCode::numerical, "a row decides a coefficient alone, so that HC3 divides by 1 - leverage = 0",
              "use covariance: HC1, or leave out the category that a single row has");
}

void GlmObjective::add_block(const NumericBlock& block, const std::vector<double>& coefficients, Sums sums,
                             const Matrix& bread, Workspace& work) const {
  work.clear();
  double* columns = work.columns.data();
  for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
    load_chunk(block, first, columns, work.rows);
    double loss = glm_rows(family_, columns, size_, coefficients.data(), work.rows);
    if (sums != Sums::likelihood) put_in_place(sums, bread, columns, work.rows, loss);
    work.loss += loss;
    for (std::int64_t i = 0; i < gram_rows; i += glm_lanes) {
      for (std::int64_t lane = 0; lane < glm_lanes; ++lane) work.weights[lane] += work.rows.weight[i + lane];
    }
    glm_weigh(columns, size_, work.rows, work.gradient.data());
    work.gram.add(columns);
  }
}

GlmEvaluation GlmObjective::evaluate(const std::vector<double>& coefficients, Sums sums, const Matrix& bread) const {
  const PredictorRange eta = range(coefficients);
  if (family_.kind == GlmFamily::Kind::power && eta.largest() > largest_log_mean) {
    return {.loss = std::numeric_limits<double>::infinity(), .gradient = {}, .hessian = {}};
  }
  const double leverage = sums == Sums::jackknife ? largest_leverage(coefficients, bread) : 0;
  std::vector<std::optional<Workspace>> workspaces(static_cast<std::size_t>(context_.threads));
  Readers readers(rows_.table, context_.threads);
  const State identity{ExactSums(bounds(eta, sums, leverage))};
  const State state =
      aggregate(context_, rows_.table.block_count(), identity, [&](int worker, State& mine, std::int64_t index) {
        std::optional<Workspace>& work = workspaces[static_cast<std::size_t>(worker)];
        if (!work) work.emplace(size_);
        add_block(readers.read(worker, index), coefficients, sums, bread, *work);
        mine.all.add(0, work->loss);
        mine.all.add(1, std::accumulate(work->weights, work->weights + glm_lanes, 0.0));
        std::size_t next = 2;
        for (std::int64_t j = 0; j < size_; ++j) mine.all.add(next++, work->gradient_of(j));
        for (std::int64_t i = 0; i < size_; ++i) {
          for (std::int64_t j = i; j < size_; ++j) mine.all.add(next++, work->gram.sum(i, j));
        }
      });
  GlmEvaluation result{
      .loss = state.all.value(0), .weight = state.all.value(1), .gradient = {}, .hessian = Matrix(size_, size_)};
  std::size_t next = 2;
  for (std::int64_t j = 0; j < size_; ++j) result.gradient.push_back(state.all.value(next++));
  for (std::int64_t i = 0; i < size_; ++i) {
    for (auto j = static_cast<std::size_t>(i); j < static_cast<std::size_t>(size_); ++j) {
      result.hessian.row(i)[j] = state.all.value(next++);
    }
  }
  return result;
}

}  // namespace cohort
