// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/prediction/judgement.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// A finished model judged by other customers.
struct EvaluateJob {
  struct Params {
    std::string model, data = "dataset", label, weight;
    JudgementParams judgement;
    void describe(Fields& f);
  };
  static constexpr std::string_view name = "evaluate";
  static constexpr std::string_view summary =
      "Judges a finished model by other customers, and tells how these differ from those it learned from.";
  static constexpr std::string_view notes =
      "A pass to predict, one to hold each feature against its spread when the model learned (population stability "
      "index), and the walks of the intervals. Memory: 32 bytes a customer.";

  static std::vector<std::string> inputs(const Params& params, const std::filesystem::path& out);
  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
