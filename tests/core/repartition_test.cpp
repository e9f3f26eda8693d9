// SPDX-License-Identifier: Apache-2.0
#include "core/repartition.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <mutex>
#include <set>
#include <stdexcept>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/threads.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_communicator.hpp"

namespace cohort::testing {
namespace {

/// A record of varying length that says where it belongs.
struct Record {
  std::uint32_t bytes;
  std::int32_t partition;
  std::int64_t number;
};

constexpr std::int64_t records = 20'000;

std::int64_t partition_of(std::int64_t number, std::int64_t partitions) {
  return RandomStream(1, "partition", static_cast<std::uint64_t>(number)).below(partitions);
}

std::uint32_t bytes_of_record(std::int64_t number) {
  return static_cast<std::uint32_t>(sizeof(Record) + 8 * (number % 7));
}

/// Deals the records to the ranks, drops them from two workers, and returns what this rank received.
std::set<std::int64_t> sent_and_received(std::int64_t partitions, std::int64_t memory, int owners) {
  Communicator& comm = test_communicator();
  Metrics metrics;
  const Context context{.comm = comm, .metrics = metrics, .threads = 2, .memory_per_rank = memory};
  const TemporaryFolder folder(comm);
  Repartition rows(context, partitions, folder.path().string(), memory);
  parallel_for(2, 2, [&](int, std::int64_t half) {
    for (std::int64_t number = half; number < records; number += 2) {
      if (number / 2 % owners != comm.rank()) continue;
      const Record record{bytes_of_record(number), static_cast<std::int32_t>(partition_of(number, partitions)), number};
      std::memcpy(rows.append(static_cast<int>(half), record.partition, record.bytes), &record, sizeof record);
    }
  });
  std::mutex mutex;
  std::set<std::int64_t> received;
  // The patch marks each record once; a record that met it twice, or never, would show.
  const auto patch = [](int, std::span<std::byte> bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      Record record{};
      std::memcpy(&record, bytes.data() + at, sizeof record);
      record.number += records;
      std::memcpy(bytes.data() + at, &record, sizeof record);
      at += record.bytes;
    }
  };
  std::set<std::int64_t> partitions_seen;
  rows.deliver(patch, [&](std::int64_t partition, std::span<const std::span<const std::byte>> pieces) {
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(partitions_seen.insert(partition).second) << "a partition came in two deliveries";
    for (const std::span<const std::byte> piece : pieces) {
      for (std::size_t at = 0; at < piece.size();) {
        Record record{};
        std::memcpy(&record, piece.data() + at, sizeof record);
        EXPECT_EQ(record.partition, partition);
        EXPECT_TRUE(received.insert(record.number - records).second) << "a record came twice";
        at += record.bytes;
      }
    }
  });
  return received;
}

/// Every record reached exactly one rank.
void expect_all_delivered(const std::set<std::int64_t>& received) {
  std::vector<std::int64_t> seen(records, 0);
  for (const std::int64_t number : received) ++seen.at(static_cast<std::size_t>(number));
  test_communicator().all_reduce(seen, {});
  EXPECT_EQ(seen, std::vector<std::int64_t>(records, 1));
}

TEST(Repartition, DeliversEachRecordOnceInMemory) {
  expect_all_delivered(sent_and_received(37, std::int64_t{1} << 30, test_communicator().size()));
}

TEST(Repartition, DeliversEachRecordOnceThroughTheDisk) {
  expect_all_delivered(sent_and_received(37, 100'000, test_communicator().size()));
}

TEST(Repartition, DeliversFromASingleSender) {
  expect_all_delivered(sent_and_received(500, 200'000, 1));
}

TEST(Repartition, DeliversASinglePartition) {
  expect_all_delivered(sent_and_received(1, 100'000, test_communicator().size()));
}

TEST(Repartition, DeliversNothing) {
  Communicator& comm = test_communicator();
  Metrics metrics;
  const Context context{.comm = comm, .metrics = metrics, .threads = 2};
  Repartition rows(context, 5, "/nonexistent", 1 << 20);
  rows.deliver({}, [](std::int64_t, auto) { ADD_FAILURE() << "there was nothing to deliver"; });
}

TEST(Repartition, SaysWhereItCouldNotSpill) {
  Communicator& comm = test_communicator();
  Metrics metrics;
  const Context context{.comm = comm, .metrics = metrics, .threads = 1};
  Repartition rows(context, 1, "/nonexistent", 4'000);
  try {
    for (int i = 0; i < 100; ++i) std::ignore = rows.append(0, 0, 1000);
    ADD_FAILURE() << "it spilled into a folder that does not exist";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::input_missing);
    EXPECT_NE(std::string(error.what()).find("/nonexistent"), std::string::npos);
  }
}

TEST(Repartition, AReceiverThatThrowsEndsAllRanks) {
  Communicator& comm = test_communicator();
  Metrics metrics;
  const Context context{.comm = comm, .metrics = metrics, .threads = 2};
  const TemporaryFolder folder(comm);
  Repartition rows(context, 8, folder.path().string(), 1 << 20);
  for (std::int64_t p = 0; p < 8; ++p) std::memset(rows.append(0, p, 16), 0, 16);
  EXPECT_THROW(rows.deliver({},
                            [](std::int64_t partition, auto) {
                              if (partition == 3) throw Error(ExitCode::bad_data, "partition 3");
                            }),
               RankFailure);
}

}  // namespace
}  // namespace cohort::testing
