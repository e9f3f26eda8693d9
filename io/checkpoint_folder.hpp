// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace cohort {

/// The two newest checkpoints of a step, one file each, written whole or not at all and checked by XXH3-128 when read.
class CheckpointFolder {
 public:
  /// What the work depends on, by name: a checkpoint of other work is refused.
  using Identity = std::map<std::string, std::string>;

  CheckpointFolder(std::filesystem::path folder, Identity identity);

  /// The newest checkpoint that is whole and of this work, or nothing; `notes` says what was passed over, and why.
  [[nodiscard]] std::string load(std::string& notes) const;
  /// Throws Error(io_error). The folder is made when first needed.
  void save(const std::string& packed);

 private:
  [[nodiscard]] std::filesystem::path path(std::int64_t generation) const;

  std::filesystem::path folder_;
  Identity identity_;
  std::int64_t newest_ = 0;  ///< generation; 0: none
};

}  // namespace cohort
