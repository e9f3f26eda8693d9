// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/linear/coded_predictor.hpp"
#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/glm_rows.hpp"
#include "algorithms/linear/linear_reasons.hpp"
#include "algorithms/linear/sgd.hpp"
#include "core/fields.hpp"

namespace cohort {

/// Generalised linear models by Newton's method (IRLS; McCullagh and Nelder, Generalized Linear Models, 1989) with an
/// optional elastic-net penalty. A pass over the rows gives loss, gradient and Hessian as exact sums; least squares
/// takes two, the second of which removes the rounding of the first.
struct Glm {
  /// How standard errors come about (White 1980; MacKinnon and White 1985; Liang and Zeger 1986).
  enum class Covariance { nonrobust, hc0, hc1, hc3, cluster };

  /// Newton's method, or L-BFGS, which needs no matrix of terms x terms and gives no standard errors; automatic takes
  /// the latter from 2,000 terms on. Stochastic gradient descent is there to be compared with.
  enum class Solver { automatic, newton, lbfgs, sgd };

  struct Params {
    GlmFamily family = GlmFamily::gaussian;
    double penalty = 0;             ///< loss is the sum over rows plus penalty / 2 x sum of squared coefficients
    double l1 = 0;                  ///< plus l1 x sum of absolute coefficients
    bool mean_loss = false;         ///< both penalties are multiplied by the sum of weights
    bool balanced_classes = false;  ///< binomial: both classes weigh the same
    std::string offset;             ///< a feature whose coefficient is 1 in its own units
    Covariance covariance = Covariance::nonrobust;
    bool estimated_dispersion = false;  ///< Poisson: errors grow by Pearson's dispersion instead of 1
    Solver solver = Solver::automatic;
    std::int64_t max_iter = 100;  ///< Newton steps; ten times as many of L-BFGS
    double tol = 1e-6;            ///< of the result: coefficients in standard errors, standard errors relative
    Sgd::Params sgd;
    DesignMatrix::Params design;
    [[nodiscard]] bool penalised() const { return penalty > 0 || l1 > 0; }
  };

  /// Why a coefficient is what it is.
  enum class Verdict : std::int64_t { estimated = 0, constant = 1, collinear = 2, separated = 3, offset = 4, zero = 5 };

  /// Vectors begin with the intercept; the terms of the design follow.
  struct Model {
    std::int64_t family = 0;
    DesignMatrix design;
    std::vector<double> standardised;     ///< coefficients of (x - mean) / sd
    std::vector<double> coefficients;     ///< in the units of the columns
    std::vector<double> standard_errors;  ///< NaN under a penalty and where there is none
    std::vector<double> vif;              ///< variance inflation: 1 / (1 - R2 of the term by the others); NaN likewise
    std::vector<std::int64_t> verdicts;
    double power = 0;    ///< of a power law
    double freedom = 0;  ///< degrees of freedom of the t distribution; infinite for binomial and Poisson
    double loss = 0;     ///< at the optimum, with the penalty
    double dispersion = 1;
    double pearson = 0;  ///< Pearson's chi-squared by residual degrees of freedom, of a power law
    std::int64_t clusters = 0;
    std::int64_t rows = 0, n_iter = 0, converged = 0;
    std::string positive;            ///< binomial: the label that counts as 1
    std::vector<Sgd::Epoch> epochs;  ///< of stochastic gradient descent; does not travel

    template <class Archive>
    void archive(Archive& members) {
      members("family", family);
      members("power", power);
      members("design", design);
      members("standardised", standardised);
      members("coefficients", coefficients);
      members("standard_errors", standard_errors);
      members("vif", vif);
      members("verdicts", verdicts);
      members("freedom", freedom);
      members("loss", loss);
      members("dispersion", dispersion);
      members("pearson", pearson);
      members("clusters", clusters);
      members("rows", rows);
      members("n_iter", n_iter);
      members("converged", converged);
      members("positive", positive);
    }
    [[nodiscard]] bool separated() const;
    [[nodiscard]] GlmFamily law() const { return {static_cast<GlmFamily::Kind>(family), power}; }
    [[nodiscard]] bool classifies() const { return law() == GlmFamily::binomial; }
  };

  /// Collective. Binomial labels are 0 and 1. Throws Error(bad_data) for a label of one class, one that a power law
  /// cannot have, or what fit_design finds.
  static Model fit(const Params& params, const LabelledRows& rows, const Context& context);

  /// Applies a model to blocks of a table with these columns. Thread-safe.
  class Scorer {
   public:
    struct Scores {
      std::vector<double> means;                  ///< prediction or probability
      std::vector<LinearReasons::OfRow> reasons;  ///< numbers in LinearReasons::labels()
    };
    Scorer(const Model& model, const std::vector<std::string>& columns,
           const std::vector<std::vector<std::string>>& labels);
    [[nodiscard]] std::vector<double> means(const NumericBlock& block) const;
    /// With the terms whose contributions to the linear predictor, against the average row, are the largest.
    [[nodiscard]] Scores explain(const NumericBlock& block) const;

   private:
    template <class EachRow>
    void for_rows(const NumericBlock& block, const EachRow& each) const;

    GlmFamily law_;
    DesignEncoder encoder_;
    CodedPredictor predictor_;
    LinearReasons reasons_;
  };
};

}  // namespace cohort
