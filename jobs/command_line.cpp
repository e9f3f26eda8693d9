// SPDX-License-Identifier: Apache-2.0
#include "jobs/command_line.hpp"

#include <CLI/CLI.hpp>

#include "core/error.hpp"
#include "jobs/version.hpp"

namespace cohort {
namespace {

constexpr const char* footer =
    "A first run:\n"
    "  cohort run configs/quickstart.yaml --out out --ranks 2\n"
    "  cohort describe kmeans        # what a job does and every key it takes\n"
    "  cohort run job.yaml --out out --set kmeans.n_clusters=8\n"
    "Exit codes: 0 success, 14 would not fit, 15 a rank is gone, 20 numerical failure, 64 usage, 65 bad data,\n"
    "66 input missing, 73 output exists, 74 disk, 78 bad job file; all of them in jobs/README.md.";

void add_report_options(CLI::App& verb, Command& command) {
  verb.add_option("--lang", command.language, "Language of report.html: en or zh")->check(CLI::IsMember({"en", "zh"}));
  verb.add_option("--min-cell", command.min_cell,
                  "Hide cells of report.html with fewer customers, and names of customers")
      ->check(CLI::Range(0, 1'000'000));
}

void add_run_options(CLI::App& verb, Command& command) {
  verb.add_option("--out", command.out, "Folder for all results")->required();
  verb.add_option("--set", command.assignments,
                  "Override a key: STEP.KEY=VALUE, run.KEY=VALUE or dataset=PATH; may repeat")
      ->allow_extra_args(false);
  verb.add_option("--ranks", command.ranks, "Start this many MPI ranks on this machine")->check(CLI::Range(1, 4096));
  verb.add_option("--threads", command.threads, "Threads per rank")->check(CLI::Range(1, 1024));
  verb.add_flag("--json", command.json, "Print the last line as JSON");
  add_report_options(verb, command);
}

CLI::App* add_job_verb(CLI::App& app, const char* name, const char* text, Command& command) {
  CLI::App* verb = app.add_subcommand(name, text);
  verb->add_option("job", command.target, "Job file (YAML)")->required();
  verb->add_option("--until", command.until, "Id of the last step to run; all without it");
  add_run_options(*verb, command);
  return verb;
}

void add_look_up(CLI::App& app, const char* name, const char* text, const char* what, Command& command) {
  app.add_subcommand(name, text)->add_option(what, command.target)->required();
}

}  // namespace

Command parse_command_line(int argc, char** argv, int& exit_code) {
  Command command;
  CLI::App app("Cohort: customer analytics over MPI ranks, with the same bits at any number of them.", "cohort");
  app.footer(footer);
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);

  add_job_verb(app, "run", "Run a job file", command)
      ->add_flag("--overwrite", command.overwrite, "Replace the results in --out");
  add_job_verb(app, "resume", "Continue a job file from its first missing or changed step", command);
  CLI::App* submit = app.add_subcommand("submit", "Hand a job file to Slurm, as its slurm: block says");
  submit->add_option("job", command.target, "Job file (YAML)")->required();
  submit->add_option("--out", command.out, "Folder for all results; finished steps in it are kept")->required();
  submit->add_option("--set", command.assignments, "Override a key, as for run; also slurm.KEY=VALUE")
      ->allow_extra_args(false);
  submit->add_flag("--dry-run", command.dry_run, "Print the batch scripts and submit nothing");
  submit->add_flag("--follow", command.follow, "Show the log until the end and return the job's exit code");
  add_look_up(app, "status", "Show the Slurm jobs of a folder", "out", command);
  add_look_up(app, "cancel", "End the Slurm jobs of a folder; a later submit goes on from the last checkpoint", "out",
              command);
  CLI::App* validate = app.add_subcommand("validate", "Check a job file without touching data");
  validate->add_option("job", command.target, "Job file (YAML)")->required();
  validate->add_option("--set", command.assignments, "Override a key, as for run")->allow_extra_args(false);
  CLI::App* plan = app.add_subcommand(
      "plan", "Predict memory, traffic, disk and time of each step, from metadata; refuse what cannot fit");
  plan->add_option("job", command.target, "Job file (YAML)")->required();
  plan->add_option("--out", command.out, "Folder for all results; 'out' without it");
  plan->add_option("--set", command.assignments, "Override a key, as for run")->allow_extra_args(false);
  plan->add_option("--ranks", command.ranks, "Ranks the job would have")->check(CLI::Range(1, 65536));
  plan->add_option("--threads", command.threads, "Threads per rank")->check(CLI::Range(1, 1024));
  plan->add_flag("--json", command.json, "Print the plan as JSON");
  CLI::App* init = app.add_subcommand("init", "Propose a job file for an export, by looking at it");
  init->add_option("--from", command.target, "Delimited text with a header, plain or compressed")->required();
  init->add_option("--out", command.out, "Job file to write; printed without it");
  app.add_subcommand("list", "List the jobs");
  CLI::App* describe = app.add_subcommand("describe", "Explain a job: what it does, every key, cost, references");
  describe->add_option("name", command.target, "Name of the job; 'all' for the whole reference")->required();
  describe->add_flag("--json", command.json, "JSON Schema of the job's keys; with 'all', of whole job files");
  add_look_up(app, "info", "Show a dataset: schema, shards, rows, sources", "dataset", command);
  CLI::App* verify = app.add_subcommand("verify", "Check every byte of a dataset against its hashes; or replay a run");
  verify->add_option("folder", command.target, "Dataset; with --replay, the --out folder of a run")->required();
  verify->add_flag("--replay", command.replay, "Run the job again on another number of ranks and compare all bytes");
  verify->add_option("--ranks", command.ranks, "Ranks of the replay; one more than before without it");
  CLI::App* doctor = app.add_subcommand("doctor", "Look whether MPI, HDF5, the file system and the node suit a run");
  doctor->add_option("--out", command.out, "Folder whose file system is tried; the working folder without it");
  doctor->add_option("--ranks", command.ranks, "Start this many MPI ranks on this machine")->check(CLI::Range(1, 4096));
  add_look_up(app, "report", "Write report.html of a finished run again", "folder", command);
  add_report_options(*app.get_subcommand("report"), command);

  CLI::App* generate =
      app.add_subcommand("generate", "Make a synthetic retailer: customers, transactions and the truth");
  generate->add_option("--customers", command.customers, "Number of customers")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{9'000'000'000'000}));
  generate->add_option("--format", command.format, "csv, or store for a dataset at once")
      ->check(CLI::IsMember({"csv", "store"}));
  add_run_options(*generate, command);
  generate->add_flag("--overwrite", command.overwrite, "Replace the results in --out");
  const std::pair<const char*, const char*> of_a_model[] = {
      {"score", "Apply a model file to a dataset or a table of features"},
      {"evaluate", "Judge a model file by rows with known labels, and tell how these have drifted"},
      {"explain", "Tell what a model file goes by, and of whom it knows least"}};
  for (const auto& [verb, what] : of_a_model) {
    CLI::App* apply = app.add_subcommand(verb, what);
    apply->add_option("--model", command.model, "model.h5 of a finished step")->required();
    apply->add_option("--data", command.dataset, "Folder of the dataset or table")->required();
    add_run_options(*apply, command);
    apply->add_flag("--overwrite", command.overwrite, "Replace the results in --out");
  }

  exit_code = -1;
  try {
    app.parse(argc, argv);
    command.verb = app.get_subcommands().front()->get_name();
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  return command;
}

}  // namespace cohort
