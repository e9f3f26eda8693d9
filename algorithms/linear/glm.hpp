// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/glm_rows.hpp"
#include "core/fields.hpp"

namespace cohort {

/// Linear and logistic regression by Newton's method (IRLS; McCullagh and Nelder, Generalized Linear Models, 1989) with
/// an optional ridge penalty. A pass over the rows gives loss, gradient and Hessian as exact sums; least squares takes
/// two, the second of which removes the rounding of the first.
struct Glm {
  struct Params {
    GlmFamily family = GlmFamily::gaussian;
    double penalty = 0;             ///< loss is the sum over rows plus penalty / 2 x sum of squared coefficients
    bool balanced_classes = false;  ///< binomial: both classes weigh the same
    std::int64_t max_iter = 100;
    double tol = 1e-6;  ///< of the result: coefficients in standard errors, standard errors relative
    DesignMatrix::Params design;
  };

  /// Why a coefficient is what it is.
  enum class Verdict : std::int64_t { estimated = 0, constant = 1, collinear = 2, separated = 3 };

  /// Vectors begin with the intercept; the terms of the design follow.
  struct Model {
    std::int64_t family = 0;
    DesignMatrix design;
    std::vector<double> standardised;     ///< coefficients of (x - mean) / sd
    std::vector<double> coefficients;     ///< in the units of the columns
    std::vector<double> standard_errors;  ///< NaN under a penalty and where there is none
    std::vector<std::int64_t> verdicts;
    double freedom = 0;  ///< degrees of freedom of the t distribution; infinite for binomial
    double loss = 0;     ///< at the optimum, with the penalty
    double dispersion = 1;
    std::int64_t rows = 0, n_iter = 0, converged = 0;
    std::string positive;  ///< binomial: the label that counts as 1

    template <class Archive>
    void archive(Archive& members) {
      members("family", family);
      members("design", design);
      members("standardised", standardised);
      members("coefficients", coefficients);
      members("standard_errors", standard_errors);
      members("verdicts", verdicts);
      members("freedom", freedom);
      members("loss", loss);
      members("dispersion", dispersion);
      members("rows", rows);
      members("n_iter", n_iter);
      members("converged", converged);
      members("positive", positive);
    }
    [[nodiscard]] bool separated() const;
  };

  /// Collective. Binomial labels are 0 and 1. Throws Error(bad_data) for a label of one class or what fit_design finds.
  static Model fit(const Params& params, const LabelledRows& rows, const Context& context);

  /// Applies a model to blocks of a table with these columns. Thread-safe.
  class Scorer {
   public:
    static constexpr std::size_t most_reasons = 3;
    struct Scores {
      std::vector<double> means;                                    ///< prediction or probability
      std::vector<std::array<std::int32_t, most_reasons>> reasons;  ///< numbers in reason_labels(); -1: no more
    };
    Scorer(const Model& model, const std::vector<std::string>& columns,
           const std::vector<std::vector<std::string>>& labels);
    [[nodiscard]] std::vector<double> means(const NumericBlock& block) const;
    /// With the terms whose contributions to the linear predictor, against the average row, are the largest.
    [[nodiscard]] Scores explain(const NumericBlock& block) const;
    /// "tenure (-)", "Contract=Two year (+)": term t raises the predictor as label 2 t, lowers it as 2 t + 1.
    [[nodiscard]] std::vector<std::string> reason_labels() const;

   private:
    Model model_;
    DesignEncoder encoder_;
  };
};

}  // namespace cohort
