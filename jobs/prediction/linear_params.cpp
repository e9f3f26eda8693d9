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
             "auto takes newton up to 2000 coefficients; sgd only comes near, and is there to be compared with",
     .choices = {"auto", "newton", "lbfgs", "sgd"}},
    solver);
  f({.name = "sgd", .text = "How solver: sgd goes"}, sgd);
}

void SgdParams::describe(Fields& f) {
  f({.name = "epochs", .text = "How often it goes over the rows", .range = {1, 100000}}, epochs);
  f({.name = "batch_size", .text = "Rows of a step, about: runs of 128 rows drawn from all shards", .range = {1, 1e9}},
    batch_size);
  f({.name = "learning_rate",
     .text = "The first step, in standardised columns",
     .range = {1e-12, 1e6},
     .aliases = {"eta0"}},
    learning_rate);
  f({.name = "decay", .text = "A step in epoch t is learning_rate / (1 + decay x t)", .range = {0, 1e6}}, decay);
}

void SolverChoice::check(const ConfigNode& node, bool l1, const StandardErrors& errors) const {
  const Sgd::Params usual;
  const bool as_usual = sgd.epochs == usual.epochs && sgd.batch_size == usual.batch_size &&
                        sgd.learning_rate == usual.learning_rate && sgd.decay == usual.decay;
  if (solver != "sgd" && !as_usual) {
    throw node.error("sgd is read by solver: sgd alone", "set solver: sgd, or leave sgd out");
  }
  if (solver != "lbfgs" && solver != "sgd") return;
  if (l1) {
    throw node.error(fmt::format("{} needs a smooth loss, and an l1 penalty is not", solver),
                     "set solver: newton, or penalty: l2");
  }
  if (errors.covariance != "nonrobust") {
    throw node.error(fmt::format("{} gives no standard errors", solver), "set solver: newton, or leave covariance out");
  }
}

Glm::Solver SolverChoice::kind() const {
  if (solver == "sgd") return Glm::Solver::sgd;
  return solver == "newton" ? Glm::Solver::newton : solver == "lbfgs" ? Glm::Solver::lbfgs : Glm::Solver::automatic;
}

Sgd::Params SolverChoice::descent(std::int64_t random_state) const {
  Sgd::Params params = sgd;
  params.seed = static_cast<std::uint64_t>(random_state);
  return params;
}

}  // namespace cohort
