// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "algorithms/linear/linear_cholesky.hpp"
#include "algorithms/linear/newton_loss.hpp"
#include "core/context.hpp"

namespace cohort {

/// Newton's method on a loss with penalties; with an L1 penalty each step solves a quadratic with that penalty (Lee,
/// Sun and Saunders, SIAM J. Optim. 2014).
class GlmNewton {
 public:
  GlmNewton(NewtonLoss& loss, std::int64_t max_iter, double tol);

  /// Begins from these coefficients instead of a constant mean.
  void start_at(std::vector<double> coefficients) { at_ = std::move(coefficients); }
  /// Collective. Throws Error(bad_data) where an offset alone leaves the range of doubles.
  void run(const Context& context);

  /// All that is kept in a checkpoint: a pass over the rows at these coefficients tells the rest.
  template <class Archive>
  void archive(Archive& members) {
    members("coefficients", at_);
    members("n_iter", n_iter);
    members("step", step_);
  }

  double loss = 0;  ///< with the penalties
  std::int64_t n_iter = 0;
  bool converged = false, separated = false;
  [[nodiscard]] const std::vector<double>& coefficients() const { return at_; }
  /// Of the second derivative at the start, which says what depends on what, and of the last; none with an L1 penalty.
  [[nodiscard]] const std::optional<Cholesky>& first_factor() const { return first_; }
  [[nodiscard]] const std::optional<Cholesky>& last_factor() const { return last_; }
  /// The least that is left of the information which a coefficient began with, as a share.
  [[nodiscard]] double least_information() const;

 private:
  struct Step {
    std::vector<double> move;
    double gain = 0;     ///< how much the loss falls to first order
    double squared = 0;  ///< move' hessian move
  };
  [[nodiscard]] GlmEvaluation begin();
  [[nodiscard]] bool exact_enough(const GlmEvaluation& here, const Step& step) const;
  [[nodiscard]] bool short_enough(double step);
  void factorise(const GlmEvaluation& here);
  [[nodiscard]] Step step_from(const GlmEvaluation& here) const;
  [[nodiscard]] Step shrinking_step(const GlmEvaluation& here) const;
  [[nodiscard]] GlmEvaluation arrive(GlmEvaluation here, const Step& step);
  [[nodiscard]] GlmEvaluation descend(const GlmEvaluation& here, Step step);

  NewtonLoss& loss_;
  std::int64_t max_iter_;
  double tol_;
  std::vector<double> at_;
  double step_ = 0;  ///< the last, in standard errors
  std::vector<std::uint8_t> active_;
  std::optional<Cholesky> first_, last_;
};

}  // namespace cohort
