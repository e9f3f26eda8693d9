// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/softmax.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "algorithms/linear/coded_objective.hpp"
#include "algorithms/linear/glm_newton.hpp"
#include "algorithms/linear/lbfgs.hpp"
#include "algorithms/linear/level_labels.hpp"
#include "algorithms/linear/own_units.hpp"
#include "algorithms/linear/softmax_objective.hpp"
#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/elementary.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double separated_from = 1e-8;  // of the information a coefficient began with
constexpr std::size_t newton_coefficients = 2000, most_newton_coefficients = 4096, most_coefficients = 1'000'000;

using Verdict = Glm::Verdict;

struct Counts {
  std::vector<std::int64_t> rows;
  void parts(Parts& parts) { parts.sum(rows); }
};

/// Collective. Used rows of each class; throws for one without.
std::vector<std::int64_t> count_classes(const std::vector<std::string>& classes, const LabelledRows& rows,
                                        const Context& context) {
  const Counts identity{.rows = std::vector<std::int64_t>(classes.size())};
  Counts counts = aggregate_table(context, rows.table, identity, [&](Counts& state, const NumericBlock& block) {
    const std::span<const double> label = rows.label(block), weight = rows.weight(block);
    for (std::size_t i = 0; i < label.size(); ++i) {
      if (is_used(weight[i], label[i])) ++state.rows[static_cast<std::size_t>(label[i])];
    }
  });
  const auto none = std::ranges::find(counts.rows, 0);
  if (none == counts.rows.end()) return std::move(counts.rows);
  throw Error(
      ExitCode::bad_data,
      fmt::format("class {} has no row to learn from", classes[static_cast<std::size_t>(none - counts.rows.begin())]),
      "look at label, weight, holdout and cross_validate, or leave out the rows of that class");
}

/// The loss with its penalty. With coefficients b of the classes against the first, those that sum to 0 over all K
/// classes are b minus their mean over the classes, so their squares are b'b - (1'b)^2 / K.
class SoftmaxLoss final : public NewtonLoss {
 public:
  using OfRows = std::function<GlmEvaluation(const std::vector<double>&)>;
  SoftmaxLoss(const Softmax::Params& params, const FittedDesign& fitted, const std::vector<std::int64_t>& counts,
              OfRows of_rows)
      : of_rows_(std::move(of_rows)), size_(fitted.design.terms.size() + 1), l2_(size_), classes_(counts.size()) {
    for (std::size_t j = 1; j < size_; ++j) {
      const double sd = fitted.design.terms[j - 1].sd;
      if (sd > 0) l2_[j] = params.penalty / (params.design.scale == "standard" ? 1 : sd * sd);
    }
    for (std::size_t k = 1; k < classes_; ++k) {
      null_.push_back(
          params.balanced_classes ? 0 : cohort::log(static_cast<double>(counts[k]) / static_cast<double>(counts[0])));
      movable_.push_back(1);
      for (const DesignMatrix::Term& term : fitted.design.terms) {
        null_.push_back(0);
        movable_.push_back(term.sd > 0 ? 1 : 0);
      }
    }
  }

  GlmEvaluation evaluate(const std::vector<double>& at) override {
    GlmEvaluation result = of_rows_(at);
    if (!std::isfinite(result.loss)) return result;
    const auto share = 1 / static_cast<double>(classes_);
    for (std::size_t j = 1; j < size_; ++j) {
      double sum = 0;
      for (std::size_t i = j; i < at.size(); i += size_) sum += at[i];
      for (std::size_t i = j; i < at.size(); i += size_) {
        const double pull = l2_[j] * (at[i] - share * sum);
        result.loss += at[i] * pull / 2;
        result.gradient[i] -= pull;
        if (result.hessian.rows == 0) continue;
        const std::span<double> row = result.hessian.row(static_cast<std::int64_t>(i));
        row[i] += l2_[j];
        for (std::size_t other = i; other < at.size(); other += size_) row[other] -= share * l2_[j];
      }
    }
    return result;
  }
  [[nodiscard]] const std::vector<double>& null() const override { return null_; }
  [[nodiscard]] const std::vector<std::uint8_t>& movable() const override { return movable_; }

 private:
  OfRows of_rows_;
  std::size_t size_;
  std::vector<double> l2_, null_;
  std::size_t classes_;
  std::vector<std::uint8_t> movable_;
};

/// All a fit needs, whichever way it goes.
struct Problem {
  const Softmax::Params& params;
  const LabelledRows& rows;
  const FittedDesign& fitted;
  const std::vector<std::int64_t>& counts;
  const Context& context;

  [[nodiscard]] std::vector<double> class_weights() const {
    if (!params.balanced_classes) return {1};
    std::vector<double> weights;
    for (const std::int64_t count : counts) {
      weights.push_back(static_cast<double>(fitted.label.count) / static_cast<double>(std::ssize(counts) * count));
    }
    return weights;
  }
};

