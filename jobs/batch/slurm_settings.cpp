// SPDX-License-Identifier: Apache-2.0
#include "jobs/batch/slurm_settings.hpp"

namespace cohort {

void SlurmNeeds::describe(Fields& f) {
  const auto number = [&f](std::string_view name, std::string_view text, std::int64_t& value) {
    f({.name = name, .text = text, .range = {0, 1e6}, .execution = true}, value);
  };
  const auto word = [&f](std::string_view name, std::string_view text, std::string& value) {
    f({.name = name, .text = text, .execution = true}, value);
  };
  number("nodes", "Nodes; 0 means 1", nodes);
  number("tasks_per_node", "Ranks on each node; 0 means 1", tasks_per_node);
  number("cpus_per_task", "Cores, and so threads, of each rank; 0 means 1", cpus_per_task);
  number("minutes", "Time limit; 0 leaves it to the partition", minutes);
  word("memory", "Memory of each node, e.g. 64GiB; a rank uses 80 % of its share; empty leaves it to the partition",
       memory);
  word("partition", "Partition; empty: the default one", partition);
  word("account", "Account to charge; empty: the user's own", account);
  word("constraint", "Features a node must have", constraint);
}

void SlurmNeeds::inherit(const SlurmNeeds& run) {
  for (const auto number :
       {&SlurmNeeds::nodes, &SlurmNeeds::tasks_per_node, &SlurmNeeds::cpus_per_task, &SlurmNeeds::minutes}) {
    if (this->*number == 0) this->*number = run.*number;
  }
  for (const auto word : {&SlurmNeeds::memory, &SlurmNeeds::partition, &SlurmNeeds::account, &SlurmNeeds::constraint}) {
    if ((this->*word).empty()) this->*word = run.*word;
  }
}

void SlurmSettings::describe(Fields& f) {
  SlurmNeeds::describe(f);
  f({.name = "warning_s",
     .text = "Seconds before the time limit at which the run writes a checkpoint and goes back into the queue",
     .range = {1, 65535},
     .execution = true},
    warning_s);
  f({.name = "requeues", .text = "How often a run may go back into the queue", .range = {0, 1e6}, .execution = true},
    requeues);
  f({.name = "launcher", .text = "What starts the ranks", .choices = {"srun", "mpirun"}, .execution = true}, launcher);
  f({.name = "binding", .text = "What a rank is bound to", .choices = {"cores", "sockets", "none"}, .execution = true},
    binding);
  f({.name = "sweep",
     .text = "One run for each value of a key, as a job array: STEP.KEY=VALUE,VALUE,...",
     .execution = true},
    sweep);
  f({.name = "setup", .text = "Shell lines before the ranks start, e.g. 'module load openmpi'", .execution = true},
    setup);
  f({.name = "steps",
     .text =
         "By step id, what a step needs other than the run: it becomes a job of its own that waits for the one before",
     .execution = true},
    steps);
}

}  // namespace cohort
