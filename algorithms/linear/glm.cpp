// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "algorithms/linear/glm_objective.hpp"
#include "algorithms/linear/linear_cholesky.hpp"
#include "algorithms/linear/sampled_rows.hpp"
#include "core/elementary.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/resumable.hpp"

namespace cohort {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double dependent = 1e-9;       // of a column's squares: less may be rounding
constexpr double separated_from = 1e-8;  // of the information a coefficient began with
constexpr double nothing_left = 1e-13;
constexpr double well_conditioned = 1e-4;  // of the squares left to a column, and of the loss left to the model
constexpr std::int64_t sample_rows = 65536;
constexpr double sample_information = 1e-2;  // less on some coefficient: the sample alone may be separated
constexpr std::size_t most_terms = 4096;     // 67 million products in each sum

void check_size(const DesignMatrix& design) {
  if (design.terms.size() <= most_terms) return;
  const auto widest =
      std::ranges::max_element(design.features, {}, [](const auto& feature) { return feature.levels.size(); });
  throw Error(ExitCode::plan_refused,
              fmt::format("the model would have {} coefficients, {} of them for the levels of column {}",
                          design.terms.size(), widest->levels.size(), widest->name),
              fmt::format("leave that column out of features: at most {} are fitted", most_terms));
}

/// Weights of the classes by which both count half; throws for a label of one class.
std::vector<double> class_weights(const Glm::Params& params, const ColumnMoments& label) {
  if (params.family != GlmFamily::binomial) return {1, 1};
  if (label.min == label.max) {
    throw Error(ExitCode::bad_data,
                fmt::format("all {} labelled rows are of one class ({})", label.count, label.max > 0 ? 1 : 0),
                "a classifier needs both: look at label, positive and holdout");
  }
  if (!params.balanced_classes) return {1, 1};
  return {0.5 / (1 - label.mean), 0.5 / label.mean};
}

/// Newton's method at work.
class Newton {
 public:
  Newton(const Glm::Params& params, const FittedDesign& fitted, const GlmObjective& objective)
      : params_(params),
        objective_(objective),
        at_(static_cast<std::size_t>(objective.size())),
        penalties_(at_.size()) {
    const bool binomial = params.family == GlmFamily::binomial;
    const double share = params.balanced_classes ? 0.5 : fitted.label.mean;
    at_[0] = binomial ? cohort::log(share / (1 - share)) : fitted.label.mean;
    active_.push_back(1);
    for (std::size_t t = 0; t < fitted.design.terms.size(); ++t) {
      const double sd = fitted.design.terms[t].sd;
      active_.push_back(sd > 0 ? 1 : 0);
      // The columns are standardised either way; a penalty on coefficients in their own units is one of 1 / sd^2 here.
      penalties_[t + 1] = params.design.scale == "standard" ? params.penalty : params.penalty / (sd * sd);
      if (!(sd > 0)) penalties_[t + 1] = 0;
    }
  }

  /// The least that is left of the information which a coefficient began with, as a share.
  [[nodiscard]] double least_information() const {
    double least = 1;
    for (std::size_t j = 0; j < active_.size(); ++j) {
      if (active_[j] != 0) least = std::min(least, factor.back().pivots()[j] / factor.front().pivots()[j]);
    }
    return least;
  }

  /// Begins from these coefficients.
  void start_at(std::vector<double> coefficients) { at_ = std::move(coefficients); }

  /// Collective.
  void run(const Context& context) {
    Progress progress(context.show_progress, "Newton steps", params_.max_iter);
    GlmEvaluation here = evaluate(at_);
    Resumable loop(context, "newton", *this);
    if (n_iter > 0) {
      factorise(here);  // what depends on what was decided at the start
      here = evaluate(at_);
    }
    while (n_iter < params_.max_iter && !converged && !separated) {
      factorise(here);
      if (separated) break;
      const std::vector<double> step = factor.back().solve(here.gradient);
      const double gain = std::inner_product(step.begin(), step.end(), here.gradient.begin(), 0.0);
      ++n_iter;
      progress.advance();
      converged = params_.family == GlmFamily::gaussian ? n_iter == 2 || exact_enough(here, gain)
                                                        : short_enough(std::sqrt(std::max(gain, 0.0)));
      here = converged ? arrive(here, step, gain) : descend(here, step, gain);
      if (!converged) loop.boundary();
    }
    loss = here.loss;
  }

