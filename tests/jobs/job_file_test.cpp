// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_file.hpp"

#include <gtest/gtest.h>

#include <tuple>

#include "core/error.hpp"

namespace cohort {
namespace {

constexpr const char* job_text = R"(version: 1
run: {name: retail, seed: 7}
dataset: retail.cohort
steps:
  - ingest: {sources: {orders: {path: a.csv}}}
  - features
  - kmeans: {id: coarse, n_clusters: 3}
  - kmeans:
)";

void expect_error(const std::string& text, const std::vector<std::string>& assignments, const std::string& place,
                  const std::string& next) {
  try {
    std::ignore = parse_job(text, "job.yaml", assignments);
    ADD_FAILURE() << "no error: " << place;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(place), std::string::npos) << error.what();
    EXPECT_NE(error.next().find(next), std::string::npos) << error.next();
  }
}

TEST(JobFile, ReadsRunDatasetAndSteps) {
  const JobFile job = parse_job(job_text, "job.yaml", {});
  EXPECT_EQ(job.run.name, "retail");
  EXPECT_EQ(job.run.random_state, 7);
  EXPECT_EQ(job.notes.size(), 1U);  // 'seed' is read as 'random_state'
  EXPECT_EQ(job.dataset_folder("out"), "out/retail.cohort");
  ASSERT_EQ(job.steps.size(), 4U);
  EXPECT_EQ(job.steps[0].id, "ingest");
  EXPECT_EQ(job.steps[1].job, "features");
  EXPECT_EQ(job.steps[2].id, "coarse");
  EXPECT_EQ(job.steps[2].parameters.find("id"), nullptr);
  EXPECT_EQ(job.steps[3].id, "kmeans");
}

TEST(JobFile, SetReachesEveryKey) {
  const JobFile job =
      parse_job(job_text, "job.yaml",
                {"coarse.n_clusters=5", "kmeans.init=random", "ingest.sources.orders.path=[b.csv, c.csv]",
                 "features.as_of=2011-12-10", "run.threads=2", "dataset=/data/x.cohort", "shards=3"});
  EXPECT_EQ(job.steps[2].parameters.find("n_clusters")->scalar, "5");
  EXPECT_EQ(job.steps[3].parameters.find("init")->scalar, "random");
  EXPECT_EQ(job.steps[0].parameters.find("sources")->find("orders")->find("path")->items.size(), 2U);
  EXPECT_EQ(job.steps[1].parameters.find("as_of")->scalar, "2011-12-10");
  EXPECT_EQ(job.run.threads, 2);
  EXPECT_EQ(job.dataset_folder("out"), "/data/x.cohort");
  EXPECT_EQ(job.shards, 3);
}

TEST(JobFile, SaysWhereAMistakeIs) {
  expect_error("version: 2\nsteps: [features]\n", {}, "job.yaml:1:10", "");
  expect_error("version: 1\nsteps: [features]\nshard: 3\n", {}, "job.yaml:3:1: unknown key 'shard'", "'shards'");
  expect_error("version: 1\n", {}, "needs a list of steps", "");
  expect_error("version: 1\nsteps: [{kmeans: {}}, {kmeans: {}}]\n", {}, "two steps have the id 'kmeans'", "id");
  expect_error("version: 1\nsteps: [{kmeans: {id: a/b}}]\n", {}, "'a/b' cannot be a step's id", "letters");
  expect_error(job_text, {"kmean.n_clusters=4"}, "no step has the id 'kmean'", "'kmeans'");
  expect_error(job_text, {"kmeans.n_clusters"}, "no '='", "STEP.KEY=VALUE");
}

TEST(JobFile, ReadsAmountsOfMemory) {
  EXPECT_EQ(parse_bytes("4GiB"), std::int64_t{4} << 30);
  EXPECT_EQ(parse_bytes("512MiB"), std::int64_t{512} << 20);
  EXPECT_EQ(parse_bytes("2e9"), 2'000'000'000);
  EXPECT_EQ(parse_bytes("1.5kB"), 1500);
  for (const char* wrong : {"", "GiB", "4 apples", "-1", "nan", "1e30"})
    EXPECT_THROW(std::ignore = parse_bytes(wrong), Error) << wrong;
}

}  // namespace
}  // namespace cohort
