// SPDX-License-Identifier: Apache-2.0
#include "jobs/run_folder.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "io/store/dataset.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* lock_name = ".lock";
/// Says which dataset outside of --out this run makes: it alone may be replaced when the run goes on.
constexpr const char* claim_name = ".dataset";

bool is_below(const fs::path& path, const fs::path& folder) {
  const fs::path relative = fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(folder));
  return !relative.empty() && *relative.begin() != "..";
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  return paths;
}

}  // namespace

RunFolder::RunFolder(fs::path out, fs::path dataset, Start start) : out_(std::move(out)), dataset_(std::move(dataset)) {
  create();
  lock_ = std::make_unique<LockFile>(out_ / lock_name, out_);
  try {
    if (start == Start::fresh) require_empty();
    if (start == Start::overwrite) remove_steps();
    restore_dataset(dataset_);
    claim_dataset(start);
  } catch (...) {
    lock_.reset();
    throw;
  }
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  if (made_ && !fs::exists(dataset_, ignored)) fs::remove(out_ / claim_name, ignored);
  lock_.reset();
  if (made_) fs::remove(out_, ignored);
}

void RunFolder::create() {
  std::error_code error;
  made_ = fs::create_directories(out_, error);
  if (error) {
    throw Error(ExitCode::output_exists, fmt::format("cannot create {}: {}", out_.string(), error.message()),
                "choose another folder with --out");
  }
}

void RunFolder::require_empty() const {
  const std::vector<fs::path> entries = entries_of(out_);
  if (std::ranges::all_of(entries, [](const fs::path& path) { return path.filename() == lock_name; })) return;
  throw Error(ExitCode::output_exists, fmt::format("the output folder {} is not empty", out_.string()),
              "choose another with --out, add --overwrite to replace its results, or continue it with `cohort resume`");
}

void RunFolder::remove_steps() const {
  for (const fs::path& path : entries_of(out_)) {
    if (fs::exists(path / "result.json") && fs::exists(path / "run.json")) fs::remove_all(path);
  }
}

void RunFolder::claim_dataset(Start start) {
  const std::string name = fs::absolute(dataset_).lexically_normal().string();
  const fs::path claim = out_ / claim_name;
  const bool claimed = fs::exists(claim) && read_file(claim) == name;
  may_replace_ = start == Start::overwrite || is_below(dataset_, out_) || claimed || !fs::exists(dataset_);
  if (may_replace_ && !claimed && !is_below(dataset_, out_)) write_file(claim, name);
}

}  // namespace cohort
