// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// Collective. A folder that appears whole or not at all: made as `<final>.partial`, published by rename, removed when
/// the work fails.
class StagedFolder {
 public:
  StagedFolder(Communicator& comm, std::filesystem::path final_path);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return staging_; }
  /// Where a folder with this final path is made; a run that was killed leaves it.
  [[nodiscard]] static std::filesystem::path staging_path(const std::filesystem::path& final_path);
  void publish();  ///< Collective.

 private:
  Communicator& comm_;
  std::filesystem::path final_, staging_;
  bool published_ = false;
};

/// Collective. SHA-256 (hex) of each file below `folder` but those in `skip`, by path relative to it; the ranks share
/// the work.
[[nodiscard]] std::map<std::string, std::string> hash_files(const Context& context, const std::filesystem::path& folder,
                                                            const std::vector<std::string>& skip);

/// Collective. Writes one text file that the owners of pieces fill side by side: piece i is `format(i)`, for the pieces
/// in `mine`, out of `pieces` over all ranks. `header` comes first. Each piece is formatted twice (once to learn its
/// length) and held alone.
void write_in_pieces(const Context& context, const std::filesystem::path& path, const std::string& header,
                     std::int64_t pieces, const std::vector<int>& mine,
                     const std::function<std::string(int piece)>& format);

}  // namespace cohort
