// SPDX-License-Identifier: Apache-2.0
#include "jobs/batch/submit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <thread>

#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "jobs/batch/slurm_script.hpp"
#include "jobs/child_process.hpp"
#include "jobs/runner.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

fs::path log_folder(const fs::path& out) {
  return fs::absolute(out) / ".slurm";
}

/// Runs one of Slurm's programs; throws Error with what it said if it failed.
std::string slurm(const std::vector<std::string>& words) {
  const Finished finished = run_and_read(words);
  if (finished.code == 0) return finished.output;
  throw Error(ExitCode::unavailable,
              fmt::format("`{}` failed ({}): {}", fmt::join(words, " "), finished.code, finished.output),
              finished.code == 127 ? "submit where Slurm's programs are on the PATH, or see the script with --dry-run"
                                   : "correct the slurm: block, or ask the cluster's administrator");
}

/// The number in what `sbatch --parsable` printed, between notices that a site may add.
std::string submitted_job(const std::string& answer) {
  std::istringstream lines(answer);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end = line.find_first_not_of("0123456789");
    if (end != 0 && !line.empty() && (end == std::string::npos || line[end] == ';')) return line.substr(0, end);
  }
  throw Error(ExitCode::unavailable, fmt::format("sbatch printed no job number: {}", answer),
              "look for the job with `squeue --me`");
}

std::vector<std::string> submitted_jobs(const fs::path& out) {
  std::istringstream lines(read_file((log_folder(out) / "jobs").string()));
  std::vector<std::string> jobs;
  for (std::string job; lines >> job;) jobs.push_back(job);
  return jobs;
}

/// The value of KEY=VALUE in a line of `scontrol -o show job`.
std::string value_of(const std::string& line, const std::string& key) {
  const std::size_t at = line.find(key + "=");
  if (at == std::string::npos) return "-";
  const std::size_t begin = at + key.size() + 1;
  return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

/// One line for each job, and for each task of an array.
std::vector<std::string> records_of(const std::string& job) {
  std::istringstream lines(slurm({"scontrol", "-o", "show", "job", job}));
  std::vector<std::string> records;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) records.push_back(line);
  }
  return records;
}

bool is_over(const std::string& record) {
  const std::string state = value_of(record, "JobState");
  return state != "PENDING" && state != "RUNNING" && state != "COMPLETING" && state != "CONFIGURING" &&
         state != "SUSPENDED" && state != "REQUEUED";
}

/// Shows what a log gained since `shown` bytes.
void show_more(const fs::path& log, std::size_t& shown) {
  std::ifstream file(log);
  file.seekg(static_cast<std::streamoff>(shown));
  std::ostringstream text;
  text << file.rdbuf();
  shown += text.str().size();
  fmt::print("{}", text.str());
  std::fflush(stdout);
}

/// Says how a job ended; its exit code.
int told_end(const std::string& record) {
  const std::string code = value_of(record, "ExitCode");  // "75:0": code and signal
  fmt::print("job {}: {}, exit code {}\n", value_of(record, "JobId"), value_of(record, "JobState"), code);
  return code.starts_with("0:") && code != "0:0" ? static_cast<int>(ExitCode::rank_gone) : std::stoi(code);
}

/// Waits for a job, or all tasks of an array, showing the logs; returns the first exit code that tells of a failure.
int follow(const std::string& job) {
  std::map<std::string, std::size_t> shown;  // bytes of each log
  for (;; std::this_thread::sleep_for(std::chrono::seconds(1))) {
    const std::vector<std::string> records = records_of(job);
    for (const std::string& record : records) {
      const std::string log = value_of(record, "StdOut");
      show_more(log, shown[log]);
    }
    if (!std::ranges::all_of(records, is_over)) continue;
    int failure = 0;
    for (const std::string& record : records) {
      const int code = told_end(record);
      if (failure == 0) failure = code;
    }
    return failure;
  }
}

}  // namespace

int submit_job(const SubmitOptions& options) {
  const std::string text = read_file(options.job_path);
  const JobFile job = validate_job(text, options.job_path, options.assignments);
  const fs::path folder = log_folder(options.out);
  const SlurmCommand command{.program = fs::read_symlink("/proc/self/exe").string(),
                             .job_path = (folder / "job.yaml").string(),
                             .out = fs::absolute(options.out).string(),
                             .log_folder = folder.string(),
                             .assignments = options.assignments,
                             .memory_is_set = !job.run.memory_per_rank.empty()};
  if (!options.dry_run) {
    fs::create_directories(folder);
    write_file(command.job_path, text);
  }
  std::vector<std::string> jobs;
  for (const SlurmStage& stage : slurm_stages(job)) {
    const std::string script = slurm_script(job.slurm, stage, command);
    if (options.dry_run) {
      fmt::print("{}", script);
      continue;
    }
    const fs::path path = folder / (stage.name + ".sbatch");
    write_file(path.string(), script);
    std::vector<std::string> words{"sbatch", "--parsable"};
    // Element by element, where stages are arrays.
    const char* after = job.slurm.sweep.empty() ? "afterok" : "aftercorr";
    if (!jobs.empty()) words.push_back(fmt::format("--dependency={}:{}", after, jobs.back()));
    if (!jobs.empty()) words.push_back("--kill-on-invalid-dep=yes");
    words.push_back(path.string());
    jobs.push_back(submitted_job(slurm(words)));
    write_file((folder / "jobs").string(), fmt::format("{}\n", fmt::join(jobs, "\n")));
    fmt::print("{}\n", jobs.back());
  }
  return options.follow && !jobs.empty() ? follow(jobs.back()) : 0;
}

int show_jobs(const fs::path& out) {
  for (const std::string& job : submitted_jobs(out)) {
    for (const std::string& record : records_of(job)) {
      fmt::print("{} {} {} {}\n", value_of(record, "JobId"), value_of(record, "JobName"), value_of(record, "JobState"),
                 value_of(record, "ExitCode"));
    }
  }
  return 0;
}

int cancel_jobs(const fs::path& out) {
  std::vector<std::string> words = submitted_jobs(out);
  words.insert(words.begin(), "scancel");
  slurm(words);
  return 0;
}

}  // namespace cohort
