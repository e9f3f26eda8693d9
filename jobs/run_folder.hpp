// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "io/lock_file.hpp"

namespace cohort {

/// The folder of --out while one run writes it; held by rank 0. Another run that wants it is told who has it. What
/// failed before it left anything leaves no folder either.
class RunFolder {
 public:
  enum class Start { fresh, overwrite, resume };

  /// `dataset`: where the job keeps its dataset, perhaps outside. A fresh start throws Error(output_exists) unless
  /// `out` is new or empty; `overwrite` removes the steps of earlier runs.
  RunFolder(std::filesystem::path out, std::filesystem::path dataset, Start start);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// Whether a dataset at this place is this run's own, or the user said that it may go.
  [[nodiscard]] bool may_replace_dataset() const { return may_replace_; }

 private:
  void create();
  void require_empty() const;
  void remove_steps() const;
  void claim_dataset(Start start);

  std::filesystem::path out_, dataset_;
  bool made_ = false, may_replace_ = false;
  std::unique_ptr<LockFile> lock_;
};

}  // namespace cohort
