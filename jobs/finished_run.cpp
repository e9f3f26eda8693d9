// SPDX-License-Identifier: Apache-2.0
#include "jobs/finished_run.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.hpp"
#include "io/durable_file.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

struct FinishedStep {
  fs::path folder;
  ReportSection section;
};

}  // namespace

std::optional<Json> read_json(const fs::path& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  Json json = Json::parse(file, nullptr, false);
  return json.is_object() ? std::optional(std::move(json)) : std::nullopt;
}

fs::path rewrite_report(const fs::path& out, const ReportOptions& options) {
  if (!fs::is_directory(out)) {
    throw Error(ExitCode::input_missing, fmt::format("there is no folder {}", out.string()),
                "name the --out folder of a run");
  }
  std::map<std::int64_t, FinishedStep> steps;  // by position in the job
  std::string run_name = "job";
  for (const fs::directory_entry& entry : fs::directory_iterator(out)) {
    const std::optional<Json> result = read_json(entry.path() / "result.json");
    const std::optional<Json> run = read_json(entry.path() / "run.json");
    if (!result || !run) continue;
    run_name = run->value("run", run_name);
    steps[run->value("position", std::int64_t{0})] = {entry.path(), {*result, *run}};
  }
  if (steps.empty()) {
    throw Error(ExitCode::input_missing, fmt::format("{} holds no finished step", out.string()),
                "name the --out folder of a run");
  }
  std::vector<ReportSection> sections;
  for (auto& [position, step] : steps) sections.push_back(std::move(step.section));
  const fs::path path = steps.rbegin()->second.folder / "report.html";
  write_file(path.string(), render_report(run_name, sections, options));
  return path;
}

}  // namespace cohort
