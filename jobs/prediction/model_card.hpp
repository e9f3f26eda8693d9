// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "algorithms/evaluation/feature_profile.hpp"
#include "io/model_file.hpp"
#include "jobs/prediction/judgement.hpp"
#include "jobs/prediction/training_table.hpp"

namespace cohort {

/// What travels with a model besides itself: what it was learned from, how good it was, and when to act on it.
struct ModelCard {
  std::string label;                                            ///< column
  std::string learned;                                          ///< digest of the data
  std::string metrics;                                          ///< JSON
  double threshold = std::numeric_limits<double>::quiet_NaN();  ///< of the decision; NaN: none
  double value = 0, cost = 0;                                   ///< by which it was found
  std::vector<FeatureProfile> columns;

  template <class Archive>
  void archive(Archive& members) {
    members("label", label);
    members("learned", learned);
    members("metrics", metrics);
    members("threshold", threshold);
    members("value", value);
    members("cost", cost);
    members("columns", columns);
  }
};

/// Collective. The card of a model learned from this table; its judgement gains a table of what each feature alone says
/// of the label, and `leak_suspects`: those that say nearly all, with a warning on the terminal.
[[nodiscard]] ModelCard make_card(const TrainingTable& table, const CustomerRows& rows, Judgement& judgement,
                                  const StepContext& step);

/// Collective. Writes a model and its card, and returns the model's id: kind and digest of the file.
template <class Model>
std::string save_with_card(const StepContext& step, const std::string& kind, Model model, ModelCard card);

/// The card in a model file. Throws Error(bad_data) where there is none.
[[nodiscard]] ModelCard card_in(const ModelFile& file);

/// The id of the model in a file.
[[nodiscard]] std::string model_id(const std::string& kind, const std::filesystem::path& path);

template <class Model>
std::string save_with_card(const StepContext& step, const std::string& kind, Model model, ModelCard card) {
  const std::filesystem::path path = step.folder / "model.h5";
  std::string id;
  collectively(step.context.comm, [&] {
    if (step.context.comm.rank() != 0) return;
    ModelFile file{.kind = kind, .version = 1, .arrays = {}};
    ModelPacker packer(file);
    model.archive(packer);
    packer("card", card);
    file.save(path.string());
    id = model_id(kind, path);
  });
  step.context.comm.broadcast(id, 0);
  return id;
}

}  // namespace cohort
