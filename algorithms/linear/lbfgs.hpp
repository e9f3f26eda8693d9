// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// A smooth convex loss at one point.
struct LossAt {
  double loss = 0;               ///< infinite where it leaves the range of doubles
  std::vector<double> downhill;  ///< minus the gradient; 0 where an unknown must not move
  double curvature = 1;          ///< the size of second derivatives, where nothing else is known of them
};

/// Limited-memory BFGS (Liu and Nocedal, Math. Prog. 1989) with the line search of Lewis and Overton (2013): a pass for
/// each point tried, and no matrix. 160 bytes an unknown.
class Lbfgs {
 public:
  using Evaluate = std::function<LossAt(const std::vector<double>&)>;  ///< collective

  Lbfgs(Evaluate evaluate, std::vector<double> start) : evaluate_(std::move(evaluate)), at_(std::move(start)) {}

  /// Collective. Until two steps in a row are expected to be shorter than `tol` in the loss's own metric: standard
  /// errors, for a likelihood. Goes on from a checkpoint of the same name.
  void run(double tol, std::int64_t max_iter, const std::string& name, const Context& context);

  template <class Archive>
  void archive(Archive& members) {
    members("at", at_);
    members("n_iter", n_iter);
    members("short", short_steps_);
    members("moves", moves_);
    members("changes", changes_);
  }

  std::int64_t n_iter = 0;
  bool converged = false;
  double loss = 0;
  [[nodiscard]] const std::vector<double>& at() const { return at_; }

 private:
  [[nodiscard]] std::vector<double> direction(const LossAt& here) const;
  [[nodiscard]] LossAt search(const LossAt& here, const std::vector<double>& along, double slope);
  void remember(std::vector<double> move, std::vector<double> change);

  Evaluate evaluate_;
  std::vector<double> at_;
  std::int64_t short_steps_ = 0;                      ///< in a row
  std::vector<std::vector<double>> moves_, changes_;  ///< of the last steps, the oldest first
};

}  // namespace cohort
