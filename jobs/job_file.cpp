// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_file.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>
#include <tuple>
#include <utility>

#include "core/config.hpp"

namespace cohort {
namespace {

using Kind = ConfigNode::Kind;

/// The keys of a job file's top level; the steps are read by their jobs.
struct TopLevel {
  std::int64_t version = 1;
  RunSettings run;
  SlurmSettings slurm;
  std::string dataset = "data.cohort";
  std::int64_t shards = 0;

  void describe(Fields& f) {
    f({.name = "version", .text = "Version of the job file's format", .range = {1, 1}, .required = true}, version);
    f({.name = "run", .text = "Settings of the whole run"}, run);
    f({.name = "dataset", .text = "Folder of the dataset, relative to --out"}, dataset);
    f({.name = "shards",
       .text = "Number of shards of a dataset that is made; 0 takes it from the data's size",
       .range = {0, 1 << 20}},
      shards);
    f({.name = "slurm", .text = "What `cohort submit` asks Slurm for; never changes a result", .execution = true},
      slurm);
  }
};

ConfigNode& child(ConfigNode& mapping, const std::string& key, const std::string& source) {
  if (ConfigNode* found = mapping.find(key)) return *found;
  if (mapping.kind == Kind::null) mapping.kind = Kind::mapping;
  ConfigNode name{.kind = Kind::scalar, .scalar = key, .source = source, .line = 1, .column = 1};
  mapping.entries.push_back({std::move(name), {.source = source, .line = 1, .column = 1}});
  return mapping.entries.back().value;
}

/// Lets `- features` and `- features:` stand for `- features: {}`, placed where the job's name is.
void complete_steps(ConfigNode& root) {
  ConfigNode* steps = root.find("steps");
  if (steps == nullptr) return;
  for (ConfigNode& step : steps->items) {
    if (step.kind == Kind::scalar) {
      ConfigNode name = std::exchange(
          step, ConfigNode{.kind = Kind::mapping, .source = step.source, .line = step.line, .column = step.column});
      step.entries.push_back({std::move(name), {}});
    }
    if (step.kind != Kind::mapping || step.entries.size() != 1) continue;
    auto& [name, parameters] = step.entries.front();
    if (parameters.kind != Kind::null) continue;
    parameters = ConfigNode{.kind = Kind::mapping, .source = name.source, .line = name.line, .column = name.column};
  }
}

std::string id_of(const ConfigNode& step) {
  const auto& [job, parameters] = step.entries.front();
  const ConfigNode* id = parameters.find("id");
  return id != nullptr ? id->scalar : job.scalar;
}

/// The mapping that the first word of an assignment's path names: a step's parameters, or the top level.
ConfigNode& owner_of(ConfigNode& root, const std::string& first, const std::string& assignment) {
  static const std::vector<std::string> top_keys{"run", "dataset", "shards", "version", "slurm"};
  if (std::find(top_keys.begin(), top_keys.end(), first) != top_keys.end())
    return child(root, first, "--set " + assignment);
  std::vector<std::string> known = top_keys;
  if (ConfigNode* steps = root.find("steps")) {
    for (ConfigNode& step : steps->items) {
      if (step.kind != Kind::mapping || step.entries.size() != 1) continue;
      if (id_of(step) == first) return step.entries.front().value;
      known.push_back(id_of(step));
    }
  }
  const std::string near = nearest(first, known);
  throw Error(
      ExitCode::bad_config, fmt::format("--set {}: no step has the id '{}'", assignment, first),
      near.empty() ? fmt::format("the ids are: {}", fmt::join(known, ", ")) : fmt::format("did you mean '{}'?", near));
}

void assign(ConfigNode& root, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(ExitCode::usage, fmt::format("--set {}: no '='", assignment), "write --set STEP.KEY=VALUE");
  }
  std::vector<std::string> path;
  for (std::size_t begin = 0; begin <= equals;) {
    const std::size_t end = std::min(assignment.find('.', begin), equals);
    path.push_back(assignment.substr(begin, end - begin));
    begin = end + 1;
  }
  ConfigNode* target = &owner_of(root, path.front(), assignment);
  for (std::size_t i = 1; i < path.size(); ++i) target = &child(*target, path[i], "--set " + assignment);
  *target = parse_yaml(assignment.substr(equals + 1), "--set " + assignment);
}

StepEntry parse_step(const ConfigNode& node) {
  if (node.kind != Kind::mapping || node.entries.size() != 1) {
    throw node.error("a step must be one job with its keys", "write `- kmeans: {n_clusters: 5}`");
  }
  StepEntry step{.id = id_of(node), .job = node.entries.front().key.scalar, .parameters = node.entries.front().value};
  std::erase_if(step.parameters.entries, [](const auto& entry) { return entry.key.scalar == "id"; });
  const auto is_plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; };
  if (step.id.empty() || !std::all_of(step.id.begin(), step.id.end(), is_plain)) {
    throw node.error(fmt::format("'{}' cannot be a step's id, which names its folder", step.id),
                     "use letters, digits, '_' and '-'");
  }
  return step;
}

