// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/linear_params.hpp"

namespace cohort {

void StandardErrors::describe(Fields& f) {
  f({.name = "covariance",
     .text = "Standard errors: nonrobust trusts the model's variance; HC0, HC1 and HC3 let it differ from row to row "
             "(HC3 reads the rows twice more); cluster lets the rows of a group depend on each other",
     .choices = {"nonrobust", "HC0", "HC1", "HC3", "cluster"},
     .aliases = {"cov_type"}},
    covariance);
  f({.name = "group", .text = "Column that names each row's group, for covariance: cluster", .aliases = {"groups"}},
    group);
}

void StandardErrors::check(const ConfigNode& node) const {
  if (covariance == "cluster" && group.empty()) {
    throw node.error("covariance: cluster needs to know the groups", "name their column in group");
  }
  if (covariance != "cluster" && !group.empty()) {
    throw node.error("group is read for covariance: cluster alone", "set covariance: cluster, or leave group out");
  }
}

Glm::Covariance StandardErrors::kind() const {
  if (covariance == "HC0") return Glm::Covariance::hc0;
  if (covariance == "HC1") return Glm::Covariance::hc1;
  if (covariance == "HC3") return Glm::Covariance::hc3;
  return covariance == "cluster" ? Glm::Covariance::cluster : Glm::Covariance::nonrobust;
}

void ElasticPenalty::describe(Fields& f) {
  f({.name = "penalty",
     .text = "What alpha multiplies: l2 half the sum of squared coefficients, l1 the sum of absolute ones, elasticnet "
             "both by l1_ratio",
     .choices = {"l2", "l1", "elasticnet"}},
    penalty);
  f({.name = "l1_ratio", .text = "elasticnet: the share of l1", .range = {0, 1}, .aliases = {"elasticNetParam"}},
    l1_ratio);
}

double ElasticPenalty::l1_share() const {
  return penalty == "l1" ? 1 : penalty == "elasticnet" ? l1_ratio : 0;
}

void NewtonLimits::describe(Fields& f) {
  f({.name = "max_iter", .text = "Newton steps", .range = {1, 10000}, .aliases = {"maxIter"}}, max_iter);
  f({.name = "tol",
     .text = "Stop when coefficients are off by less than this many standard errors, and these by this share",
     .range = {0, 1}},
    tol);
}

void SolverChoice::describe(Fields& f) {
  f({.name = "solver",
     .text = "newton gives standard errors; lbfgs needs no matrix of coefficients x coefficients and gives none; "
             "auto takes newton up to 2000 coefficients",
     .choices = {"auto", "newton", "lbfgs"}},
    solver);
}

void SolverChoice::check(const ConfigNode& node, bool l1, const StandardErrors& errors) const {
  if (solver != "lbfgs") return;
  if (l1) throw node.error("lbfgs needs a smooth loss, and an l1 penalty is not", "set solver: newton, or penalty: l2");
  if (errors.covariance != "nonrobust") {
    throw node.error("lbfgs gives no standard errors", "set solver: newton, or leave covariance out");
  }
}

Glm::Solver SolverChoice::kind() const {
  return solver == "newton" ? Glm::Solver::newton : solver == "lbfgs" ? Glm::Solver::lbfgs : Glm::Solver::automatic;
}

}  // namespace cohort
