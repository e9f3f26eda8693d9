// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm_newton.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "algorithms/linear/elastic_quadratic.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/resumable.hpp"

namespace cohort {
namespace {

constexpr double dependent = 1e-9;  // of a column's squares: less may be rounding
constexpr double nothing_left = 1e-13;
constexpr double well_conditioned = 1e-4;  // of the squares left to a column, and of the loss left to the model
constexpr double elastic_tol = 1e-13;
constexpr std::int64_t elastic_sweeps = 100'000;

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// A symmetric matrix, of which the upper triangle is stored, times a vector.
std::vector<double> times(const Matrix& upper, const std::vector<double>& x) {
  std::vector<double> result(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::span<const double> row = upper.row(static_cast<std::int64_t>(i));
    result[i] += row[i] * x[i];
    for (std::size_t j = i + 1; j < x.size(); ++j) {
      result[i] += row[j] * x[j];
      result[j] += row[j] * x[i];
    }
  }
  return result;
}

}  // namespace

GlmNewton::GlmNewton(NewtonLoss& to_go_down, std::int64_t max_iter, double tol)
    : loss_(to_go_down), max_iter_(max_iter), tol_(tol), at_(loss_.null()), active_(loss_.movable()) {}

double GlmNewton::least_information() const {
  double least = 1;
  if (!first_ || !last_) return least;
  for (std::size_t j = 0; j < active_.size(); ++j) {
    if (active_[j] != 0) least = std::min(least, last_->pivots()[j] / first_->pivots()[j]);
  }
  return least;
}

GlmEvaluation GlmNewton::begin() {
  GlmEvaluation here = loss_.evaluate(at_);
  if (std::isfinite(here.loss)) return here;
  at_ = loss_.null();  // a sample's optimum may be out of range for the rows it has not seen
  here = loss_.evaluate(at_);
  if (std::isfinite(here.loss)) return here;
  throw Error(ExitCode::bad_data, "the offset alone makes a mean too large or too small for a double",
              "an offset is on the scale of the logarithm of the mean: the log of an exposure, not the exposure");
}

void GlmNewton::run(const Context& context) {
  Progress progress(context.show_progress, "Newton steps", max_iter_);
  GlmEvaluation here = begin();
  Resumable loop(context, "newton", *this);
  if (n_iter > 0) {
    factorise(here);  // what depends on what was decided at the start
    here = loss_.evaluate(at_);
  }
  while (n_iter < max_iter_ && !converged && !separated) {
    factorise(here);
    if (separated) break;
    const Step step = loss_.shrinks() ? shrinking_step(here) : step_from(here);
    ++n_iter;
    progress.advance();
    converged = loss_.is_quadratic() ? n_iter == 2 || exact_enough(here, step)
                                     : short_enough(std::sqrt(std::max(step.squared, 0.0)));
    here = converged ? arrive(std::move(here), step) : descend(here, step);
    if (!converged) loop.boundary();
  }
  loss = here.loss;
}

/// Whether one step of least squares leaves no rounding worth another pass: no column nearly follows from others, and
/// the loss at the optimum is no small difference of large numbers.
bool GlmNewton::exact_enough(const GlmEvaluation& here, const Step& step) const {
  if (loss_.shrinks()) return false;
  for (std::size_t j = 0; j < active_.size(); ++j) {
    const double squares = here.hessian.row(static_cast<std::int64_t>(j))[j];
    if (active_[j] != 0 && !(first_->pivots()[j] > well_conditioned * squares)) return false;
  }
  return here.loss - step.gain / 2 > well_conditioned * here.loss;
}

/// Whether a step, in standard errors, is the last. Near the optimum the ratio of steps squares from one to the next:
/// it says how far this step still moves the curvature, and with it the standard errors, which are those before it.
bool GlmNewton::short_enough(double step) {
  const double before = std::exchange(step_, step), ratio = step / before;
  return step <= tol_ || (step <= 1000 * tol_ && 2 * ratio * ratio <= tol_);
}

void GlmNewton::factorise(const GlmEvaluation& here) {
  if (loss_.shrinks()) return;
  if (!first_) {
    first_.emplace(here.hessian, active_, dependent);
    last_ = first_;
    active_ = first_->active();
    return;
  }
  last_.emplace(here.hessian, active_, 0);
  separated = !(least_information() > nothing_left);
}

GlmNewton::Step GlmNewton::step_from(const GlmEvaluation& here) const {
  Step step{.move = last_->solve(here.gradient)};
  step.gain = step.squared = product(step.move, here.gradient);
  return step;
}

GlmNewton::Step GlmNewton::shrinking_step(const GlmEvaluation& here) const {
  std::vector<double> from = at_;
  for (std::size_t j = 0; j < from.size(); ++j) from[j] = active_[j] != 0 ? from[j] : 0;
  ElasticQuadratic model{.hessian = here.hessian, .linear = times(here.hessian, from)};
  for (std::size_t j = 0; j < from.size(); ++j) model.linear[j] += here.gradient[j];
  ElasticQuadratic of_terms = without_first(model);
  of_terms.active.assign(active_.begin() + 1, active_.end());
  for (std::size_t j = 1; j < from.size(); ++j) of_terms.l1.push_back(loss_.l1(j));
  const std::vector<double> least = Cholesky(of_terms.hessian, of_terms.active, dependent).solve(of_terms.linear);
  of_terms.squares = product(least, of_terms.linear);

  std::vector<double> to = solve_elastic(of_terms, {from.begin() + 1, from.end()}, elastic_tol, elastic_sweeps).x;
  to.insert(to.begin(), first_beside(model, to));
  Step step{.move = {}, .gain = loss_.l1_of(from) - loss_.l1_of(to)};
  for (std::size_t j = 0; j < from.size(); ++j) step.move.push_back(to[j] - from[j]);
  step.gain += product(step.move, here.gradient);
  step.squared = product(times(here.hessian, step.move), step.move);
  return step;
}

/// The last step: so short that another pass would tell nothing new.
GlmEvaluation GlmNewton::arrive(GlmEvaluation here, const Step& step) {
  for (std::size_t j = 0; j < at_.size(); ++j) at_[j] += step.move[j];
  here.loss -= step.gain - step.squared / 2;
  return here;
}

/// Goes along the step, halved until the loss falls.
GlmEvaluation GlmNewton::descend(const GlmEvaluation& here, Step step) {
  constexpr int most_halvings = 30;
  const std::vector<double> from = at_;
  const double rounding = 1e-13 * std::abs(here.loss);
  for (int halvings = 0;; ++halvings) {
    std::transform(from.begin(), from.end(), step.move.begin(), at_.begin(), std::plus<>());
    GlmEvaluation there = loss_.evaluate(at_);
    if (there.loss <= here.loss - 1e-4 * step.gain + rounding || halvings == most_halvings) return there;
    step.gain /= 2;
    for (double& move : step.move) move /= 2;
  }
}

}  // namespace cohort
