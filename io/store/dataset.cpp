// SPDX-License-Identifier: Apache-2.0
#include "io/store/dataset.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <numeric>
#include <queue>

#include "core/fault_points.hpp"
#include "io/durable_file.hpp"
#include "io/store/dataset_view.hpp"

namespace cohort {
namespace {

namespace fs = std::filesystem;

std::string without_slashes(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

/// Where a dataset waits for the moment in which its successor has no name yet.
std::string set_aside(const std::string& folder) {
  return folder + ".old";
}

/// Puts `staging` in the place of an existing folder in one step, where the file system can; what was there is then at
/// `staging`.
void replace_folder(const std::string& staging, const std::string& folder) {
  if (::renameat2(AT_FDCWD, staging.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) throw_system_error(errno, "replace", folder);
  const std::string aside = set_aside(folder);
  fs::rename(folder, aside);
  fs::rename(staging, folder);
  fs::rename(aside, staging);
}

/// Of writers that are gone: the caller holds the lock.
void remove_stagings(const std::string& folder) {
  const fs::path parent = fs::absolute(folder).parent_path();
  const std::string prefix = fs::path(folder).filename().string() + ".partial-";
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(parent)) {
    if (entry.path().filename().string().starts_with(prefix)) leftovers.push_back(entry.path());
  }
  for (const fs::path& leftover : leftovers) fs::remove_all(leftover);
}

}  // namespace

DatasetWriter::DatasetWriter(std::string folder, bool overwrite)
    : folder_(without_slashes(std::move(folder))),
      staging_(fmt::format("{}.partial-{}", folder_, ::getpid())),
      lock_(folder_ + ".lock", folder_),
      overwrite_(overwrite) {
  restore_dataset(folder_);
  if (!overwrite_ && fs::exists(folder_)) {
    throw Error(ExitCode::output_exists, fmt::format("{} exists", folder_), "choose another name, or pass --overwrite");
  }
  remove_stagings(folder_);
  fault_point("dataset.create");
  if (::mkdir(staging_.c_str(), 0777) != 0) throw_system_error(errno, "create", staging_);
}

DatasetWriter::~DatasetWriter() {
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

void DatasetWriter::seal(Manifest manifest) {
  write_dataset_view(staging_, manifest);
  save_manifest(staging_, manifest);
  sync_path(staging_);
}

void DatasetWriter::publish() {
  fault_point("dataset.publish");
  if (overwrite_ && fs::exists(folder_)) {
    replace_folder(staging_, folder_);
  } else if (::rename(staging_.c_str(), folder_.c_str()) != 0) {
    throw_system_error(errno, "rename " + staging_ + " to", folder_);
  }
  sync_parent(folder_);
  fault_point("dataset.published");  // what was replaced is still there
}

void restore_dataset(const std::string& folder) {
  const std::string name = without_slashes(folder), aside = set_aside(name);
  if (!fs::exists(aside)) return;
  if (fs::exists(name)) {
    fs::remove_all(aside);
  } else {
    fs::rename(aside, name);
  }
}

void remove_leftovers(const std::string& folder) {
  const std::string name = without_slashes(folder);
  const LockFile lock(name + ".lock", name);
  restore_dataset(name);
  remove_stagings(name);
}

std::string shard_name(std::int32_t index) {
  return fmt::format("shard-{:05}.h5", index);
}

std::vector<std::int32_t> shards_of_rank(const Manifest& manifest, int rank, int ranks) {
  std::vector<std::int32_t> order(manifest.shards.size()), mine;
  std::iota(order.begin(), order.end(), 0);
  const auto bytes = [&](std::int32_t shard) { return manifest.shards[static_cast<std::size_t>(shard)].bytes; };
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return bytes(a) > bytes(b); });
  using Load = std::pair<std::int64_t, int>;  // bytes, rank: the smallest is next
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (int i = 0; i < ranks; ++i) loads.push({0, i});
  for (const std::int32_t shard : order) {
    const auto [load, owner] = loads.top();
    loads.pop();
    loads.push({load + bytes(shard), owner});
    if (owner == rank) mine.push_back(shard);
  }
  std::sort(mine.begin(), mine.end());
  return mine;
}

}  // namespace cohort
