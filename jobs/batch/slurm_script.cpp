// SPDX-License-Identifier: Apache-2.0
#include "jobs/batch/slurm_script.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "core/error.hpp"

namespace cohort {
namespace {

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

/// As sbatch reads the value of an option.
std::string directive_value(const std::string& text) {
  const bool plain = std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-+./:,@%=()").find(c) != std::string_view::npos;
  });
  if (plain) return text;
  std::string value = "\"";
  for (const char c : text) value += c == '"' || c == '\\' ? fmt::format("\\{}", c) : std::string(1, c);
  return value + "\"";
}

std::int64_t at_least_one(std::int64_t number) {
  return std::max<std::int64_t>(1, number);
}

struct Sweep {
  std::string key;
  std::vector<std::string> values;
};

Sweep parse_sweep(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(ExitCode::bad_config, fmt::format("slurm.sweep '{}' names no key and values", text),
                "write e.g. kmeans.n_clusters=3,4,5");
  }
  Sweep sweep{.key = text.substr(0, equals), .values = {}};
  for (std::size_t begin = equals + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    sweep.values.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return sweep;
}

/// The lines that sbatch reads.
std::string directives(const SlurmSettings& settings, const SlurmStage& stage, const SlurmCommand& command) {
  const SlurmNeeds& needs = stage.needs;
  const bool array = !settings.sweep.empty();
  std::string text;
  const auto line = [&text](const std::string& option, const std::string& value = {}) {
    text += fmt::format("#SBATCH --{}{}{}\n", option, value.empty() ? "" : "=", directive_value(value));
  };
  line("job-name", stage.name);
  line("nodes", std::to_string(at_least_one(needs.nodes)));
  line("ntasks-per-node", std::to_string(at_least_one(needs.tasks_per_node)));
  line("cpus-per-task", std::to_string(at_least_one(needs.cpus_per_task)));
  if (!needs.memory.empty()) line("mem", fmt::format("{}M", parse_bytes(needs.memory) >> 20));
  if (needs.minutes > 0) line("time", std::to_string(needs.minutes));
  if (!needs.partition.empty()) line("partition", needs.partition);
  if (!needs.account.empty()) line("account", needs.account);
  if (!needs.constraint.empty()) line("constraint", needs.constraint);
  if (array) line("array", fmt::format("0-{}", parse_sweep(settings.sweep).values.size() - 1));
  line("signal", fmt::format("B:USR1@{}", settings.warning_s));
  line("requeue");
  line("open-mode", "append");
  line("output", command.log_folder + (array ? "/%x-%A_%a.log" : "/%x-%j.log"));
  return text;
}

/// What the job file says of memory is as it is wanted; where it says nothing, the allocation does.
std::string memory_option(const SlurmNeeds& needs, const SlurmCommand& command) {
  if (needs.memory.empty() || command.memory_is_set) return {};
  const std::int64_t share = parse_bytes(needs.memory) / at_least_one(needs.tasks_per_node) / 10 * 8;
  return fmt::format(" --set run.memory_per_rank={}", share);
}

std::string launch_line(const SlurmSettings& settings) {
  if (settings.launcher == "mpirun")
    return "mpirun --bind-to " +
           (settings.binding == "none" ? "none" : settings.binding.substr(0, settings.binding.size() - 1));
  return fmt::format("srun --mpi=pmix --kill-on-bad-exit=1 --cpus-per-task=$SLURM_CPUS_PER_TASK --cpu-bind={}",
                     settings.binding);
}

/// How the ranks are called; in an array the task's number chooses the value and the folder.
std::string call(const SlurmSettings& settings, const SlurmStage& stage, const SlurmCommand& command) {
  std::string text, out = quoted(command.out), swept;
  if (!settings.sweep.empty()) {
    const Sweep sweep = parse_sweep(settings.sweep);
    std::vector<std::string> values;
    for (const std::string& value : sweep.values) values.push_back(quoted(value));
    text += fmt::format("values=({})\nvalue=${{values[$SLURM_ARRAY_TASK_ID]}}\n", fmt::join(values, " "));
    out += fmt::format("/{}=\"$value\"", quoted(sweep.key));
    swept = fmt::format(" --set {}=\"$value\"", quoted(sweep.key));
  }
  text += fmt::format("{} {} resume {} --out {} --threads $SLURM_CPUS_PER_TASK", launch_line(settings),
                      quoted(command.program), quoted(command.job_path), out);
  if (!stage.until.empty()) text += " --until " + stage.until;
  for (const std::string& assignment : command.assignments) text += " --set " + quoted(assignment);
  return text + swept + memory_option(stage.needs, command) + " &\n";
}

constexpr const char* head = R"sh(
# The warning before the time limit comes to this shell, which passes it on: the ranks write a checkpoint and leave with
# 75, and the job goes back into the queue. It goes on from there, on any number of ranks, with the same bits.
warned=0
trap 'warned=1; kill -USR1 "$ranks" 2>/dev/null' USR1
trap 'kill -USR1 "$ranks" 2>/dev/null' TERM INT
export OMPI_MCA_mpi_yield_when_idle=${OMPI_MCA_mpi_yield_when_idle:-1}
)sh";

constexpr const char* tail = R"sh(ranks=$!
wait "$ranks"; code=$?
while kill -0 "$ranks" 2>/dev/null; do wait "$ranks"; code=$?; done # a signal ends `wait` early

if ((code == 75 && warned && ${SLURM_RESTART_COUNT:-0} < REQUEUES)); then
  echo "checkpointed before the time limit: back into the queue"
  scontrol requeue "$SLURM_JOB_ID" && sleep 60
elif ((code > 128)); then
  echo "a rank died of signal $((code - 128))"
  code=15
fi
exit "$code"
)sh";

}  // namespace

std::vector<SlurmStage> slurm_stages(const JobFile& job) {
  for (const auto& [id, unused] : job.slurm.steps) {
    if (std::none_of(job.steps.begin(), job.steps.end(), [&](const StepEntry& step) { return step.id == id; })) {
      throw Error(ExitCode::bad_config, fmt::format("slurm.steps: there is no step '{}'", id), "name the id of a step");
    }
  }
  std::vector<SlurmStage> stages;
  for (const StepEntry& step : job.steps) {
    const auto found = job.slurm.steps.find(step.id);
    SlurmNeeds needs = found == job.slurm.steps.end() ? SlurmNeeds{} : found->second;
    needs.inherit(job.slurm);
    if (stages.empty() || stages.back().needs != needs) stages.push_back({job.run.name, {}, needs});
    stages.back().until = step.id;
  }
  if (stages.size() > 1) {
    for (SlurmStage& stage : stages) stage.name += "-" + stage.until;
  }
  stages.back().until.clear();
  for (SlurmStage& stage : stages) std::ranges::replace(stage.name, '/', '_');  // it names files
  return stages;
}

std::string slurm_script(const SlurmSettings& settings, const SlurmStage& stage, const SlurmCommand& command) {
  std::string after = tail;
  const std::string place = "REQUEUES";
  after.replace(after.find(place), place.size(), std::to_string(settings.requeues));
  std::string setup;
  for (const std::string& line : settings.setup) setup += line + "\n";
  return "#!/bin/bash\n" + directives(settings, stage, command) + head + setup + "\n" + call(settings, stage, command) +
         after;
}

}  // namespace cohort
