// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "algorithms/linear/coded_objective.hpp"
#include "algorithms/linear/glm_covariance.hpp"
#include "algorithms/linear/glm_loss.hpp"
#include "algorithms/linear/glm_newton.hpp"
#include "algorithms/linear/glm_objective.hpp"
#include "algorithms/linear/lbfgs.hpp"
#include "algorithms/linear/level_labels.hpp"
#include "algorithms/linear/linear_cholesky.hpp"
#include "algorithms/linear/own_units.hpp"
#include "algorithms/linear/sampled_rows.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double separated_from = 1e-8;  // of the information a coefficient began with
constexpr std::int64_t sample_rows = 65536;
constexpr double sample_information = 1e-2;  // less on some coefficient: the sample alone may be separated
constexpr std::size_t most_terms = 4096;     // 67 million products in each sum
constexpr std::size_t most_wide_terms = 1'000'000, most_wide_numbers = 65536;
constexpr std::size_t newton_terms = 2000;
constexpr double no_loss = 1e-5;  // of a row: the classes are told apart without a doubt

bool by_lbfgs(const Glm::Params& params, const DesignMatrix& design) {
  if (params.solver != Glm::Solver::automatic) return params.solver == Glm::Solver::lbfgs;
  return design.terms.size() > newton_terms && params.l1 == 0 && params.covariance == Glm::Covariance::nonrobust;
}

void check_size(const Glm::Params& params, const DesignMatrix& design) {
  const bool wide = params.solver == Glm::Solver::sgd || by_lbfgs(params, design);
  if (wide && design.numbers().size() > most_wide_numbers) {
    throw Error(ExitCode::plan_refused,
                fmt::format("the model would have {} numbers as features", design.numbers().size()),
                fmt::format("leave some out: at most {} are fitted", most_wide_numbers));
  }
  const std::size_t most = wide ? most_wide_terms : most_terms;
  if (design.terms.size() <= most) return;
  const auto widest =
      std::ranges::max_element(design.features, {}, [](const auto& feature) { return feature.levels.size(); });
  throw Error(ExitCode::plan_refused,
              fmt::format("the model would have {} coefficients, {} of them for the levels of column {}",
                          design.terms.size(), widest->levels.size(), widest->name),
              fmt::format("name it in recipe.target or recipe.hash, or leave it out: at most {} are fitted", most));
}

/// Refuses labels to which a law gives no probability.
void check_power_label(double power, const ColumnMoments& label) {
  if (label.min < 0 || (power == 2 && label.min == 0)) {
    throw Error(ExitCode::bad_data,
                fmt::format("the label goes down to {}, and a {} model needs labels {}", label.min,
                            power == 1   ? "Poisson"
                            : power == 2 ? "gamma"
                                         : "Tweedie",
                            power == 2 ? "above 0" : "of at least 0"),
                power == 2 && label.min == 0
                    ? "use family: tweedie, which allows zeros, or leave such rows out by weight"
                    : "clean the label, or use the linear job");
  }
  if (label.max == 0) {
    throw Error(ExitCode::bad_data, fmt::format("the label is 0 in all {} rows: no mean above 0 fits", label.count),
                "look at label and holdout");
  }
}

/// Weights of the classes by which both count half; throws for a label of one class.
std::vector<double> class_weights(const Glm::Params& params, const ColumnMoments& label) {
  if (params.family.kind == GlmFamily::Kind::power) check_power_label(params.family.power, label);
  if (params.family != GlmFamily::binomial) return {1};
  if (label.min == label.max) {
    throw Error(ExitCode::bad_data,
                fmt::format("all {} labelled rows are of one class ({})", label.count, label.max > 0 ? 1 : 0),
                "a classifier needs both: look at label, positive and holdout");
  }
  if (!params.balanced_classes) return {1};
  return {0.5 / (1 - label.mean), 0.5 / label.mean};
}

/// Collective. The optimum of a sample, from which two or three steps lead to that of many rows; nothing where there
/// are few, or where the sample has no optimum.
std::optional<std::vector<double>> start_from_sample(const Glm::Params& params, const LabelledRows& rows,
                                                     const FittedDesign& fitted, const Context& context) {
  const std::int64_t enough = std::max(sample_rows, 64 * std::ssize(fitted.design.terms));
  const std::int64_t stride = rows.table.total_rows() / enough;
  if (params.family == GlmFamily::gaussian || stride < 4) return std::nullopt;
  const SampledRows sample(rows.table, stride, context);
  const LabelledRows sampled{.table = sample, .labels = rows.labels};
  const GlmObjective objective(params.family, sampled, fitted, class_weights(params, fitted.label), context);
  Glm::Params of_sample = params;
  if (!params.mean_loss) {
    of_sample.penalty /= static_cast<double>(stride);
    of_sample.l1 /= static_cast<double>(stride);
  }
  of_sample.max_iter = 20;
  of_sample.tol = 1e-2;
  GlmLoss loss(of_sample, fitted, [&](const std::vector<double>& at) { return objective.evaluate(at); });
  GlmNewton newton(loss, of_sample.max_iter, of_sample.tol);
  Context without_checkpoints = context;  // it is done again as fast as it is read
  without_checkpoints.checkpoints = nullptr;
  without_checkpoints.show_progress = false;
  newton.run(without_checkpoints);
  if (!newton.converged || newton.least_information() < sample_information) return std::nullopt;
  return newton.coefficients();
}

