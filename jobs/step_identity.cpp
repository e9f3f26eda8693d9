// SPDX-License-Identifier: Apache-2.0
#include "jobs/step_identity.hpp"

#include <fmt/ranges.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "core/isa.hpp"
#include "io/store/content_hash.hpp"
#include "jobs/version.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

std::string input_states(Step& step, const fs::path& out) {
  std::string text;
  for (const std::string& path : step.inputs(out)) {
    struct stat info {};
    const fs::path manifest = fs::path(path) / "manifest.json";  // of a dataset: it holds the hashes of all the rest
    const bool found = ::stat(manifest.c_str(), &info) == 0 || ::stat(path.c_str(), &info) == 0;
    text += fmt::format("{} {} {}.{}\n", path, found ? info.st_size : -1, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  }
  return text;
}

}  // namespace

StepIdentity identity_of(Step& step, const StepEntry& entry, const JobFile& job, const fs::path& out,
                         const std::string& previous) {
  static const std::string program = version_text() + " " + file_hash_hex("/proc/self/exe");
  return {{"the program", program},
          {"the instruction level", std::string(name_of(active_isa()))},
          {"the step's keys", hash128_hex(fmt::format("{}\n{}\n{}", entry.id, entry.job, step.parameters().dump()))},
          {"run.random_state", std::to_string(job.run.random_state)},
          {"dataset or shards", hash128_hex(fmt::format("{}\n{}", job.dataset, job.shards))},
          {"the steps before", previous},
          {"the input files", hash128_hex(input_states(step, out))}};
}

std::string fingerprint(const StepIdentity& identity) {
  return hash128_hex(Json(identity).dump());
}

std::string differences(const StepIdentity& now, const StepIdentity& then) {
  std::vector<std::string> names;
  for (const auto& [name, value] : now) {
    const auto found = then.find(name);
    if (found == then.end() || found->second != value) names.push_back(name);
  }
  for (const auto& [name, value] : then) {
    if (!now.contains(name)) names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string dataset_state(const fs::path& dataset) {
  const fs::path manifest = dataset / "manifest.json";
  return fs::exists(manifest) ? file_hash_hex(manifest.string()) : "none";
}

}  // namespace cohort