/// Collective.
void fit_by_newton(const Problem& problem, Softmax::Model& model) {
  const SoftmaxObjective objective(std::ssize(problem.counts), problem.rows, problem.fitted, problem.class_weights(),
                                   problem.context);
  SoftmaxLoss loss(problem.params, problem.fitted, problem.counts,
                   [&](const std::vector<double>& at) { return objective.evaluate(at); });
  GlmNewton newton(loss, problem.params.max_iter, problem.params.tol);
  newton.run(problem.context);
  model.standardised = newton.coefficients();
  model.loss = newton.loss;
  model.n_iter = newton.n_iter;
  model.converged = newton.converged ? 1 : 0;
  const Cholesky &first = *newton.first_factor(), &last = *newton.last_factor();
  for (std::size_t j = 0; j < model.standardised.size(); ++j) {
    Verdict verdict = Verdict::estimated;
    if (loss.movable()[j] == 0) {
      verdict = Verdict::constant;
    } else if (first.active()[j] == 0) {
      verdict = Verdict::collinear;
    } else if (!(last.pivots()[j] > separated_from * first.pivots()[j])) {
      verdict = Verdict::separated;
    }
    model.verdicts.push_back(static_cast<std::int64_t>(verdict));
  }
  if (problem.params.penalty > 0) return;
  const Matrix covariance = last.inverse();
  const std::vector<std::uint8_t> given = where_zero(model.verdicts);
  model.standard_errors.clear();
  for (std::size_t of_class = 0; of_class < given.size(); of_class += model.size()) {
    const std::vector<double> errors =
        own_unit_errors(model.design, covariance, of_class, std::span(given).subspan(of_class, model.size()));
    model.standard_errors.insert(model.standard_errors.end(), errors.begin(), errors.end());
  }
}

/// Collective.
void fit_wide(const Problem& problem, Softmax::Model& model) {
  const auto classes = static_cast<std::int64_t>(problem.counts.size());
  const CodedObjective objective({.classes = classes}, problem.rows, problem.fitted, problem.class_weights(),
                                 problem.context);
  double curvature = 1;
  SoftmaxLoss loss(problem.params, problem.fitted, problem.counts, [&](const std::vector<double>& at) {
    CodedEvaluation here = objective.evaluate(at);
    curvature = here.curvature;
    return GlmEvaluation{.loss = here.loss, .weight = here.weight, .gradient = std::move(here.downhill), .hessian = {}};
  });
  Lbfgs descent(
      [&](const std::vector<double>& at) {
        GlmEvaluation here = loss.evaluate(at);
        here.gradient.resize(at.size());
        return LossAt{.loss = here.loss, .downhill = std::move(here.gradient), .curvature = curvature};
      },
      loss.null());
  descent.run(problem.params.tol, 10 * problem.params.max_iter, "softmax", problem.context);
  model.standardised = descent.at();
  model.loss = descent.loss;
  model.n_iter = descent.n_iter;
  model.converged = descent.converged ? 1 : 0;
  std::optional<LevelLabels> met;
  if (problem.params.penalty == 0) met.emplace(classes, problem.rows, model.design, problem.context);
  for (std::size_t j = 0; j < model.standardised.size(); ++j) {
    const std::size_t term = j % model.size();
    const auto of_class = static_cast<std::int64_t>(j / model.size() + 1);
    Verdict verdict = loss.movable()[j] == 0 ? Verdict::constant : Verdict::estimated;
    if (met && term > 0 && (met->never(term - 1, of_class) || met->never(term - 1, 0))) verdict = Verdict::separated;
    model.verdicts.push_back(static_cast<std::int64_t>(verdict));
  }
}

bool by_lbfgs(Glm::Solver solver, std::size_t coefficients) {
  return solver == Glm::Solver::lbfgs || (solver == Glm::Solver::automatic && coefficients > newton_coefficients);
}

}  // namespace

bool Softmax::Model::separated() const {
  return std::ranges::count(verdicts, static_cast<std::int64_t>(Verdict::separated)) > 0;
}

Softmax::Model Softmax::fit(const Params& params, std::vector<std::string> classes, const LabelledRows& rows,
                            const Context& context) {
  const FittedDesign fitted = fit_design(params.design, rows, context);
  const std::vector<std::int64_t> counts = count_classes(classes, rows, context);
  Model model{.classes = std::move(classes), .design = fitted.design};
  model.rows = fitted.label.count;
  const std::size_t coefficients = (model.classes.size() - 1) * model.size();
  model.standard_errors.assign(coefficients, nan);
  const bool wide = by_lbfgs(params.solver, coefficients);
  if (coefficients > (wide ? most_coefficients : most_newton_coefficients)) {
    throw Error(ExitCode::plan_refused,
                fmt::format("the model would have {} coefficients: {} classes, {} terms", coefficients,
                            model.classes.size(), model.design.terms.size()),
                wide ? "name categories with many levels in recipe.target or recipe.hash, or leave them out"
                     : "set solver: auto or lbfgs");
  }
  const Problem problem{params, rows, fitted, counts, context};
  wide ? fit_wide(problem, model) : fit_by_newton(problem, model);
  if (model.separated()) model.converged = 0;
  for (std::size_t of_class = 0; of_class < coefficients; of_class += model.size()) {
    const std::vector<double> own =
        own_units(model.design, std::span(model.standardised).subspan(of_class, model.size()));
    model.coefficients.insert(model.coefficients.end(), own.begin(), own.end());
  }
  return model;
}

}  // namespace cohort
