// SPDX-License-Identifier: Apache-2.0
#include "io/store/dataset.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "io/durable_file.hpp"
#include "io/store/dataset_view.hpp"
#include "io/store/hdf5_file.hpp"
#include "io/store/numeric_table.hpp"
#include "io/store/shard_reader.hpp"
#include "tests/io/store/store_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

namespace fs = std::filesystem;
using testing::ShardPlan;

void publish(const std::string& path, const std::vector<ShardPlan>& plans, bool overwrite = false) {
  DatasetWriter writer(path, overwrite);
  Manifest manifest = testing::write_plans(writer.staging(), plans);
  const std::vector<Dictionary> dictionaries{{"item", {"a", "b", "c"}}, {"empty", {}}};
  write_dictionaries(writer.staging(), dictionaries, manifest);
  writer.seal(manifest);
  writer.publish();
}

ExitCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return ExitCode::success;
}

void flip_byte(const std::string& path, std::int64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const int byte = file.get();
  file.seekp(at);
  file.put(static_cast<char>(byte ^ 0x10));
}

/// As a kill leaves it between the two renames of a file system that cannot exchange folders.
TEST(Dataset, WhatWasSetAsideIsPutBackUnlessItsSuccessorIsThere) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() / "shop.cohort", aside = path + ".old";
  publish(path, {{0, {2, 3}}});
  const std::string manifest = read_manifest(path);
  fs::rename(path, aside);
  EXPECT_EQ(code_of([&] { publish(path, {{0, {1}}}); }), ExitCode::output_exists);
  EXPECT_EQ(read_manifest(path), manifest);
  fs::copy(path, aside, fs::copy_options::recursive);
  restore_dataset(path);
  EXPECT_FALSE(fs::exists(aside));
  EXPECT_EQ(read_manifest(path), manifest);
}

TEST(Dataset, PublishedWholeWithViewDictionariesAndManifest) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("retail.cohort");
  publish(path + "/", {{0, {2, 0, 3}}, {}, {7, {1, 4}}});
  const Manifest manifest = load_manifest(path);
  EXPECT_EQ(read_dictionary(manifest, path, "item"), (Dictionary{"item", {"a", "b", "c"}}));
  EXPECT_EQ(read_dictionary(manifest, path, "empty").labels.size(), 0U);
  EXPECT_EQ(code_of([&] { (void)read_dictionary(manifest, path, "colour"); }), ExitCode::bad_config);
  EXPECT_EQ(verify_dataset(path).size(), 0U);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "lock and staging are gone";
  const Hdf5File view = Hdf5File::open(path + "/dataset.h5");
  EXPECT_EQ(view.read<std::int64_t>("/customers/customer"), (std::vector<std::int64_t>{0, 1, 2, 7, 8}));
  EXPECT_EQ(view.read<std::int64_t>("/customers/transactions_offset"), (std::vector<std::int64_t>{0, 2, 2, 5, 6}));
  EXPECT_EQ(view.read<std::int32_t>("/transactions/item"), (std::vector<std::int32_t>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4}));
  EXPECT_EQ(view.read<std::int64_t>("/customers/name/offsets"), (std::vector<std::int64_t>{0, 0, 2, 4, 6, 8}));
  EXPECT_EQ(view.read<char>("/customers/name/bytes"), (std::vector<char>{'n', '1', 'n', '2', 'n', '7', 'n', '8'}));
}

TEST(Dataset, OneWriterAtATime) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("d");
  {
    const DatasetWriter first(path, false);
    try {
      const DatasetWriter second(path, false);
      ADD_FAILURE() << "two writers";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::output_exists);
      EXPECT_NE(std::string(error.what()).find(std::to_string(::getpid())), std::string::npos) << error.what();
    }
    EXPECT_TRUE(fs::exists(first.staging()));
  }
  EXPECT_TRUE(fs::is_empty(folder.path())) << "an unpublished dataset leaves nothing";
}

TEST(Dataset, ExistingOneIsKeptUnlessOverwritten) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("d");
  publish(path, {{0, {1}}});
  EXPECT_EQ(code_of([&] { publish(path, {{5, {1}}}); }), ExitCode::output_exists);
  fs::create_directory(folder.file("d.partial-1"));
  publish(path, {{5, {1, 1}}}, true);
  EXPECT_EQ(total_rows(load_manifest(path), 0), 2);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "leftovers are gone";
}

