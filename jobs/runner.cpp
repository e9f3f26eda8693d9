// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/collectively.hpp"
#include "core/isa.hpp"
#include "io/content_hash.hpp"
#include "io/durable_file.hpp"
#include "io/report.hpp"
#include "jobs/machine.hpp"
#include "jobs/output_folder.hpp"
#include "jobs/registry.hpp"
#include "jobs/run_record.hpp"
#include "jobs/version.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

struct PreparedStep {
  StepEntry entry;
  std::unique_ptr<Step> step;
};

std::vector<PreparedStep> prepare(JobFile& job) {
  std::vector<PreparedStep> steps;
  for (const StepEntry& entry : job.steps) {
    const JobEntry& known = find_job(entry.job, entry.parameters.place());
    steps.push_back({entry, known.read(entry.parameters, "step " + entry.id, job.notes)});
  }
  return steps;
}

/// Collective. Rank 0 reads the file, so that all ranks check the same bytes.
std::string read_job_text(Communicator& comm, const RunOptions& options) {
  std::string text;
  collectively(comm, [&] {
    if (comm.rank() == 0) text = options.job_path.empty() ? options.job_text : read_file(options.job_path);
  });
  comm.broadcast(text, 0);
  return text;
}

/// Collective. The lowest instruction level among the ranks, or the one asked for.
void agree_on_isa(Communicator& comm, const std::string& asked) {
  std::array<std::int64_t, 1> lowest{-static_cast<std::int64_t>(host_isa())};
  comm.all_reduce({}, lowest);
  collectively(comm, [&] { set_active_isa(asked.empty() ? static_cast<Isa>(-lowest[0]) : parse_isa(asked)); });
}

/// What a finished step depends on: its keys, the step before it, this binary, and size and time of the files it reads.
std::string fingerprint(PreparedStep& prepared, const JobFile& job, const fs::path& out, const std::string& previous) {
  std::string text =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n", version_text(), prepared.entry.id, prepared.entry.job,
                  prepared.step->parameters().dump(), job.run.random_state, job.dataset, job.shards, previous);
  for (const std::string& path : prepared.step->inputs(out)) {
    struct stat info {};
    const bool found = ::stat(path.c_str(), &info) == 0;
    text += fmt::format("{} {} {}.{}\n", path, found ? info.st_size : -1, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  }
  return hash128_hex(text);
}

std::optional<Json> read_json(const fs::path& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  Json json = Json::parse(file, nullptr, false);
  return json.is_discarded() ? std::nullopt : std::optional(std::move(json));
}

bool is_finished(const fs::path& folder, const std::string& expected_fingerprint) {
  const std::optional<Json> record = read_json(folder / "run.json");
  return record && record->value("fingerprint", "") == expected_fingerprint && fs::exists(folder / "result.json");
}

Json table_json(const ResultTable& table) {
  return {{"name", table.name},
          {"title", table.title},
          {"columns", table.columns},
          {"rows", table.rows},
          {"chart", table.chart}};
}

Json result_json(PreparedStep& prepared, const StepResult& result, const std::map<std::string, std::string>& hashes) {
  Json json{{"job", prepared.entry.job}, {"id", prepared.entry.id}, {"parameters", prepared.step->parameters()}};
  if (!result.sources.is_null()) json["sources"] = result.sources;
  json["metrics"] = result.metrics;
  if (!result.rows.is_null()) json["rows"] = result.rows;
  json["verdict"] = result.verdict;
  json["tables"] = Json::array();
  for (const ResultTable& table : result.tables) json["tables"].push_back(table_json(table));
  json["outputs"] = hashes;
  return json;
}

class Runner {
 public:
  Runner(Communicator& comm, const RunOptions& options) : comm_(comm), options_(options) {}

  fs::path run() {
    const std::string text = read_job_text(comm_, options_);
    collectively(comm_, [&] {
      job_ = parse_job(text, options_.job_path, options_.assignments);
      steps_ = prepare(job_);
    });
    if (comm_.rank() == 0) {
      for (const std::string& note : job_.notes) fmt::print(stderr, "note: {}\n", note);
    }
    agree_on_isa(comm_, job_.run.isa);
    threads_ = static_cast<int>(options_.threads > 0   ? options_.threads
                                : job_.run.threads > 0 ? job_.run.threads
                                                       : default_threads());
    memory_ = job_.run.memory_per_rank.empty() ? default_memory() : parse_bytes(job_.run.memory_per_rank);
    claim_output();

    std::string previous;
    for (PreparedStep& prepared : steps_) previous = run_step(prepared, previous);
    return options_.out / steps_.back().entry.id / "result.json";
  }