/// Standard errors and variance inflation, where the optimum is the likelihood's own.
void set_errors(const GlmCovariance& found, Glm::Model& model) {
  const std::vector<std::uint8_t> given = where_zero(model.verdicts);
  model.standard_errors = own_unit_errors(model.design, found.matrix, 0, given);
  const Matrix plain = found.information.inverse();
  for (std::size_t j = 1; j < given.size(); ++j) {
    if (given[j] == 0) continue;
    const auto at = static_cast<std::int64_t>(j);
    model.vif[j] = plain.row(at)[j] * found.information.squares_beside_first(at);
  }
}

double residual_freedom(const Glm::Model& model) {
  return static_cast<double>(model.rows - std::ranges::count(model.verdicts, 0));
}

/// Which distribution the errors follow, and the dispersion of least squares.
void set_freedom(const Glm::Params& params, Glm::Model& model) {
  const bool normal =
      params.family == GlmFamily::binomial || (params.family == GlmFamily::poisson && !params.estimated_dispersion);
  const double freedom = residual_freedom(model);
  model.freedom = normal ? std::numeric_limits<double>::infinity() : freedom;
  if (params.family == GlmFamily::gaussian) model.dispersion = freedom > 0 ? 2 * model.loss / freedom : nan;
}

Glm::Verdict fixed_verdict(const Glm::Params& params, const Glm::Model& model, std::size_t j) {
  if (j > 0 && model.design.terms[j - 1].name == params.offset) return Glm::Verdict::offset;
  return j > 0 && !(model.design.terms[j - 1].sd > 0) ? Glm::Verdict::constant : Glm::Verdict::estimated;
}

Glm::Verdict verdict_of(const Glm::Params& params, const GlmNewton& newton, const Glm::Model& model, std::size_t j) {
  if (const Glm::Verdict fixed = fixed_verdict(params, model, j); fixed != Glm::Verdict::estimated) return fixed;
  if (params.l1 > 0) return j > 0 && model.standardised[j] == 0 ? Glm::Verdict::zero : Glm::Verdict::estimated;
  const Cholesky &first = *newton.first_factor(), &last = *newton.last_factor();
  if (first.active()[j] == 0) return Glm::Verdict::collinear;
  const bool left = last.pivots()[j] > separated_from * first.pivots()[j];
  return params.family != GlmFamily::gaussian && !left ? Glm::Verdict::separated : Glm::Verdict::estimated;
}

/// Collective. There is no information matrix to tell what has no optimum: a level of one class, or a model that
/// knows every row, does.
void set_wide_verdicts(const Glm::Params& params, const LabelledRows& rows, const Context& context, double weight,
                       Glm::Model& model) {
  const bool bounded = params.family == GlmFamily::gaussian || params.penalised();
  const bool perfect = params.family == GlmFamily::binomial && !bounded && model.loss < no_loss * weight;
  std::optional<LevelLabels> met;
  if (!bounded) met.emplace(2, rows, model.design, context);
  const auto endless = [&](std::size_t t) {
    return met && (met->never(t, 1) || (params.family == GlmFamily::binomial && met->never(t, 0)));
  };
  for (std::size_t j = 0; j < model.standardised.size(); ++j) {
    Glm::Verdict verdict = fixed_verdict(params, model, j);
    const bool separated = perfect || (j > 0 && endless(j - 1));
    if (separated && verdict == Glm::Verdict::estimated) verdict = Glm::Verdict::separated;
    model.verdicts.push_back(static_cast<std::int64_t>(verdict));
  }
}

/// Collective. The optimum by L-BFGS.
void fit_wide(const Glm::Params& params, const LabelledRows& rows, const FittedDesign& fitted, const Context& context,
              Glm::Model& model) {
  const CodedObjective objective({.family = params.family}, rows, fitted, class_weights(params, fitted.label), context);
  // What a squared standard error is worth in the loss, or rather more than that.
  const double unit =
      params.family == GlmFamily::gaussian && fitted.label.squares > 0 ? fitted.label.population_variance() : 1;
  double weight = 0, curvature = 1;
  GlmLoss loss(params, fitted, [&](const std::vector<double>& at) {
    CodedEvaluation here = objective.evaluate(at);
    weight = here.weight;
    curvature = here.curvature;
    return GlmEvaluation{.loss = here.loss, .weight = here.weight, .gradient = std::move(here.downhill), .hessian = {}};
  });
  Lbfgs descent(
      [&](const std::vector<double>& coefficients) {
        GlmEvaluation here = loss.evaluate(coefficients);
        here.gradient.resize(coefficients.size());
        for (std::size_t j = 0; j < here.gradient.size(); ++j) here.gradient[j] *= loss.movable()[j] / unit;
        return LossAt{.loss = here.loss / unit, .downhill = std::move(here.gradient), .curvature = curvature / unit};
      },
      loss.null());
  descent.run(params.tol, 10 * params.max_iter, "lbfgs", context);
  model.standardised = descent.at();
  model.loss = descent.loss * unit;
  model.n_iter = descent.n_iter;
  model.converged = descent.converged ? 1 : 0;
  set_wide_verdicts(params, rows, context, weight, model);
}

