// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>

#include "core/communicator.hpp"
#include "core/error.hpp"
#include "core/memory.hpp"
#include "core/signals.hpp"
#include "io/durable_file.hpp"
#include "io/report/report.hpp"
#include "io/store/dataset.hpp"
#include "jobs/batch/submit.hpp"
#include "jobs/catalogue.hpp"
#include "jobs/command_line.hpp"
#include "jobs/doctor.hpp"
#include "jobs/finished_run.hpp"
#include "jobs/init/job_draft.hpp"
#include "jobs/launcher.hpp"
#include "jobs/plan/planner.hpp"
#include "jobs/replay.hpp"
#include "jobs/runner.hpp"

namespace cohort {
namespace {

constexpr double farewell_seconds = 2;

int print_error(const Error& error) {
  const auto* failure = dynamic_cast<const RankFailure*>(&error);
  const std::string rank = failure != nullptr ? fmt::format(" (rank {})", failure->rank()) : "";
  fmt::print(stderr, "error{}: {}\n", rank, error.what());
  if (!error.next().empty()) fmt::print(stderr, "  next: {}\n", error.next());
  return static_cast<int>(error.code());
}

/// The job file of a verb that is one step: `cohort generate`, `score`, `evaluate`, `explain`.
std::string one_step_job(const Command& command, std::vector<std::string>& assignments) {
  std::vector<std::string> keys;
  if (command.verb == "generate") {
    keys = {fmt::format("customers={}", command.customers), "format=" + command.format};
  } else {
    keys = {"model=" + command.model, "data=" + command.dataset};
  }
  for (const std::string& key : keys) assignments.insert(assignments.begin(), command.verb + "." + key);
  return fmt::format("version: 1\nsteps:\n  - {}: {{}}\n", command.verb);
}

int run_ranks(const Command& command) {
  // Alone on a machine, probing for fast networks would only cost time.
  const bool launched = std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || std::getenv("PMIX_RANK") != nullptr;
  if (!launched) setenv("OMPI_MCA_pml", "ob1", 0);
  catch_stop_signals();
  Communicator comm;
  try {
    if (command.verb == "doctor") return examine_installation(comm, command.out.empty() ? "." : command.out);
    RunOptions options{.job_path = command.target,
                       .out = command.out,
                       .assignments = command.assignments,
                       .threads = command.threads,
                       .until = command.until,
                       .overwrite = command.overwrite,
                       .resume = command.verb == "resume",
                       .report = {command.language, command.min_cell}};
    if (command.target.empty()) options.job_text = one_step_job(command, options.assignments);
    const std::filesystem::path result = run_job(comm, options);
    if (comm.rank() == 0) {
      fmt::print("{}\n", command.json ? nlohmann::json{{"result", result.string()}}.dump() : result.string());
    }
    return 0;
  } catch (const RankFailure& failure) {
    // All ranks hold the same failure, so all leave together; the first one tells.
    if (comm.rank() == 0) print_error(failure);
    return static_cast<int>(failure.code());
  } catch (const Error& error) {
    // Raised outside any agreement. Mostly all ranks have come to the same conclusion; else nothing but abort is left.
    if (comm.all_leave(farewell_seconds)) {
      if (comm.rank() == 0) print_error(error);
      return static_cast<int>(error.code());
    }
    fmt::print(stderr, "rank {}: ", comm.rank());
    comm.abort(print_error(error));
  } catch (const std::exception& error) {
    fmt::print(stderr, "rank {}: error: {}\n", comm.rank(), error.what());
    comm.abort(static_cast<int>(ExitCode::unexpected));
  }
}

int verify(const std::string& folder) {
  const std::vector<Error> damage = verify_dataset(folder);
  for (const Error& error : damage) fmt::print("{}\n", error.what());
  if (damage.empty()) {
    fmt::print("{}: every byte is as written\n", folder);
    return 0;
  }
  throw Error(ExitCode::bad_data, fmt::format("{}: {} damaged files", folder, damage.size()),
              "restore them from a copy, or ingest the sources again");
}

/// Prints a draft, or writes it to a file that is not there yet.
void write_draft(const std::string& text, const std::string& path) {
  if (path.empty()) {
    fmt::print("{}", text);
    return;
  }
  if (std::filesystem::exists(path))
    throw Error(ExitCode::output_exists, fmt::format("{} exists", path), "choose another name with --out");
  write_file(path, text);
  fmt::print("{}\n", path);
}

/// Where whoever started us closed one of them, the next file opened would take its place, and what we say go into it.
void open_standard_streams() {
  while (true) {
    const int lowest = ::open("/dev/null", O_RDWR);
    if (lowest > STDERR_FILENO) ::close(lowest);
    if (lowest < 0 || lowest > STDERR_FILENO) return;
  }
}

void show_plan(const Command& command) {
  const JobPlan plan = plan_job({.job_path = command.target,
                                 .out = command.out.empty() ? "out" : command.out,
                                 .assignments = command.assignments,
                                 .ranks = command.ranks,
                                 .threads = command.threads});
  fmt::print("{}", command.json ? plan.document.dump(1) + "\n" : plan.table);
  if (!plan.refusal.empty()) throw Error(ExitCode::plan_refused, plan.refusal, plan.next);
}

int run_verb(const Command& command) {
  if (command.verb == "list") {
    fmt::print("{}", list_jobs());
  } else if (command.verb == "describe") {
    fmt::print("{}", command.json ? schema_of_job(command.target).dump(1) + "\n" : describe_job(command.target));
  } else if (command.verb == "validate") {
    const JobFile job = validate_job(read_file(command.target), command.target, command.assignments);
    for (const std::string& note : job.notes) fmt::print("note: {}\n", note);
    fmt::print("{}: {} steps, no mistake found\n", command.target, job.steps.size());
  } else if (command.verb == "plan") {
    show_plan(command);
  } else if (command.verb == "init") {
    write_draft(draft_job(command.target), command.out);
  } else if (command.verb == "info") {
    fmt::print("{}", dataset_info(command.target));
  } else if (command.verb == "verify") {
    return command.replay ? replay_run(command.target, static_cast<int>(command.ranks)) : verify(command.target);
  } else if (command.verb == "submit") {
    return submit_job({.job_path = command.target,
                       .out = command.out,
                       .assignments = command.assignments,
                       .dry_run = command.dry_run,
                       .follow = command.follow});
  } else if (command.verb == "status") {
    return show_jobs(command.target);
  } else if (command.verb == "cancel") {
    return cancel_jobs(command.target);
  } else if (command.verb == "report") {
    fmt::print("{}\n", rewrite_report(command.target, {command.language, command.min_cell}).string());
  } else {
    return run_ranks(command);
  }
  return 0;
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  using namespace cohort;
  open_standard_streams();
  ::umask(::umask(0) | 0027);  // customers' data are nobody else's
  keep_freed_memory();
  int exit_code = -1;
  const Command command = parse_command_line(argc, argv, exit_code);
  if (exit_code >= 0) return exit_code;
  try {
    if (command.ranks == 0 || command.verb == "verify" || command.verb == "plan") return run_verb(command);
    std::vector<std::string> arguments;
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      if (word == "--ranks") {
        ++i;
      } else if (!word.starts_with("--ranks=")) {
        arguments.push_back(word);
      }
    }
    return run_under_mpirun(static_cast<int>(command.ranks), arguments);
  } catch (const Error& error) {
    return print_error(error);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return static_cast<int>(ExitCode::unexpected);
  }
}