  /// All that is kept in a checkpoint: a pass over the rows at these coefficients tells the rest.
  template <class Archive>
  void archive(Archive& members) {
    members("coefficients", at_);
    members("n_iter", n_iter);
    members("step", step_);
  }

  std::vector<Cholesky> factor;  ///< the first, which says what depends on what, and the last
  double loss = 0;
  std::int64_t n_iter = 0;
  bool converged = false, separated = false;
  [[nodiscard]] const std::vector<double>& coefficients() const { return at_; }

 private:
  GlmEvaluation evaluate(const std::vector<double>& coefficients) const {
    GlmEvaluation result = objective_.evaluate(coefficients);
    for (std::size_t j = 0; j < coefficients.size(); ++j) {
      result.loss += penalties_[j] * coefficients[j] * coefficients[j] / 2;
      result.gradient[j] -= penalties_[j] * coefficients[j];
      result.hessian.row(static_cast<std::int64_t>(j))[j] += penalties_[j];
    }
    return result;
  }

  /// Whether one step of least squares leaves no rounding worth another pass: no column nearly follows from others, and
  /// the loss at the optimum is no small difference of large numbers.
  [[nodiscard]] bool exact_enough(const GlmEvaluation& here, double gain) const {
    const Cholesky& first = factor.front();
    for (std::size_t j = 0; j < active_.size(); ++j) {
      const double squares = here.hessian.row(static_cast<std::int64_t>(j))[j];
      if (active_[j] != 0 && !(first.pivots()[j] > well_conditioned * squares)) return false;
    }
    return here.loss - gain / 2 > well_conditioned * here.loss;
  }

  /// Whether a step, in standard errors, is the last. Near the optimum the ratio of steps squares from one to the next:
  /// it says how far this step still moves the curvature, and with it the standard errors, which are those before it.
  [[nodiscard]] bool short_enough(double step) {
    const double before = std::exchange(step_, step), ratio = step / before;
    return step <= params_.tol || (step <= 1000 * params_.tol && 2 * ratio * ratio <= params_.tol);
  }

  void factorise(const GlmEvaluation& here) {
    if (factor.empty()) {
      factor.emplace_back(here.hessian, active_, dependent);
      active_ = factor.front().active();
      return;
    }
    if (factor.size() > 1) factor.pop_back();
    factor.emplace_back(here.hessian, active_, 0);
    separated = !(least_information() > nothing_left);
  }

  /// The last step: so short that another pass would tell nothing new.
  GlmEvaluation arrive(GlmEvaluation here, const std::vector<double>& step, double gain) {
    for (std::size_t j = 0; j < at_.size(); ++j) at_[j] += step[j];
    here.loss -= gain / 2;
    return here;
  }

  /// Goes along the step, halved until the loss falls.
  GlmEvaluation descend(const GlmEvaluation& here, std::vector<double> step, double gain) {
    constexpr int most_halvings = 30;
    const std::vector<double> from = at_;
    const double rounding = 1e-13 * std::abs(here.loss);
    for (int halvings = 0;; ++halvings) {
      std::transform(from.begin(), from.end(), step.begin(), at_.begin(), std::plus<>());
      GlmEvaluation there = evaluate(at_);
      if (there.loss <= here.loss - 1e-4 * gain + rounding || halvings == most_halvings) return there;
      gain /= 2;
      for (double& move : step) move /= 2;
    }
  }

  const Glm::Params& params_;
  const GlmObjective& objective_;
  std::vector<double> at_;
  std::vector<double> penalties_;
  double step_ = 0;  ///< the last, in standard errors
  std::vector<std::uint8_t> active_;
};

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
  of_sample.penalty /= static_cast<double>(stride);
  of_sample.max_iter = 20;
  of_sample.tol = 1e-2;
  Newton newton(of_sample, fitted, objective);
  Context without_checkpoints = context;  // it is done again as fast as it is read
  without_checkpoints.checkpoints = nullptr;
  without_checkpoints.show_progress = false;
  newton.run(without_checkpoints);
  if (!newton.converged || newton.least_information() < sample_information) return std::nullopt;
  return newton.coefficients();
}

