// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/coded_objective.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "algorithms/linear/chunk_products.hpp"
#include "algorithms/linear/coded_predictor.hpp"
#include "algorithms/linear/softmax_rows.hpp"
#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

constexpr std::size_t stride = static_cast<std::size_t>(gram_rows);
constexpr std::size_t first_gradient = 3;  // after loss, weight and curvature

std::vector<CodedPredictor> predictors_of(const Response& response, const DesignMatrix& design,
                                          const std::vector<double>& coefficients) {
  std::vector<CodedPredictor> predictors;
  const std::size_t size = design.terms.size() + 1;
  for (std::size_t k = 0; k < static_cast<std::size_t>(response.outputs()); ++k) {
    predictors.emplace_back(design, std::span(coefficients).subspan(k * size, size));
  }
  return predictors;
}

}  // namespace

/// Of one worker: what a chunk needs, and what the rows of a block add up to.
struct CodedObjective::Workspace {
  Workspace(std::int64_t outputs, std::int64_t size, std::size_t numbers)
      : responses(static_cast<std::size_t>(outputs) * stride),
        probabilities(static_cast<std::size_t>(outputs + 1) * stride),
        of_numbers(static_cast<std::size_t>(outputs) * numbers * glm_lanes),
        of_terms(static_cast<std::size_t>(outputs * size)),
        met(static_cast<std::size_t>(size)),
        intercepts(static_cast<std::size_t>(outputs)) {}

  CodedChunk chunk;
  GlmRows rows{};
  std::vector<double> responses;      ///< predictors, then residuals, output after output
  std::vector<double> probabilities;  ///< of classes
  std::vector<double> of_numbers;     ///< glm_lanes gradients of each number, output after output
  std::vector<double> of_terms;       ///< sums of residuals by 1 + term, output after output
  std::vector<std::uint8_t> met;      ///< by 1 + term
  std::vector<std::int32_t> touched;  ///< the terms met, which are few of many
  std::vector<double> intercepts;     ///< sums of residuals
  double loss = 0, weight = 0, curvature = 0;

  void clear() {
    const std::size_t size = met.size();
    for (const std::int32_t term : touched) {
      const auto at = static_cast<std::size_t>(term + 1);
      met[at] = 0;
      for (std::size_t k = 0; k < intercepts.size(); ++k) of_terms[k * size + at] = 0;
    }
    touched.clear();
    std::ranges::fill(of_numbers, 0.0);
    std::ranges::fill(intercepts, 0.0);
    loss = weight = curvature = 0;
  }
  void touch() {
    for (const std::int32_t term : chunk.terms) {
      if (met[static_cast<std::size_t>(term + 1)] != 0) continue;
      met[static_cast<std::size_t>(term + 1)] = 1;
      touched.push_back(term);
    }
  }
};

CodedObjective::CodedObjective(Response response, const LabelledRows& rows, const FittedDesign& fitted,
                               std::vector<double> class_weights, const Context& context)
    : response_(response),
      rows_(rows),
      fitted_(fitted),
      class_weights_(std::move(class_weights)),
      context_(context),
      encoder_(fitted.design, rows.feature_names(), rows.labels, RecipeUse::learn),
      terms_(std::ssize(fitted.design.terms) + 1),
      numbers_(fitted.design.numbers()) {}

void CodedObjective::load(const NumericBlock& block, std::int64_t first, Workspace& work) const {
  load_rows(rows_, class_weights_, block, first, work.rows);
  encoder_.encode(block, first, work.chunk);
}

PredictorRange CodedObjective::range(const std::vector<CodedPredictor>& predictors, const NumericTable& table) const {
  if (response_.classes > 0 || response_.family.kind != GlmFamily::Kind::power) {
    double largest = 0;
    for (const CodedPredictor& predictor : predictors) largest = std::max(largest, predictor.largest());
    return {-largest, largest};
  }
  Readers readers(table, context_.threads);
  const PredictorExtremes found = aggregate(context_, table.block_count(), PredictorExtremes{},
                                            [&](int worker, PredictorExtremes& state, std::int64_t index) {
                                              const NumericBlock block = readers.read(worker, index);
                                              Workspace work(0, 0, 0);
                                              for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
                                                load(block, first, work);
                                                predictors.front()(work.chunk, work.rows.eta);
                                                for (std::int64_t i = 0; i < gram_rows; ++i) {
                                                  if (work.rows.weight[i] > 0) state.add(work.rows.eta[i]);
                                                }
                                              }
                                            });
  return {found.low[0], found.high[0]};
}

/// Loss, weight, curvature, and a gradient for each coefficient.
std::vector<int> CodedObjective::bounds(const PredictorRange& eta) const {
  RowLimits row = {.loss = 0, .residual = 0, .curvature = 0, .chi_squared = 0};
  if (response_.classes > 0) {
    row.loss = magnitude_bound(2 * eta.largest() + static_cast<double>(response_.classes)) + 1;
  } else {
    row = row_limits(response_.family, fitted_.label, eta);
  }
  const int weight =
      magnitude_bound(fitted_.largest_weight * *std::max_element(class_weights_.begin(), class_weights_.end()));
  // One bit above the sum of exact terms: products and sums inside a block are rounded.
  const int rows = sum_bound(weight, rows_.table.total_rows()) + 1;
  std::vector<int> result{rows + row.loss, rows, rows + row.curvature};
  for (std::int64_t k = 0; k < response_.outputs(); ++k) {
    result.push_back(rows + row.residual + 1);
    for (const DesignMatrix::Term& term : fitted_.design.terms) {
      result.push_back(rows + row.residual + 1 + (term.level < 0 ? magnitude_bound(term.reach) : 0));
    }
  }
  return result;
}

