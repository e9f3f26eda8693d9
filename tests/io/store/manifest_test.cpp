// SPDX-License-Identifier: Apache-2.0
#include "io/store/manifest.hpp"

#include <gtest/gtest.h>

#include <random>

#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "io/store/content_hash.hpp"
#include "io/store/manifest_pack.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

Manifest example() {
  Manifest manifest;
  TableSchema customers{"customers", {}};
  customers.columns.push_back({.name = "id"});
  customers.columns.push_back({.name = "spend", .type = ColumnType::decimal, .scale = 2});
  customers.columns.push_back({.name = "name", .type = ColumnType::text});
  manifest.tables.push_back(customers);
  for (int i = 0; i < 2; ++i) {
    const StreamEntry wide{.values = 70000, .chunks = {{100, 50, 0xFFFFFFFFFFFFFFFF}, {150, 60, 7, {-5, 1LL << 60}}}};
    const StreamEntry offsets{.values = 70001, .chunks = {{300, 10, 1}, {310, 10, 2}}},
        bytes{.values = 9, .chunks = {{320, 20, 3}}};
    ShardEntry shard;
    shard.file = "shard-0000" + std::to_string(i) + ".h5";
    shard.bytes = 1000;
    shard.outside_hash = std::string(32, 'a');
    shard.tables.push_back({70000, {{wide}, {wide}, {offsets, bytes}}});
    manifest.shards.push_back(shard);
  }
  manifest.sources = {{"ff", "b.csv", 5}, {"aa", "a.csv", 6}};
  manifest.cleaning = {{"max_price", 1.5}};
  manifest.lineage = {{"job", "ingest"}};
  manifest.dataset_file = WholeFile{77, std::string(32, '0')};
  return manifest;
}

/// `text` with `from` replaced by `to` and sealed again, as someone who means harm would.
std::string forged(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  text.resize(text.rfind("\"hash\":\""));
  return text + "\"hash\":\"" + hash128_hex(text) + "\"}\n";
}

std::string complaint(const std::string& text) {
  try {
    (void)parse_manifest("manifest.json", text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    return error.what();
  }
  return "accepted";
}

TEST(Manifest, RanksHandItOnAsItIs) {
  Manifest manifest = example();
  EXPECT_EQ(unpack_manifest(pack_manifest(manifest)), manifest);
  manifest.dictionaries = {"item"};
  manifest.dictionary_file = manifest.shards.front();
  manifest.dataset_file.reset();
  EXPECT_EQ(unpack_manifest(pack_manifest(manifest)), manifest);
}

TEST(Manifest, RoundTripSortsSources) {
  const testing::TemporaryFolder folder;
  Manifest manifest = example();
  save_manifest(folder.path(), manifest);
  std::swap(manifest.sources[0], manifest.sources[1]);
  EXPECT_EQ(load_manifest(folder.path()), manifest);
  EXPECT_EQ(read_file(folder.file("manifest.json")), manifest_text(manifest));
  EXPECT_EQ(total_rows(manifest, 0), 140000);
  EXPECT_EQ(zone_of(manifest, 0, 0), (Zone{-5, 1LL << 60}));
  EXPECT_TRUE(zone_of(manifest, 0, 2).empty());
}

TEST(Manifest, AnyChangedByteIsNoticed) {
  const std::string text = manifest_text(example());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(complaint(changed), "accepted") << i;
    EXPECT_NE(complaint(text.substr(0, i)), "accepted") << i;
  }
}

TEST(Manifest, ForgedFieldsAreNamed) {
  const std::string text = manifest_text(example());
  const std::vector<std::array<std::string, 3>> forgeries{
      {"[150,60,\"0000000000000007\",-5,", "[150,60,\"0000000000000007\",5000000000000000000,", "[4]"},
      {"\"format_version\":2", "\"format_version\":3", "format_version"},
      {"\"rows\":70000", "\"rows\":-1", "shards[0].tables[0].rows"},
      {"\"rows\":70000", "\"rows\":70001", "does not have 70001 rows"},
      {"\"values\":70000", "\"values\":18446744073709551615", "columns[0][0].values should be a whole number"},
      {"\"values\":70000", "\"values\":9999999", "chunks should be 153 chunks"},
      {"[100,50,", "[951,50,", "chunks[0][1] should be within 1 and 49"},
      {"[100,50,", "[100,0,", "chunks[0][1]"},
      {"[100,50,", "[1e3,50,", "chunks[0][0] should be a whole number"},
      {"[100,50,\"ffffffffffffffff\"]", "[100,50]", "chunks[0]"},
      {"ffffffffffffffff", "fffffffffffffffg", "hexadecimal"},
      {"shard-00001.h5", "../../../etc/pwd", "plain name"},
      {"\"file\":\"shard-00000.h5\"", "\"file\":null", "shards[0].file should be a string"},
      {"decimal(2)", "decimal(99)", "tables[0].columns[1].type"},
      {"\"name\":\"spend\"", "\"name\":\"id\"", "names a column twice"},
      {"\"name\":\"customers\"", "\"name\":\"clients\"", "customers"},
      {"\"sources\":[", "\"source\":[", "lacks the member 'sources'"},
      {"\"lineage\":{", "\"lineage\":[{},{", "not JSON"},
      {"\"cleaning\":{\"max_price\":1.5}", "\"cleaning\":7", "cleaning should be an object"}};
  for (const auto& [from, to, expected] : forgeries) {
    const std::string found = complaint(forged(text, from, to));
    EXPECT_NE(found.find(expected), std::string::npos) << to << ": " << found;
    EXPECT_NE(found.find("manifest.json"), std::string::npos) << found;
  }
}

TEST(Manifest, RandomForgeriesNeverCrash) {
  const std::string text = manifest_text(example());
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string changed = text;
    for (int k = 0; k < 3; ++k) changed[random() % (changed.size() - 44)] = "{}[],:\"0-9e\\n"[random() % 13];
    (void)complaint(forged(changed, "", ""));
  }
  (void)complaint(forged(text, "\"lineage\":{", "\"lineage\":" + std::string(200000, '[')));
}

TEST(Manifest, NamesThatAreNotThereListTheOthers) {
  const Manifest manifest = example();
  try {
    (void)column_index(manifest.tables[0], "spent");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.next(), "use one of: id, spend, name");
  }
  EXPECT_THROW((void)table_index(manifest, "clicks"), Error);
}

TEST(Manifest, ChunkLengths) {
  EXPECT_EQ(chunk_values(0, false), 1024);
  EXPECT_EQ(chunk_values(1024, false), 1024);
  EXPECT_EQ(chunk_values(1025, false), 2048);
  EXPECT_EQ(chunk_values(1 << 30, false), 65536);
  EXPECT_EQ(chunk_values(1 << 30, true), 524288);
}

}  // namespace
}  // namespace cohort
