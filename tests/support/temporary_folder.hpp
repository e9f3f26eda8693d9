// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "core/communicator.hpp"

namespace cohort::testing {

/// An empty folder that is gone, with all that is in it, when this object ends.
class TemporaryFolder {
 public:
  /// One folder for this process.
  TemporaryFolder();
  /// Collective. One folder for all ranks, made and removed by rank 0; ending it is collective too.
  explicit TemporaryFolder(Communicator& comm);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

 private:
  Communicator* comm_ = nullptr;
  std::filesystem::path path_;
};

}  // namespace cohort::testing