void CodedObjective::add_block(const NumericBlock& block, const std::vector<CodedPredictor>& predictors,
                               Workspace& work) const {
  work.clear();
  const auto size = static_cast<std::size_t>(terms_);
  GlmRows& rows = work.rows;
  for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
    load(block, first, work);
    work.touch();
    double* responses = response_.classes > 0 ? work.responses.data() : rows.eta;
    for (std::size_t k = 0; k < predictors.size(); ++k) predictors[k](work.chunk, responses + k * stride);
    if (response_.classes > 0) {
      work.loss += softmax_respond(response_.classes, rows, responses, work.probabilities.data());
      for (std::size_t i = 0; i < stride; ++i) {
        const double p = work.probabilities[stride + i];
        work.curvature += rows.weight[i] * p * (1 - p);
      }
    } else {
      work.loss += glm_respond(response_.family, rows);
      work.curvature = std::accumulate(rows.curvature, rows.curvature + gram_rows, work.curvature);
      responses = rows.residual;
    }
    work.weight = std::accumulate(rows.weight, rows.weight + gram_rows, work.weight);
    for (std::size_t k = 0; k < predictors.size(); ++k) {
      const double* residual = responses + k * stride;
      add_gradient(work.chunk.numbers.data(), std::ssize(numbers_), residual,
                   work.of_numbers.data() + k * numbers_.size() * glm_lanes);
      work.intercepts[k] = std::accumulate(residual, residual + gram_rows, work.intercepts[k]);
      double* of_terms = work.of_terms.data() + k * size + 1;
      for (std::size_t at = 0; at < work.chunk.terms.size(); ++at)
        of_terms[work.chunk.terms[at]] += residual[at % stride];
    }
  }
}

CodedEvaluation CodedObjective::evaluate(const std::vector<double>& coefficients) const {
  return evaluate(coefficients, rows_.table);
}

CodedEvaluation CodedObjective::evaluate(const std::vector<double>& coefficients, const NumericTable& table) const {
  const std::vector<CodedPredictor> predictors = predictors_of(response_, fitted_.design, coefficients);
  const PredictorRange eta = range(predictors, table);
  // A predictor that is not a number compares with nothing.
  if (!(eta.largest() <= (response_.family.kind == GlmFamily::Kind::power ? largest_log_mean : 1e150))) {
    return {.loss = std::numeric_limits<double>::infinity(), .downhill = {}};
  }
  const auto size = static_cast<std::size_t>(terms_);
  std::vector<std::optional<Workspace>> workspaces(static_cast<std::size_t>(context_.threads));
  Readers readers(table, context_.threads);
  const ExactTotals totals =
      aggregate(context_, table.block_count(), ExactTotals{ExactSums(bounds(eta))},
                [&](int worker, ExactTotals& mine, std::int64_t index) {
                  std::optional<Workspace>& work = workspaces[static_cast<std::size_t>(worker)];
                  if (!work) work.emplace(response_.outputs(), terms_, numbers_.size());
                  add_block(readers.read(worker, index), predictors, *work);
                  mine.sums.add(0, work->loss);
                  mine.sums.add(1, work->weight);
                  mine.sums.add(2, work->curvature);
                  for (std::size_t k = 0; k < predictors.size(); ++k) {
                    const std::size_t of_output = first_gradient + k * size;
                    mine.sums.add(of_output, work->intercepts[k]);
                    for (std::size_t j = 0; j < numbers_.size(); ++j) {
                      const auto lanes =
                          work->of_numbers.begin() + static_cast<std::ptrdiff_t>((k * numbers_.size() + j) * glm_lanes);
                      mine.sums.add(of_output + 1 + numbers_[j], std::accumulate(lanes, lanes + glm_lanes, 0.0));
                    }
                    for (const std::int32_t term : work->touched) {
                      const auto at = static_cast<std::size_t>(term + 1);
                      if (at > 0) mine.sums.add(of_output + at, work->of_terms[k * size + at]);
                    }
                  }
                });
  CodedEvaluation result{.loss = totals.sums.value(0),
                         .weight = totals.sums.value(1),
                         .curvature = totals.sums.value(2),
                         .downhill = std::vector<double>(coefficients.size())};
  for (std::size_t k = 0; k < predictors.size(); ++k) {
    const double all = totals.sums.value(first_gradient + k * size);
    result.downhill[k * size] = all;
    for (std::size_t t = 0; t < fitted_.design.terms.size(); ++t) {
      const DesignMatrix::Term& term = fitted_.design.terms[t];
      const double sum = totals.sums.value(first_gradient + k * size + 1 + t);
      const bool varies = term.sd > 0;
      result.downhill[k * size + 1 + t] = term.level < 0 ? sum : varies ? (sum - term.mean * all) / term.sd : 0;
    }
  }
  return result;
}

}  // namespace cohort