void set_verdicts(const Newton& newton, Glm::Model& model) {
  const Cholesky &first = newton.factor.front(), &last = newton.factor.back();
  for (std::size_t j = 0; j < model.standardised.size(); ++j) {
    Glm::Verdict verdict = Glm::Verdict::estimated;
    if (j > 0 && !(model.design.terms[j - 1].sd > 0)) {
      verdict = Glm::Verdict::constant;
    } else if (first.active()[j] == 0) {
      verdict = Glm::Verdict::collinear;
    } else if (model.family == static_cast<std::int64_t>(GlmFamily::binomial) &&
               !(last.pivots()[j] > separated_from * first.pivots()[j])) {
      verdict = Glm::Verdict::separated;
    }
    model.verdicts.push_back(static_cast<std::int64_t>(verdict));
  }
}

/// Coefficients in the units of the columns, and their standard errors where the optimum is the likelihood's own.
void set_coefficients(const Glm::Params& params, const Newton& newton, Glm::Model& model) {
  const std::size_t size = model.standardised.size();
  const Matrix covariance = params.penalty == 0 ? newton.factor.back().inverse() : Matrix();
  std::vector<double> shift(size);  // the intercept in columns' units is `shift` times the standardised coefficients
  shift[0] = 1;
  model.coefficients.assign(size, 0);
  model.standard_errors.assign(size, nan);
  for (std::size_t j = 1; j < size; ++j) {
    const DesignMatrix::Term& term = model.design.terms[j - 1];
    if (!(term.sd > 0)) continue;
    shift[j] = -term.mean / term.sd;
    model.coefficients[j] = model.standardised[j] / term.sd;
    if (covariance.rows > 0 && model.verdicts[j] == 0) {
      model.standard_errors[j] =
          std::sqrt(model.dispersion * covariance.row(static_cast<std::int64_t>(j))[j]) / term.sd;
    }
  }
  model.coefficients[0] = std::inner_product(shift.begin(), shift.end(), model.standardised.begin(), 0.0);
  if (covariance.rows == 0 || model.verdicts[0] != 0) return;
  double variance = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::span<const double> row = covariance.row(static_cast<std::int64_t>(i));
    variance += shift[i] * std::inner_product(row.begin(), row.end(), shift.begin(), 0.0);
  }
  model.standard_errors[0] = std::sqrt(model.dispersion * variance);
}

}  // namespace

bool Glm::Model::separated() const {
  return std::ranges::count(verdicts, static_cast<std::int64_t>(Verdict::separated)) > 0;
}

Glm::Model Glm::fit(const Params& params, const LabelledRows& rows, const Context& context) {
  const FittedDesign fitted = fit_design(params.design, rows, context);
  check_size(fitted.design);
  const GlmObjective objective(params.family, rows, fitted, class_weights(params, fitted.label), context);
  Newton newton(params, fitted, objective);
  if (const auto start = start_from_sample(params, rows, fitted, context)) newton.start_at(*start);
  newton.run(context);

  Model model{.family = static_cast<std::int64_t>(params.family), .design = fitted.design};
  model.standardised = newton.coefficients();
  model.loss = newton.loss;
  model.rows = fitted.label.count;
  model.n_iter = newton.n_iter;
  set_verdicts(newton, model);
  model.converged = newton.converged && !model.separated() ? 1 : 0;
  if (params.family == GlmFamily::binomial) {
    model.freedom = std::numeric_limits<double>::infinity();
  } else {
    model.freedom = static_cast<double>(model.rows - std::ranges::count(model.verdicts, 0));
    model.dispersion = model.freedom > 0 ? 2 * model.loss / model.freedom : nan;
  }
  set_coefficients(params, newton, model);
  return model;
}

}  // namespace cohort
