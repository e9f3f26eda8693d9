// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "io/store/manifest.hpp"
#include "jobs/ingest/ingest_params.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// What an append did with its rows, kept beside the step from before the dataset takes its name until the step's
/// folder has its own. Who is killed in between leaves a dataset that has the files already: going on would pass them
/// over, and nobody would know what had become of their rows. It cannot lie in the dataset, whose bytes do not tell
/// in how many steps it was made.
class AppendAccount {
 public:
  /// `files` are what this run found, and with the parameters the work that the account is of.
  AppendAccount(const StepContext& step, IngestParams params, const std::vector<Source>& files);

  /// Collective. What a killed run of the same work did, if it left the dataset as it is; its quarantine is put into
  /// the step's folder.
  [[nodiscard]] std::optional<StepResult> recall() const;
  /// Collective. Keeps the result, and the quarantine in the step's folder, for the sealed dataset at `staging`.
  void keep(const StepResult& result, const std::filesystem::path& staging) const;

  /// The state in which an append that was killed left the dataset, if it came so far; "" without an account. The
  /// folder is that of the step's checkpoints.
  [[nodiscard]] static std::string dataset_left(const std::filesystem::path& checkpoints);

 private:
  const StepContext& step_;
  std::filesystem::path folder_;  ///< the step's checkpoints, which go when it is finished or begins anew
  std::string work_;
};

}  // namespace cohort