/// Collective. Near the optimum, by stochastic gradient descent.
void fit_by_sgd(const Glm::Params& params, const LabelledRows& rows, const FittedDesign& fitted, const Context& context,
                Glm::Model& model) {
  const CodedObjective objective({.family = params.family}, rows, fitted, class_weights(params, fitted.label), context);
  const double all = objective.evaluate(std::vector<double>(fitted.design.terms.size() + 1)).weight;
  const NumericTable* table = nullptr;
  GlmLoss loss(params, fitted, [&](const std::vector<double>& at) {
    CodedEvaluation here = objective.evaluate(at, *table);
    // As if all rows were like these: the penalty is on the sum over all.
    const double times = here.weight > 0 ? all / here.weight : 0;
    for (double& element : here.downhill) element *= times;
    return GlmEvaluation{.loss = here.loss * times, .weight = all, .gradient = std::move(here.downhill), .hessian = {}};
  });
  const auto evaluate = [&](const std::vector<double>& at, const NumericTable& of) {
    table = &of;
    GlmEvaluation here = loss.evaluate(at);
    here.gradient.resize(at.size());
    for (std::size_t j = 0; j < at.size(); ++j) here.gradient[j] *= loss.movable()[j] / all;
    return Sgd::Here{.loss = here.loss / all, .downhill = std::move(here.gradient)};
  };
  Sgd descent = Sgd::run(params.sgd, rows.table, evaluate, loss.null(), context);
  model.standardised = std::move(descent.at);
  model.epochs = std::move(descent.epochs);
  model.loss = model.epochs.back().loss * all;
  model.n_iter = std::ssize(model.epochs);
  model.converged = 0;  // it only comes near
  for (std::size_t j = 0; j < model.standardised.size(); ++j) {
    model.verdicts.push_back(static_cast<std::int64_t>(fixed_verdict(params, model, j)));
  }
}

/// Collective.
void fit_by_newton(const Glm::Params& params, const LabelledRows& rows, const FittedDesign& fitted,
                   const Context& context, Glm::Model& model) {
  const GlmObjective objective(params.family, rows, fitted, class_weights(params, fitted.label), context);
  GlmLoss loss(params, fitted, [&](const std::vector<double>& at) { return objective.evaluate(at); });
  GlmNewton newton(loss, params.max_iter, params.tol);
  if (const auto start = start_from_sample(params, rows, fitted, context)) newton.start_at(*start);
  newton.run(context);
  model.standardised = newton.coefficients();
  model.loss = newton.loss;
  model.n_iter = newton.n_iter;
  model.converged = newton.converged ? 1 : 0;
  for (std::size_t j = 0; j < model.standardised.size(); ++j) {
    model.verdicts.push_back(static_cast<std::int64_t>(verdict_of(params, newton, model, j)));
  }
  set_freedom(params, model);
  if (!params.penalised()) set_errors(glm_covariance(params, objective, newton, residual_freedom(model), model), model);
}

}  // namespace

bool Glm::Model::separated() const {
  return std::ranges::count(verdicts, static_cast<std::int64_t>(Verdict::separated)) > 0;
}

Glm::Model Glm::fit(const Params& params, const LabelledRows& rows, const Context& context) {
  const FittedDesign fitted = fit_design(params.design, rows, context);
  check_size(params, fitted.design);
  Model model{.family = static_cast<std::int64_t>(params.family.kind), .design = fitted.design};
  model.power = params.family.power;
  model.rows = fitted.label.count;
  model.standard_errors.assign(fitted.design.terms.size() + 1, nan);
  model.vif = model.standard_errors;
  if (params.solver == Solver::sgd) {
    fit_by_sgd(params, rows, fitted, context, model);
    set_freedom(params, model);
  } else if (by_lbfgs(params, fitted.design)) {
    fit_wide(params, rows, fitted, context, model);
    set_freedom(params, model);
  } else {
    fit_by_newton(params, rows, fitted, context, model);
  }
  if (model.separated()) model.converged = 0;
  model.coefficients = own_units(model.design, model.standardised);
  return model;
}

}  // namespace cohort
