// SPDX-License-Identifier: Apache-2.0
#include "jobs/plan/planner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "io/durable_file.hpp"
#include "io/report/report_text.hpp"
#include "jobs/machine.hpp"
#include "jobs/plan/planned_jobs.hpp"
#include "jobs/runner.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

using Figure = std::optional<double> StepPlan::*;
constexpr std::array<std::pair<const char*, Figure>, 6> figures{{{"rows", &StepPlan::rows},
                                                                 {"memory_bytes", &StepPlan::memory_bytes},
                                                                 {"payload_bytes", &StepPlan::payload_bytes},
                                                                 {"disk_bytes", &StepPlan::disk_bytes},
                                                                 {"scratch_bytes", &StepPlan::scratch_bytes},
                                                                 {"time_s", &StepPlan::time_s}}};

Json json_of(const char* name, const std::optional<double>& value) {
  if (!value) return nullptr;
  return std::string_view(name) == "time_s" ? Json(*value) : Json(std::llround(*value));
}

/// As a report shows it.
std::string text_of(const char* name, const std::optional<double>& value) {
  if (!value) return "not predicted";
  const Json number = json_of(name, value);
  NumberStyle style(name);
  style.see(number);
  return style.text(number);
}

std::string bytes_text(double bytes) {
  return text_of("memory_bytes", bytes);
}

std::string table_of(std::span<const StepEntry> steps, std::span<const StepPlan> plans) {
  std::string text = fmt::format("{:<14} {:>14} {:>14} {:>14} {:>14} {:>14} {:>14}\n", "step", "rows", "memory a rank",
                                 "payload", "disk", "scratch disk", "seconds");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    text += fmt::format("{:<14}", steps[i].id);
    for (const auto& [name, figure] : figures) text += fmt::format(" {:>14}", text_of(name, plans[i].*figure));
    text += '\n';
  }
  return text;
}

/// Of all files below a folder.
double bytes_below(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    bytes += entry.is_regular_file() ? entry.file_size() : 0;
  return static_cast<double>(bytes);
}

/// Free bytes of the disk that a folder, which may not be there yet, will lie on.
double free_bytes(fs::path folder) {
  folder = fs::absolute(folder);
  while (!fs::exists(folder)) folder = folder.parent_path();
  return static_cast<double>(fs::space(folder).available);
}

/// The first reason counts.
void refuse(JobPlan& plan, const std::string& refusal, const std::string& next) {
  if (!plan.refusal.empty()) return;
  plan.refusal = refusal;
  plan.next = next;
}

/// Says what does not fit, if anything.
void check_fit(std::span<const StepEntry> steps, std::span<const StepPlan> plans, double memory, double disk,
               JobPlan& plan) {
  double used = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string& id = steps[i].id;
    const double need = plans[i].memory_bytes.value_or(0);
    if (need > memory) {
      refuse(plan,
             fmt::format("step {} would take {} on a rank, more than memory_per_rank = {}", id, bytes_text(need),
                         bytes_text(memory)),
             fmt::format("set run.memory_per_rank to {} or more; or {}", bytes_text(need * 1.1), plans[i].smaller));
    }
    used += plans[i].disk_bytes.value_or(0);
    const double peak = used + plans[i].scratch_bytes.value_or(0);
    if (peak > disk) {
      refuse(plan,
             fmt::format("by step {} the job would have {} on disk, and {} are free", id, bytes_text(peak),
                         bytes_text(disk)),
             fmt::format("choose an --out with {} free", bytes_text(peak * 1.1)));
    }
  }
}

}  // namespace

std::vector<StepPlan> plan_steps(std::span<const StepEntry> steps, Forecast forecast) {
  std::vector<StepPlan> plans;
  for (const StepEntry& step : steps) {
    forecast.id = step.id;
    plans.push_back(plan_step(step.job, step.parameters, forecast));
  }
  return plans;
}

Json plan_against_actual(const StepPlan& plan, const StepResult& result, const Json& record, const fs::path& folder,
                         const fs::path& dataset) {
  StepPlan actual{.memory_bytes = record.at("peak_rss_bytes").get<double>(),
                  .payload_bytes = 0,
                  .disk_bytes = bytes_below(folder) + (plan.makes_dataset ? bytes_below(dataset) : 0),
                  .time_s = record.at("phases").front().at("wall_s").get<double>()};
  if (result.metrics.contains(plan.rows_metric)) actual.rows = result.metrics.at(plan.rows_metric).get<double>();
  for (const Json& phase : record.at("phases")) *actual.payload_bytes += phase.at("bytes_sent").get<double>();
  Json both = Json::object();
  for (const auto& [name, figure] : figures) {
    if (plan.*figure)
      both[name] = {{"planned", json_of(name, plan.*figure)}, {"actual", json_of(name, actual.*figure)}};
  }
  return both;
}

JobPlan plan_job(const PlanOptions& options) {
  const JobFile job = validate_job(read_file(options.job_path), options.job_path, options.assignments);
  const std::vector<StepEntry>& steps = job.steps;
  const std::int64_t ranks = std::max<std::int64_t>(1, options.ranks);
  const std::int64_t threads = options.threads > 0   ? options.threads
                               : job.run.threads > 0 ? job.run.threads
                                                     : std::max<std::int64_t>(1, default_threads() / ranks);
  const std::int64_t memory =
      job.run.memory_per_rank.empty() ? default_memory() / ranks : parse_bytes(job.run.memory_per_rank);
  const double disk = free_bytes(options.out);
  const std::vector<StepPlan> plans = plan_steps(steps, {.job = job,
                                                         .out = options.out,
                                                         .ranks = static_cast<double>(ranks),
                                                         .threads = static_cast<double>(threads),
                                                         .memory_per_rank = static_cast<double>(memory)});

  JobPlan plan{.table = table_of(steps, plans), .document = {{"ranks", ranks}, {"threads", threads}}};
  check_fit(steps, plans, static_cast<double>(memory), disk, plan);
  plan.document["memory_per_rank"] = memory;
  plan.document["disk_free_bytes"] = std::llround(disk);
  plan.document["steps"] = Json::array();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Json step{{"id", steps[i].id}, {"job", steps[i].job}};
    for (const auto& [name, figure] : figures) step[name] = json_of(name, plans[i].*figure);
    plan.document["steps"].push_back(std::move(step));
  }
  plan.document["refused"] = plan.refusal.empty() ? Json(nullptr) : Json(plan.refusal);
  plan.table += fmt::format("{} ranks x {} threads, {} of memory a rank, {} of disk free\n", ranks, threads,
                            bytes_text(static_cast<double>(memory)), bytes_text(disk));
  return plan;
}

}  // namespace cohort