 private:
  /// Collective. The output folder must be new or empty, unless told to overwrite or resume.
  void claim_output() {
    collectively(comm_, [&] {
      if (comm_.rank() != 0) return;
      std::error_code error;
      fs::create_directories(options_.out, error);
      if (error)
        throw Error(ExitCode::output_exists,
                    fmt::format("cannot create {}: {}", options_.out.string(), error.message()),
                    "choose another folder with --out");
      if (options_.resume || fs::is_empty(options_.out)) return;
      if (!options_.overwrite) {
        throw Error(
            ExitCode::output_exists, fmt::format("the output folder {} is not empty", options_.out.string()),
            "choose another with --out, add --overwrite to replace its results, or continue it with `cohort resume`");
      }
      for (const PreparedStep& prepared : steps_) fs::remove_all(options_.out / prepared.entry.id);
    });
  }

  /// Collective. Returns the step's fingerprint.
  std::string run_step(PreparedStep& prepared, const std::string& previous) {
    const fs::path folder = options_.out / prepared.entry.id;
    std::string mine;
    std::array<std::int64_t, 1> finished{0};
    collectively(comm_, [&] {
      if (comm_.rank() != 0) return;
      mine = fingerprint(prepared, job_, options_.out, previous);
      finished[0] = options_.resume && is_finished(folder, mine) ? 1 : 0;
    });
    comm_.broadcast(mine, 0);
    comm_.all_reduce({}, finished);
    const bool leads = comm_.rank() == 0;
    if (finished[0] != 0) {
      if (leads) fmt::print(stderr, "{}: finished before, kept\n", prepared.entry.id);
    } else {
      if (leads) fmt::print(stderr, "{}: running\n", prepared.entry.id);
      execute(prepared, folder, mine);
    }
    if (leads) sections_.push_back({*read_json(folder / "result.json"), *read_json(folder / "run.json")});
    if (finished[0] == 0) write_report(folder);
    return mine;
  }

  /// Collective.
  void execute(PreparedStep& prepared, const fs::path& folder, const std::string& step_fingerprint) {
    Metrics metrics;
    const Context context{.comm = comm_,
                          .metrics = metrics,
                          .threads = threads_,
                          .memory_per_rank = memory_,
                          .show_progress = comm_.rank() == 0};
    StagedFolder staged(comm_, folder);
    StepResult result;
    std::map<std::string, std::string> hashes;
    {
      const Metrics::Phase whole(metrics, comm_, prepared.entry.id);
      result = prepared.step->run({.context = context,
                                   .job = job_,
                                   .out = options_.out,
                                   .folder = staged.path(),
                                   .id = prepared.entry.id,
                                   .replace = options_.overwrite || options_.resume});
      hashes = hash_files(context, staged.path(), {});
    }
    Json record = run_record(context);
    record["fingerprint"] = step_fingerprint;
    record["run"] = job_.run.name;
    record["position"] = std::ssize(sections_);
    if (!result.plan.empty()) record["plan"] = result.plan;
    collectively(comm_, [&] {
      if (comm_.rank() != 0) return;
      write_file(staged.path() / "result.json", result_json(prepared, result, hashes).dump(1) + "\n");
      write_file(staged.path() / "run.json", record.dump(1) + "\n");
    });
    staged.publish();
  }

  /// Collective. A step's report shows the steps before it too, so that the last one tells the whole run.
  void write_report(const fs::path& folder) {
    collectively(comm_, [&] {
      if (comm_.rank() == 0) write_file(folder / "report.html", render_report(job_.run.name, sections_));
    });
  }

  Communicator& comm_;
  const RunOptions& options_;
  JobFile job_;
  std::vector<PreparedStep> steps_;
  std::vector<ReportSection> sections_;
  int threads_ = 1;
  std::int64_t memory_ = 0;
};

}  // namespace

fs::path rewrite_report(const fs::path& out) {
  std::vector<std::pair<std::int64_t, ReportSection>> steps;
  std::map<std::int64_t, fs::path> folders;
  std::string run_name = "job";
  for (const fs::directory_entry& entry : fs::directory_iterator(out)) {
    const std::optional<Json> result = read_json(entry.path() / "result.json"),
                              run = read_json(entry.path() / "run.json");
    if (!result || !run) continue;
    const auto position = run->value("position", std::int64_t{0});
    run_name = run->value("run", run_name);
    folders[position] = entry.path();
    steps.push_back({position, {*result, *run}});
  }
  if (steps.empty()) {
    throw Error(ExitCode::input_missing, fmt::format("{} holds no finished step", out.string()),
                "name the --out folder of a run");
  }
  std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<ReportSection> sections;
  for (auto& [position, section] : steps) sections.push_back(std::move(section));
  const fs::path path = folders.rbegin()->second / "report.html";
  write_file(path.string(), render_report(run_name, sections));
  return path;
}

JobFile validate_job(const std::string& text, const std::string& path, const std::vector<std::string>& assignments) {
  JobFile job = parse_job(text, path, assignments);
  prepare(job);
  return job;
}

fs::path run_job(Communicator& comm, const RunOptions& options) {
  return Runner(comm, options).run();
}

}  // namespace cohort
