// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/evaluation/paired_means.hpp"
#include "jobs/prediction/loaded_model.hpp"

namespace cohort {

/// Models that answer the same question, at work on the rows of one table.
struct ComparedModels {
  /// Collective. The models that steps left. `label`: empty for the one they learned. Throws Error(bad_config) for
  /// models of different questions, naming both; Error(bad_data) for a column that a model needs and the data lack.
  ComparedModels(const std::vector<std::string>& steps, const std::string& input, const std::string& label,
                 const std::string& weight, const StepContext& step);

  std::vector<LoadedModel> models;
  CustomerRows rows;
  std::unique_ptr<const TrainingTable> table;  ///< every feature that a model asks for
  std::vector<Predict> predict;
};

/// A metric of a model, beside the first model's.
struct ComparedMetric {
  std::string_view name;
  bool is_loss = true;  ///< less is better
  PairedMean of;
};

/// What is said of several models by the same rows.
struct Comparison {
  std::int64_t rows = 0;
  std::vector<std::vector<ComparedMetric>> models;  ///< in their order; the first has no differences
};

/// Collective. Numbers: rmse, mae and, where a model and the first are of one law, tweedie_deviance. Yes or no: roc_auc
/// (DeLong; without weights only), log_loss, brier. Classes: log_loss and accuracy (McNemar's mid-p; with weights the
/// paired mean). Two passes over the rows; scores of a yes or no are kept, 8 bytes a model and row, and read once.
[[nodiscard]] Comparison compare_models(const ComparedModels& on, const StepContext& step);

}  // namespace cohort
