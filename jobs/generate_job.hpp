// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/synthetic/synthetic_export.hpp"
#include "algorithms/synthetic/synthetic_retailer.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// A synthetic retailer, with the truth beside it.
struct GenerateJob {
  struct Params : SyntheticRetailer::Params {
    std::string format = "csv";
    SyntheticExport::Params messy;
    void describe(Fields& f);
  };
  static constexpr std::string_view name = "generate";
  static constexpr std::string_view summary =
      "Makes customers and transactions of a synthetic retailer whose truth is known.";
  static constexpr std::string_view notes =
      "Purchases by BG/NBD (Fader, Hardie and Lee 2005), spend by Gamma-Gamma, items by Zipf's law. A customer "
      "depends on the parameters and their own number alone. Memory: one part's text, or run.memory_per_rank for a "
      "store.";

  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
