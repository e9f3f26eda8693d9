// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/checkpoints.hpp"
#include "core/collectively.hpp"
#include "core/fault_points.hpp"
#include "core/isa.hpp"
#include "core/signals.hpp"
#include "io/checkpoint_folder.hpp"
#include "io/durable_file.hpp"
#include "io/report/report.hpp"
#include "jobs/finished_run.hpp"
#include "jobs/ingest/append_account.hpp"
#include "jobs/machine.hpp"
#include "jobs/output_folder.hpp"
#include "jobs/plan/planner.hpp"
#include "jobs/registry.hpp"
#include "jobs/run_folder.hpp"
#include "jobs/run_record.hpp"
#include "jobs/step_identity.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

/// Where ranks that wait for others leave notes, below --out.
constexpr const char* waiting_notes = ".waiting";

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

/// Where a step keeps its state while it runs.
fs::path checkpoint_folder(const fs::path& step_folder) {
  return step_folder.string() + ".checkpoint";
}

/// Drops the steps after the one of this id; an empty id keeps all.
void keep_until(const std::string& id, std::vector<PreparedStep>& steps) {
  if (id.empty()) return;
  const auto last = std::find_if(steps.begin(), steps.end(), [&](const PreparedStep& s) { return s.entry.id == id; });
  if (last == steps.end()) {
    throw Error(ExitCode::usage, fmt::format("--until {}: no step has this id", id), "name the id of a step");
  }
  steps.erase(last + 1, steps.end());
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

/// Why a step must run; empty if its folder holds the result of the same work.
std::string reason_to_run(const fs::path& folder, const StepIdentity& identity) {
  const std::optional<Json> record = read_json(folder / "run.json");
  if (!record || !fs::exists(folder / "result.json")) return "not finished before";
  const std::string changed = differences(identity, record->value("depends_on", StepIdentity{}));
  return changed.empty() ? "" : changed + " changed";
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
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  fs::path run() {
    text_ = read_job_text(comm_, options_);
    collectively(comm_, [&] {
      job_ = parse_job(text_, options_.job_path, options_.assignments);
      steps_ = prepare(job_);
      keep_until(options_.until, steps_);
    });
    if (comm_.rank() == 0) {
      for (const std::string& note : job_.notes) fmt::print(stderr, "note: {}\n", note);
    }
    agree_on_isa(comm_, job_.run.isa);
    threads_ = static_cast<int>(options_.threads > 0   ? options_.threads
                                : job_.run.threads > 0 ? job_.run.threads
                                                       : default_threads());
    memory_ = job_.run.memory_per_rank.empty() ? default_memory() : parse_bytes(job_.run.memory_per_rank);
    plan();
    claim_output();
    if (job_.run.comm_timeout > 0) comm_.watch(options_.out / waiting_notes, job_.run.comm_timeout);

    std::string previous;
    for (PreparedStep& prepared : steps_) previous = run_step(prepared, previous);
    return options_.out / steps_.back().entry.id / "result.json";
  }

 private:
  /// Collective. What the steps are expected to cost, on rank 0, to be shown beside what they do. A plan that cannot be
  /// made stops nothing: what is wrong, the step itself says better.
  void plan() {
    collectively(comm_, [&] {
      if (comm_.rank() != 0) return;
      try {
        plans_ = plan_steps(job_.steps, {.job = job_,
                                         .out = options_.out,
                                         .ranks = static_cast<double>(comm_.size()),
                                         .threads = static_cast<double>(threads_),
                                         .memory_per_rank = static_cast<double>(memory_)});
      } catch (const std::exception&) {
        plans_.assign(job_.steps.size(), {});
      }
    });
  }

  /// Collective.
  void claim_output() {
    std::string may_replace;
    collectively(comm_, [&] {
      if (comm_.rank() != 0) return;
      using Start = RunFolder::Start;
      const Start start = options_.resume ? Start::resume : options_.overwrite ? Start::overwrite : Start::fresh;
      folder_ = std::make_unique<RunFolder>(options_.out, job_.dataset_folder(options_.out), start);
      fs::remove_all(options_.out / waiting_notes);
      may_replace = folder_->may_replace_dataset() ? "yes" : "";
    });
    comm_.broadcast(may_replace, 0);
    may_replace_ = !may_replace.empty();
  }

  /// Whether the dataset is as this step, or one after it, left it, be it an append that was killed before it had told.
  /// What left none has read none.
  [[nodiscard]] bool dataset_is_left_by(const PreparedStep& prepared) const {
    const std::string now = dataset_state(job_.dataset_folder(options_.out));
    return std::any_of(steps_.data() + (&prepared - steps_.data()), steps_.data() + steps_.size(),
                       [&](const PreparedStep& step) {
                         const fs::path folder = options_.out / step.entry.id;
                         const std::optional<Json> record = read_json(folder / "run.json");
                         const std::string left = record ? record->value("dataset_state", "") : "";
                         return left == now || (&step == &prepared && left == "none") ||
                                AppendAccount::dataset_left(checkpoint_folder(folder)) == now;
                       });
  }

  /// Collective. Returns the step's fingerprint.
  std::string run_step(PreparedStep& prepared, const std::string& previous) {
    const fs::path folder = options_.out / prepared.entry.id;
    StepIdentity identity;
    std::string reason, mine;
    collectively(comm_, [&] {
      if (comm_.rank() != 0) return;
      identity = identity_of(*prepared.step, prepared.entry, job_, options_.out, previous);
      mine = fingerprint(identity);
      reason = options_.resume ? reason_to_run(folder, identity) : "new";
      if (reason.empty() && !dataset_is_left_by(prepared)) reason = "the dataset changed";
      if (!reason.empty()) return;
      // What a run left that was killed after the step's folder had its name, or while it made the same once more.
      fs::remove_all(checkpoint_folder(folder));
      fs::remove_all(StagedFolder::staging_path(folder));
    });
    comm_.broadcast(mine, 0);
    comm_.broadcast(reason, 0);
    const bool leads = comm_.rank() == 0;
    if (leads) {
      fmt::print(stderr, "{}: {}\n", prepared.entry.id,
                 reason.empty()    ? "finished before, kept"
                 : options_.resume ? "running: " + reason
                                   : "running");
    }
    if (!reason.empty()) execute(prepared, folder, identity);
    if (leads && reason.empty())
      sections_.push_back({*read_json(folder / "result.json"), *read_json(folder / "run.json")});
    return mine;
  }

  /// Collective. Runs a step whose loops can go on from the checkpoints of an earlier run. `identity`: on rank 0.
  void execute(PreparedStep& prepared, const fs::path& folder, StepIdentity identity) {
    const fs::path dataset = job_.dataset_folder(options_.out);
    const fs::path kept_in = checkpoint_folder(folder);
    std::string saved, notes;
    std::optional<CheckpointFolder> kept;
    collectively(comm_, [&] {
      if (comm_.rank() != 0) return;
      if (!options_.resume) fs::remove_all(kept_in);
      StepIdentity work = identity;
      work["the dataset"] = dataset_state(dataset);
      kept.emplace(kept_in, std::move(work));
      saved = kept->load(notes);
      if (!saved.empty()) notes += "going on from a checkpoint\n";
    });
    if (!notes.empty()) fmt::print(stderr, "{}: {}", prepared.entry.id, notes);
    Checkpoints checkpoints(
        comm_, std::move(saved), [&](const std::string& packed) { kept->save(packed); }, job_.run.checkpoint_every);
    try {
      make_folder(prepared, folder, identity, checkpoints);
    } catch (const RankFailure& stop) {
      if (stop.code() != ExitCode::requeue) throw;
      forget_stop_signal();
      checkpoints.save_last();
      throw;
    }
    collectively(comm_, [&] {
      if (comm_.rank() == 0) fs::remove_all(kept_in);
    });
  }

  /// Collective.
  void make_folder(PreparedStep& prepared, const fs::path& folder, const StepIdentity& identity,
                   Checkpoints& checkpoints) {
    restart_peak_resident_bytes();
    comm_.restart_traffic();
    Metrics metrics;
    const Context context{.comm = comm_,
                          .metrics = metrics,
                          .threads = threads_,
                          .memory_per_rank = memory_,
                          .show_progress = comm_.rank() == 0,
                          .checkpoints = &checkpoints};
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
                                   .replace = may_replace_});
      hashes = hash_files(context, staged.path(), {});
    }
    Json record = run_record(context);
    record["depends_on"] = identity;
    record["run"] = job_.run.name;
    record["job"] = {
        {"text", text_}, {"assignments", options_.assignments}, {"working_directory", fs::current_path().string()}};
    record["position"] = std::ssize(sections_);
    collectively(comm_, [&] {
      if (comm_.rank() != 0) return;
      const StepPlan& planned = plans_[static_cast<std::size_t>(&prepared - steps_.data())];
      record["plan"] = plan_against_actual(planned, result, record, staged.path(), job_.dataset_folder(options_.out));
      record["dataset_state"] = dataset_state(job_.dataset_folder(options_.out));
      fault_point("runner.result");
      const Json json = result_json(prepared, result, hashes);
      write_file(staged.path() / "result.json", json.dump(1) + "\n");
      write_file(staged.path() / "run.json", record.dump(1) + "\n");
      // A step's report shows the steps before it too, so that the last one tells the whole run.
      sections_.push_back({json, record});
      fault_point("runner.report");
      write_file(staged.path() / "report.html", render_report(job_.run.name, sections_, options_.report));
    });
    staged.publish();
  }

  Communicator& comm_;
  const RunOptions& options_;
  std::string text_;  ///< of the job file
  JobFile job_;
  std::unique_ptr<RunFolder> folder_;  ///< on rank 0
  bool may_replace_ = false;           ///< a dataset that is there
  std::vector<PreparedStep> steps_;
  std::vector<StepPlan> plans_;  ///< of the steps, on rank 0
  std::vector<ReportSection> sections_;
  int threads_ = 1;
  std::int64_t memory_ = 0;
};

}  // namespace

JobFile validate_job(const std::string& text, const std::string& path, const std::vector<std::string>& assignments) {
  JobFile job = parse_job(text, path, assignments);
  prepare(job);
  return job;
}

fs::path run_job(Communicator& comm, const RunOptions& options) {
  return Runner(comm, options).run();
}

}  // namespace cohort
