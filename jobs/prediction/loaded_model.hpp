// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "algorithms/linear/glm.hpp"
#include "algorithms/linear/softmax.hpp"
#include "io/model_file.hpp"
#include "jobs/prediction/judged_table.hpp"
#include "jobs/prediction/model_card.hpp"

namespace cohort {

/// A finished prediction model, read from its file.
struct LoadedModel {
  std::string id, positive;
  std::vector<std::string> classes;  ///< of a model of several
  bool classifies = false;
  double deviance_power = std::numeric_limits<double>::quiet_NaN();  ///< of the law of its numbers, if it has one
  std::vector<std::string> features;
  ModelCard card;
  Fitted fitted;
};

/// A model's path as written, or below --out.
[[nodiscard]] std::string model_path(const std::string& model, const std::filesystem::path& out);

/// Whether a file holds a model that predicts: one that can be judged and explained.
[[nodiscard]] bool predicts(const ModelFile& file);

/// A linear model of any kind at work.
[[nodiscard]] Fitted fitted_linear(const Glm::Model& model);

/// A model of several classes at work.
[[nodiscard]] Fitted fitted_softmax(const Softmax::Model& model);

/// Throws Error(bad_data) for a damaged file or one of another kind, Error(input_missing).
[[nodiscard]] LoadedModel load_prediction_model(const std::string& path);

/// Refuses data without a column of the model, in the model's words: Error(bad_data).
void check_columns(const CustomerRows& rows, const std::vector<std::string>& names);

/// A loaded model and the labelled rows of another table, which judge or explain it.
struct ModelOnTable {
  /// Collective. `label`: empty for the one it learned.
  ModelOnTable(const std::string& model, const std::string& data, const std::string& label, const std::string& weight,
               const StepContext& step);
  /// The same with a model of several classes as one that tells this class from the rest; empty: the last. Throws
  /// Error(bad_config) for a class it does not know, or where the model has no classes to choose from.
  ModelOnTable(const std::string& model, const std::string& data, const std::string& label, const StepContext& step,
               const std::string& positive);

  LoadedModel model;
  CustomerRows rows;
  std::unique_ptr<const TrainingTable> table;  ///< the model's features
  Predict predict;
  [[nodiscard]] LabelledRows labelled() const { return {.table = *table, .labels = table->labels()}; }

 private:
  ModelOnTable(LoadedModel model, CustomerRows rows, const std::string& data, const std::string& label,
               const std::string& weight, const StepContext& step);
};

}  // namespace cohort
