// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/linear/coded_predictor.hpp"
#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/glm.hpp"
#include "algorithms/linear/linear_reasons.hpp"

namespace cohort {

/// Multinomial logistic regression: the log-odds of each class against the first are linear. Newton's method up to
/// 2,000 coefficients, with standard errors, and L-BFGS beyond (Boehning, Ann. Inst. Stat. Math. 1992; Liu and Nocedal
/// 1989).
struct Softmax {
  struct Params {
    double penalty = 0;  ///< loss is the sum over rows plus penalty / 2 x sum of squared coefficients, which are those
                         ///< of all classes that sum to 0 over them: no class is special
    bool balanced_classes = false;
    Glm::Solver solver = Glm::Solver::automatic;
    std::int64_t max_iter = 100;  ///< Newton steps; ten times as many of L-BFGS
    double tol = 1e-6;            ///< as of Glm
    DesignMatrix::Params design;
  };

  /// Coefficients of each class but the first, class after class: the intercept, then the terms of the design.
  struct Model {
    std::vector<std::string> classes;  ///< at least two
    DesignMatrix design;
    std::vector<double> standardised, coefficients;
    std::vector<double> standard_errors;  ///< NaN under a penalty and where there is none
    std::vector<std::int64_t> verdicts;   ///< as of Glm
    double loss = 0;                      ///< at the optimum, with the penalty
    std::int64_t rows = 0, n_iter = 0, converged = 0;

    template <class Archive>
    void archive(Archive& members) {
      members("classes", classes);
      members("design", design);
      members("standardised", standardised);
      members("coefficients", coefficients);
      members("standard_errors", standard_errors);
      members("verdicts", verdicts);
      members("loss", loss);
      members("rows", rows);
      members("n_iter", n_iter);
      members("converged", converged);
    }
    [[nodiscard]] bool separated() const;
    [[nodiscard]] std::size_t size() const { return design.terms.size() + 1; }  ///< coefficients of a class
  };

  /// Collective. Labels are numbers of `classes`. Throws Error(bad_data) for a class without rows, and as fit_design.
  static Model fit(const Params& params, std::vector<std::string> classes, const LabelledRows& rows,
                   const Context& context);

  /// Applies a model to blocks of a table with these columns. Thread-safe.
  class Scorer {
   public:
    struct Scores {
      std::vector<double> probabilities;          ///< row by row, of each class
      std::vector<LinearReasons::OfRow> reasons;  ///< for the most probable class against the average of all
    };
    Scorer(const Model& model, const std::vector<std::string>& columns,
           const std::vector<std::vector<std::string>>& labels);
    [[nodiscard]] std::vector<double> probabilities(const NumericBlock& block) const;
    [[nodiscard]] Scores explain(const NumericBlock& block) const;
    /// The most probable class of a row's probabilities; of equals the first.
    [[nodiscard]] static std::size_t most_probable(std::span<const double> probabilities);

   private:
    template <class EachRow>
    void for_rows(const NumericBlock& block, const EachRow& each) const;

    std::size_t classes_;
    DesignEncoder encoder_;
    std::vector<CodedPredictor> predictors_;  ///< of all classes but the first
    std::vector<LinearReasons> reasons_;      ///< of all classes
  };
};

}  // namespace cohort
