// SPDX-License-Identifier: Apache-2.0
#include "jobs/shard_gather.hpp"

#include <gtest/gtest.h>

#include "io/store/dataset.hpp"
#include "tests/support/test_communicator.hpp"

namespace cohort::testing {
namespace {

TEST(ShardGather, ShardsComeInTheOrderOfTheirNumbers) {
  Communicator& comm = test_communicator();
  const std::vector<std::int32_t> numbers{9, 10, 99'998, 99'999, 100'000, 100'001, 1'000'000};
  std::vector<ShardEntry> mine;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (static_cast<int>((numbers.size() - i) % static_cast<std::size_t>(comm.size())) == comm.rank())
      mine.push_back({.file = shard_name(numbers[i]), .outside_hash = std::string(32, '0'), .tables = {TableEntry{}}});
  }
  const Manifest manifest = gather_shards(comm, {{std::string(customers_table), {}}}, std::move(mine));
  std::vector<std::string> found, expected;
  for (const ShardEntry& shard : manifest.shards) found.push_back(shard.file);
  for (const std::int32_t number : numbers) expected.push_back(shard_name(number));
  EXPECT_EQ(found, comm.rank() == 0 ? expected : std::vector<std::string>());
}

}  // namespace
}  // namespace cohort::testing
