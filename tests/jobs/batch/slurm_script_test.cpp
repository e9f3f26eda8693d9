// SPDX-License-Identifier: Apache-2.0
#include "jobs/batch/slurm_script.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace cohort {
namespace {

JobFile job_with(const std::string& slurm) {
  return parse_job("version: 1\nrun: {name: shop}\nslurm: " + slurm + "\nsteps: [ingest, features, kmeans]\n",
                   "job.yaml", {});
}

std::string script_of(const JobFile& job) {
  return slurm_script(job.slurm, slurm_stages(job).front(),
                      {.program = "/opt/cohort",
                       .job_path = "/out/.slurm/job.yaml",
                       .out = "/o'ut",
                       .log_folder = "/out/.slurm",
                       .assignments = {"kmeans.features=[a, b]"}});
}

void expect_in(const std::string& part, const std::string& script) {
  EXPECT_NE(script.find(part), std::string::npos) << "lacks " << part << " in\n" << script;
}

TEST(SlurmScript, AsksForWhatTheJobFileSays) {
  const std::string script = script_of(job_with(
      "{nodes: 2, tasks_per_node: 4, cpus_per_task: 8, memory: 64GiB, minutes: 90, partition: big, account: me, "
      "constraint: avx512, warning_s: 300, setup: [module load openmpi]}"));
  for (const char* line : {"--nodes=2\n", "--ntasks-per-node=4\n", "--cpus-per-task=8\n", "--mem=65536M\n",
                           "--time=90\n", "--partition=big\n", "--account=me\n", "--constraint=avx512\n",
                           "--signal=B:USR1@300\n", "--requeue\n", "--open-mode=append\n"}) {
    expect_in(std::string("#SBATCH ") + line, script);
  }
  expect_in("module load openmpi\n", script);
  expect_in("--kill-on-bad-exit=1", script);
  expect_in("--out '/o'\\''ut'", script);
  expect_in("--set 'kmeans.features=[a, b]'", script);
  expect_in("--set run.memory_per_rank=13743895344 ", script);  // 80 % of a quarter of 64 GiB, rounded down to tens
}

TEST(SlurmScript, ASweepIsAnArray) {
  const std::string script = script_of(job_with("{sweep: 'kmeans.n_clusters=3,4,5'}"));
  expect_in("#SBATCH --array=0-2\n", script);
  expect_in("values=('3' '4' '5')\n", script);
  expect_in("--set 'kmeans.n_clusters'=\"$value\"", script);
  EXPECT_THROW(script_of(job_with("{sweep: kmeans}")), Error);
}

TEST(SlurmScript, StepsWithOtherNeedsBecomeStages) {
  const std::vector<SlurmStage> stages =
      slurm_stages(job_with("{nodes: 8, minutes: 60, steps: {features: {nodes: 2}}}"));
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_EQ(stages[0].until, "ingest");
  EXPECT_EQ(stages[1].until, "features");
  EXPECT_EQ(stages[1].needs.nodes, 2);
  EXPECT_EQ(stages[1].needs.minutes, 60) << "what a step leaves open is the run's";
  EXPECT_EQ(stages[2].until, "");
  EXPECT_EQ(stages[2].needs.nodes, 8);
  EXPECT_THROW(slurm_stages(job_with("{steps: {fetures: {nodes: 2}}}")), Error);
}

}  // namespace
}  // namespace cohort
