// SPDX-License-Identifier: Apache-2.0
#include "jobs/replay.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/fields.hpp"
#include "io/durable_file.hpp"
#include "io/store/content_hash.hpp"
#include "jobs/finished_run.hpp"
#include "jobs/launcher.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

struct FinishedStep {
  std::string id;
  Json record;  ///< run.json, which holds the job
};

/// The last step that the run came to.
FinishedStep last_step(const fs::path& out) {
  FinishedStep last;
  std::error_code no_folder;
  for (const fs::directory_entry& entry : fs::directory_iterator(out, no_folder)) {
    const fs::path path = entry.path() / "run.json";
    std::optional<Json> read = read_json(path);
    if (!read) continue;
    Json record = std::move(*read);
    if (!last.id.empty() && record.value("position", 0) < last.record.value("position", 0)) continue;
    last = {entry.path().filename().string(), std::move(record)};
  }
  if (!last.id.empty()) return last;
  throw Error(ExitCode::input_missing, fmt::format("{} holds no finished step", out.string()),
              "name the --out folder of a run");
}

/// Files whose bytes are promised, relative to `out`; run.json and report.html tell of their own run.
std::set<std::string> promised_files(const fs::path& out) {
  std::set<std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(out)) {
    const std::string name = entry.path().filename().string();
    const std::string path = fs::relative(entry.path(), out).string();
    if (entry.is_regular_file() && name != "run.json" && name != "report.html" && !path.starts_with('.')) {
      files.insert(path);
    }
  }
  return files;
}

/// The files that are not the same in both folders.
std::vector<std::string> differing_files(const fs::path& a, const fs::path& b, std::size_t& compared) {
  std::set<std::string> files = promised_files(a);
  files.merge(promised_files(b));
  compared = files.size();
  std::vector<std::string> differing;
  for (const std::string& file : files) {
    const bool in_both = fs::exists(a / file) && fs::exists(b / file);
    if (!in_both || file_hash_hex((a / file).string()) != file_hash_hex((b / file).string())) differing.push_back(file);
  }
  return differing;
}

/// A folder beside the run, gone at the end.
struct ReplayFolder {
  explicit ReplayFolder(const fs::path& out) : path(out.string() + ".replay") {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~ReplayFolder() {
    std::error_code none;
    fs::remove_all(path, none);
  }
  ReplayFolder(const ReplayFolder&) = delete;
  ReplayFolder& operator=(const ReplayFolder&) = delete;

  fs::path path;
};

}  // namespace

int replay_run(const fs::path& given, int ranks) {
  const fs::path out = fs::weakly_canonical(given);
  const auto [last, record] = last_step(out);
  if (!record.contains("job")) {
    throw Error(ExitCode::bad_data, fmt::format("{}: run.json does not hold the job", out.string()),
                "run the job again with this version");
  }
  const Json& job = record["job"];
  const ReplayFolder again(out);
  const fs::path job_path = again.path / ".job.yaml", results = again.path / "out";
  write_file(job_path.string(), job.at("text").get<std::string>());
  std::vector<std::string> words{"run", job_path.string(), "--out", results.string(), "--until", last};
  for (const Json& assignment : job.at("assignments")) words.insert(words.end(), {"--set", assignment});
  fs::current_path(job.at("working_directory").get<std::string>());
  const int count = ranks > 0 ? ranks : record.at("ranks").get<int>() + 1;
  if (const int code = run_under_mpirun(count, words); code != 0) return code;

  std::size_t compared = 0;
  const std::vector<std::string> differing = differing_files(out, results, compared);
  for (const std::string& file : differing) fmt::print("{}: differs\n", file);
  fmt::print("replayed on {} ranks: {} files compared, {} differ\n", count, compared, differing.size());
  return static_cast<int>(differing.empty() ? ExitCode::success : ExitCode::internal);
}

}  // namespace cohort
