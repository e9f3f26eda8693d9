// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/lbfgs.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/progress.hpp"
#include "core/resumable.hpp"

namespace cohort {
namespace {

constexpr std::size_t memory = 10;
constexpr double enough_descent = 1e-4, enough_curvature = 0.9;
constexpr int most_trials = 40;

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void add(double times, const std::vector<double>& what, std::vector<double>& to) {
  for (std::size_t j = 0; j < to.size(); ++j) to[j] += times * what[j];
}

}  // namespace

/// The two loops over the last steps.
std::vector<double> Lbfgs::direction(const LossAt& here) const {
  std::vector<double> along = here.downhill, shares(moves_.size());
  for (std::size_t k = moves_.size(); k-- > 0;) {
    shares[k] = product(moves_[k], along) / product(moves_[k], changes_[k]);
    add(-shares[k], changes_[k], along);
  }
  double scale = 1 / here.curvature;
  if (!moves_.empty()) scale = product(moves_.back(), changes_.back()) / product(changes_.back(), changes_.back());
  for (double& x : along) x *= scale;
  for (std::size_t k = 0; k < moves_.size(); ++k) {
    add(shares[k] - product(changes_[k], along) / product(moves_[k], changes_[k]), moves_[k], along);
  }
  return along;
}

/// Bisects until the loss has fallen enough and the slope has flattened enough; moves there.
LossAt Lbfgs::search(const LossAt& here, const std::vector<double>& along, double slope) {
  const std::vector<double> from = at_;
  const double rounding = 1e-13 * std::abs(here.loss);
  double low = 0, high = std::numeric_limits<double>::infinity(), step = 1;
  for (int trial = 1;; ++trial) {
    at_ = from;
    add(step, along, at_);
    LossAt there = evaluate_(at_);
    const bool falls = there.loss <= here.loss - enough_descent * step * slope + rounding;
    const bool flattens = falls && product(there.downhill, along) <= enough_curvature * slope;
    if (flattens || (falls && trial >= most_trials)) return there;
    if (trial >= 2 * most_trials) {
      at_ = from;
      return here;
    }
    (falls ? low : high) = step;
    step = std::isinf(high) ? 2 * low : (low + high) / 2;
  }
}

void Lbfgs::remember(std::vector<double> move, std::vector<double> change) {
  // Where rounding is all that is left, a step says nothing of the curvature.
  if (!(product(move, change) > 1e-14 * std::sqrt(product(move, move) * product(change, change)))) return;
  if (moves_.size() == memory) {
    moves_.erase(moves_.begin());
    changes_.erase(changes_.begin());
  }
  moves_.push_back(std::move(move));
  changes_.push_back(std::move(change));
}

void Lbfgs::run(double tol, std::int64_t max_iter, const std::string& name, const Context& context) {
  Progress progress(context.show_progress, "L-BFGS steps", max_iter);
  Resumable loop(context, name, *this);
  LossAt here = evaluate_(at_);
  while (n_iter < max_iter && !converged) {
    const std::vector<double> along = direction(here);
    const double slope = product(along, here.downhill);
    short_steps_ = slope <= tol * tol ? short_steps_ + 1 : 0;
    converged = short_steps_ == 2 || !(slope > 0);
    if (converged) break;
    const std::vector<double> from = at_, downhill = here.downhill;
    here = search(here, along, slope);
    ++n_iter;
    progress.advance();
    std::vector<double> move = at_, change = downhill;
    add(-1, from, move);
    add(-1, here.downhill, change);
    if (product(move, move) == 0) {  // no step falls: all that is left is rounding
      converged = true;
      break;
    }
    remember(std::move(move), std::move(change));
    loop.boundary();
  }
  loss = here.loss;
}

}  // namespace cohort