/// A step's folder is replaced whole, and would take the dataset with it.
void check_dataset(const JobFile& job, const ConfigNode& root) {
  const std::filesystem::path folder = std::filesystem::path(job.dataset).lexically_normal();
  const std::string first = folder.empty() ? "." : folder.begin()->string();
  const auto taken = [&](const StepEntry& step) {
    return first == step.id || first == step.id + ".partial" || first == step.id + ".checkpoint";
  };
  if (first != "." && std::ranges::none_of(job.steps, taken)) return;
  const ConfigNode* node = root.find("dataset");
  throw(node == nullptr ? root : *node)
      .error(fmt::format("dataset: '{}' is {}", job.dataset, first == "." ? "--out itself" : "the folder of a step"),
             "give the dataset a name of its own, e.g. data.cohort");
}

}  // namespace

void RunSettings::describe(Fields& f) {
  f({.name = "name", .text = "Name of the job, shown in reports"}, name);
  f({.name = "random_state", .text = "Seed of every random choice", .range = {0, 9.2e18}, .aliases = {"seed"}},
    random_state);
  f({.name = "memory_per_rank",
     .text = "Memory a rank may use, e.g. 4GiB; empty takes 80 % of the rank's share of the node",
     .execution = true},
    memory_per_rank);
  f({.name = "threads",
     .text = "Threads a rank computes with; 0 shares the node's cores among its ranks",
     .range = {0, 1024},
     .aliases = {"n_jobs"},
     .execution = true},
    threads);
  f({.name = "isa",
     .text = "Instruction level, where it must be lower than what all ranks have; empty: the highest",
     .choices = {"", "x86-64", "avx2", "avx512"},
     .execution = true},
    isa);
  f({.name = "checkpoint_every",
     .text = "Seconds between two checkpoints of a loop; 0 keeps every iteration",
     .range = {0, 1e9},
     .execution = true},
    checkpoint_every);
  f({.name = "comm_timeout",
     .text = "Seconds a rank waits in one collective call for the others before it ends the job; 0 waits for ever",
     .range = {0, 1e9},
     .execution = true},
    comm_timeout);
}

JobFile parse_job(const std::string& text, const std::string& source, const std::vector<std::string>& assignments) {
  ConfigNode root = parse_yaml(text, source);
  if (root.kind != Kind::mapping) throw root.error("a job file is a mapping", "begin with `version: 1`");
  complete_steps(root);
  for (const std::string& assignment : assignments) assign(root, assignment);

  ConfigNode top = root;
  std::erase_if(top.entries, [](const auto& entry) { return entry.key.scalar == "steps"; });
  TopLevel keys;
  JobFile job;
  job.notes = read_fields(top, description_of(keys), "the job file");
  job.run = keys.run;
  if (!job.run.memory_per_rank.empty()) std::ignore = parse_bytes(job.run.memory_per_rank);
  job.slurm = keys.slurm;
  job.dataset = keys.dataset;
  job.shards = keys.shards;

  const ConfigNode* steps = root.find("steps");
  if (steps == nullptr || steps->kind != Kind::sequence || steps->items.empty()) {
    throw root.error("a job file needs a list of steps", "add `steps:` with at least one `- job: {...}`");
  }
  std::set<std::string> ids;
  for (const ConfigNode& node : steps->items) {
    job.steps.push_back(parse_step(node));
    if (!ids.insert(job.steps.back().id).second) {
      throw node.error(fmt::format("two steps have the id '{}'", job.steps.back().id),
                       "give one of them another `id:`");
    }
  }
  check_dataset(job, root);
  return job;
}

std::int64_t parse_bytes(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [unit_begin, error] = std::from_chars(text.data(), end, number);
  const std::string unit(unit_begin, end);
  static const std::vector<std::pair<std::string, double>> units{
      {"", 1},         {"B", 1},    {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30},
      {"TiB", 0x1p40}, {"kB", 1e3}, {"MB", 1e6},     {"GB", 1e9},     {"TB", 1e12}};
  for (const auto& [name, factor] : units) {
    if (error == std::errc{} && unit == name && number > 0 && number * factor < 9e18) {
      return static_cast<std::int64_t>(number * factor);
    }
  }
  throw Error(ExitCode::bad_config, fmt::format("'{}' is no amount of memory", text), "write e.g. 512MiB or 4GiB");
}

}  // namespace cohort
