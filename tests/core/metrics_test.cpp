// SPDX-License-Identifier: Apache-2.0
#include "core/metrics.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_communicator.hpp"

namespace cohort {
namespace {

using testing::test_communicator;

TEST(Metrics, PhasesStandInTheOrderTheyWereEntered) {
  Metrics metrics;
  for (const std::string name : {"read", "fit", "read", "write"}) {
    const Metrics::Phase phase(metrics, test_communicator(), name);
    metrics.count(name, "rows", 5);
  }
  std::vector<std::string> names;
  for (const auto& [name, cost] : metrics.phases()) {
    names.push_back(name);
    EXPECT_GE(cost.wall_s, 0);
    EXPECT_GE(cost.cpu_s, 0);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"read", "fit", "write"}));
  EXPECT_EQ(metrics.phases()[0].second.counts.at("rows"), 10);
}

TEST(Metrics, TrafficAfterAnInnerPhaseBelongsToTheOuterOne) {
  Communicator& comm = test_communicator();
  Metrics metrics;
  std::vector<std::int64_t> value{1};
  {
    const Metrics::Phase outer(metrics, comm, "outer");
    { const Metrics::Phase inner(metrics, comm, "inner"); }
    comm.all_reduce(value, {});
  }
  EXPECT_EQ(comm.traffic().contains("outer") ? comm.traffic().at("outer").total().calls : 0, 1);
  EXPECT_FALSE(comm.traffic().contains("inner"));
}

TEST(Metrics, ARankLeavesTheNameOfWhatItDoes) {
  const testing::TemporaryFolder folder(test_communicator());
  setenv("COHORT_STATUS_DIR", folder.path().c_str(), 1);
  const int rank = test_communicator().rank();
  leave_trace(rank, "a longer name");
  leave_trace(rank, "kmeans");
  unsetenv("COHORT_STATUS_DIR");
  leave_trace(rank, "unseen");
  std::string line;
  std::getline(std::ifstream(folder.file("rank-" + std::to_string(rank))), line);
  EXPECT_EQ(line, "kmeans");
}

TEST(Metrics, PeakMemoryGrowsWithWhatWasTouched) {
  const std::int64_t before = peak_resident_bytes();
  EXPECT_GT(before, 1 << 20);
  std::vector<char> touched(64 << 20, 1);
  EXPECT_GE(peak_resident_bytes(), before + (32 << 20));
  EXPECT_EQ(touched.back(), 1);
}

}  // namespace
}  // namespace cohort
