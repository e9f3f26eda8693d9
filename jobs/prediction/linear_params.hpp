// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "algorithms/linear/glm.hpp"
#include "core/config.hpp"
#include "core/fields.hpp"

namespace cohort {

/// How standard errors come about: keys that all linear jobs have.
struct StandardErrors {
  std::string covariance = "nonrobust", group;

  void describe(Fields& f);
  /// Throws Error(bad_config) where clusters are asked for without a column, or the other way round.
  void check(const ConfigNode& node) const;
  [[nodiscard]] Glm::Covariance kind() const;
};

/// A penalty on the mean loss, as scikit-learn's ElasticNet and generalised linear regressors have it.
struct ElasticPenalty {
  std::string penalty = "l2";
  double alpha = 0, l1_ratio = 0.5;

  void describe(Fields& f);
  [[nodiscard]] double l1_share() const;  ///< of alpha
};

/// When Newton's method has done enough.
struct NewtonLimits {
  std::int64_t max_iter = 100;
  double tol = 1e-6;

  void describe(Fields& f);
};

/// How stochastic gradient descent goes.
struct SgdParams : Sgd::Params {
  void describe(Fields& f);
};

/// Which method finds the optimum.
struct SolverChoice {
  std::string solver = "auto";
  SgdParams sgd;

  void describe(Fields& f);
  /// Throws Error(bad_config) where the method cannot do what else is asked for.
  void check(const ConfigNode& node, bool l1, const StandardErrors& errors) const;
  [[nodiscard]] Glm::Solver kind() const;
  [[nodiscard]] Sgd::Params descent(std::int64_t random_state) const;
};

}  // namespace cohort