TEST(Dataset, WhatAKilledWriterLeftIsRemovedButNotFromALiveOne) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("d");
  publish(path, {{0, {1}}});
  fs::create_directory(folder.file("d.partial-1"));
  write_file(folder.file("d.lock"), "1\n");
  remove_leftovers(path);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
  EXPECT_EQ(total_rows(load_manifest(path), 0), 1);
  const DatasetWriter other(path, true);
  EXPECT_EQ(code_of([&] { remove_leftovers(path); }), ExitCode::output_exists);
  EXPECT_TRUE(fs::exists(other.staging()));
}

TEST(Dataset, EveryFlippedByteIsFoundAndNamed) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("d");
  publish(path, {{0, {2, 0, 3}}, {7, {1, 4}}});
  std::mt19937 random(1);
  for (const char* name : {"shard-00000.h5", "shard-00001.h5", "dictionaries.h5", "dataset.h5"}) {
    const std::string file = path + "/" + name;
    for (int i = 0; i < 60; ++i) {
      const auto at = static_cast<std::int64_t>(random() % fs::file_size(file));
      flip_byte(file, at);
      const std::vector<Error> damages = verify_dataset(path);
      ASSERT_EQ(damages.size(), 1U) << name << " " << at;
      EXPECT_NE(std::string(damages[0].what()).find(name), std::string::npos);
      flip_byte(file, at);
    }
  }
  EXPECT_EQ(verify_dataset(path).size(), 0U);
}

TEST(Dataset, ADamagedChunkIsNamedOnRead) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("d");
  publish(path, {{0, std::vector<std::int64_t>(70000, 0)}});
  const Manifest manifest = load_manifest(path);
  flip_byte(path + "/shard-00000.h5", manifest.shards[0].tables[0].columns[1][0].chunks[1].address + 30);
  const ShardNumericTable table(manifest, path, {0}, {"age"});
  const auto reader = table.reader();
  EXPECT_NO_THROW((void)reader->read(3));
  try {
    (void)reader->read(4);
    ADD_FAILURE() << "read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    EXPECT_NE(std::string(error.what()).find("table customers, column age, chunk 1 (rows 65536 to 69999"),
              std::string::npos)
        << error.what();
  }
}

TEST(Dataset, CutAndMissingShards) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("d"), shard = path + "/shard-00000.h5";
  publish(path, {{0, {2, 0, 3}}});
  const Manifest manifest = load_manifest(path);
  const auto open = [&] { const ShardNumericTable table(manifest, path, {0}, {"age"}); };
  const auto size = fs::file_size(shard);
  fs::resize_file(shard, size - 1);
  EXPECT_EQ(code_of(open), ExitCode::bad_data);
  EXPECT_NE(
      std::string(verify_dataset(path)[0].what()).find(fmt::format("expected {} bytes, found {}", size, size - 1)),
      std::string::npos);
  fs::remove(shard);
  EXPECT_EQ(code_of(open), ExitCode::input_missing);
  EXPECT_EQ(verify_dataset(path)[0].code(), ExitCode::input_missing);
  EXPECT_EQ(code_of([&] { (void)load_manifest(folder.file("none")); }), ExitCode::input_missing);
}

TEST(ShardsOfRank, EachShardOnceBalancedByBytes) {
  Manifest manifest;
  for (int i = 0; i < 40; ++i) {
    manifest.shards.emplace_back();
    manifest.shards.back().bytes = 1000 + i * 37 % 500;
  }
  for (const int ranks : {1, 2, 3, 7, 40, 64}) {
    std::multiset<std::int32_t> all;
    std::int64_t most = 0, total = 0;
    for (int rank = 0; rank < ranks; ++rank) {
      std::int64_t bytes = 0;
      for (const std::int32_t shard : shards_of_rank(manifest, rank, ranks)) {
        all.insert(shard);
        bytes += manifest.shards[static_cast<std::size_t>(shard)].bytes;
      }
      most = std::max(most, bytes);
      total += bytes;
    }
    EXPECT_EQ(all.size(), 40U);
    EXPECT_EQ(std::set<std::int32_t>(all.begin(), all.end()).size(), 40U);
    EXPECT_LE(most, total / ranks + 1500) << ranks;
  }
  EXPECT_TRUE(shards_of_rank(Manifest{}, 0, 3).empty());
}

}  // namespace
}  // namespace cohort
