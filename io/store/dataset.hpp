// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "io/lock_file.hpp"
#include "io/store/manifest.hpp"

namespace cohort {

/// A dataset in the making: holds the writer lock `<folder>.lock` and a staging folder beside `folder`. Made by one
/// rank; the others write their shards below `staging()`. What is not published is removed.
class DatasetWriter {
 public:
  /// Throws Error(output_exists) when another process writes `folder` (naming its id), or when `folder` exists and
  /// `overwrite` is false.
  DatasetWriter(std::string folder, bool overwrite);
  DatasetWriter(const DatasetWriter&) = delete;
  DatasetWriter& operator=(const DatasetWriter&) = delete;
  ~DatasetWriter();

  [[nodiscard]] const std::string& staging() const { return staging_; }
  /// When all shards and dictionaries are there: writes dataset.h5 and manifest.json, after which nothing changes any
  /// more.
  void seal(Manifest manifest);
  /// Gives the sealed dataset its name. An older one of that name is replaced at the same instant.
  void publish();

 private:
  std::string folder_, staging_;
  LockFile lock_;
  bool overwrite_;
};

/// Puts a dataset back whose replacement was cut off between two renames, on a file system that cannot exchange two
/// folders at once.
void restore_dataset(const std::string& folder);
/// Removes what writers left that were killed, the lock and the dataset before among it. Throws Error(output_exists)
/// when another process writes `folder`.
void remove_leftovers(const std::string& folder);

[[nodiscard]] std::string shard_name(std::int32_t index);  ///< shard-00000.h5

/// Shards of one rank, ascending: the largest shard first to the rank with the fewest bytes. Depends on nothing else.
[[nodiscard]] std::vector<std::int32_t> shards_of_rank(const Manifest& manifest, int rank, int ranks);

/// Reads every byte of a dataset. For each damaged file the error that its first damaged chunk, its bytes outside
/// chunks or its size give; empty if all is well. Throws Error(input_missing, bad_data) for the manifest itself.
[[nodiscard]] std::vector<Error> verify_dataset(const std::string& folder);

}  // namespace cohort
