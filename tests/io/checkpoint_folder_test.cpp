// SPDX-License-Identifier: Apache-2.0
#include "io/checkpoint_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "io/durable_file.hpp"
#include "io/store/content_hash.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

const CheckpointFolder::Identity work{{"the keys", "a"}, {"the program", "b"}};

void flip_byte(const std::string& path, std::size_t at) {
  std::string text = read_file(path);
  text.at(at) ^= 4;
  std::ofstream(path, std::ios::binary) << text;
}

TEST(CheckpointFolder, KeepsTwoGenerationsAndReturnsTheNewest) {
  const testing::TemporaryFolder folder;
  const std::string binary("three\0\n\x01", 8);
  CheckpointFolder first(folder.path() / "c", work);
  std::string notes;
  EXPECT_EQ(first.load(notes), "");
  for (const std::string& packed : {std::string("one"), std::string("two"), binary}) first.save(packed);
  EXPECT_EQ(CheckpointFolder(folder.path() / "c", work).load(notes), binary);
  EXPECT_EQ(notes, "");
  std::filesystem::directory_iterator files(folder.path() / "c");
  EXPECT_EQ(std::distance(begin(files), end(files)), 2);
}

TEST(CheckpointFolder, AnyFlippedByteOrLostEndFallsBackToTheOneBefore) {
  const testing::TemporaryFolder folder;
  CheckpointFolder(folder.path(), work).save("one");
  CheckpointFolder(folder.path(), work).save("two");
  const std::string path = folder.file("2.checkpoint"), whole = read_file(path);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    flip_byte(path, at);
    std::string notes;
    EXPECT_EQ(CheckpointFolder(folder.path(), work).load(notes), "one") << at;
    EXPECT_NE(notes.find("damaged"), std::string::npos);
    std::ofstream(path, std::ios::binary) << whole.substr(0, at);
    EXPECT_EQ(CheckpointFolder(folder.path(), work).load(notes), "one") << at;
    std::ofstream(path, std::ios::binary) << whole;
  }
}

TEST(CheckpointFolder, OtherWorkIsRefusedWithTheReason) {
  const testing::TemporaryFolder folder;
  CheckpointFolder(folder.path(), work).save("one");
  std::string notes;
  EXPECT_EQ(CheckpointFolder(folder.path(), {{"the keys", "a"}, {"the program", "c"}}).load(notes), "");
  EXPECT_NE(notes.find("refused: the program changed"), std::string::npos) << notes;
}

// Found by fuzz_sealed: a sound hash over what no Cohort wrote.
TEST(CheckpointFolder, ASealedFileWithoutAnIdentityIsPassedOver) {
  const testing::TemporaryFolder folder;
  for (const std::string text : {"{\"the keys\":\"a\"}\fstate", "{\"the keys\":\n", "[1]\nstate", ""}) {
    write_file(folder.file("1.checkpoint"), "cohort checkpoint 1 " + hash128_hex(text) + "\n" + text);
    std::string notes;
    EXPECT_EQ(CheckpointFolder(folder.path(), work).load(notes), "") << text;
    EXPECT_NE(notes.find("damaged"), std::string::npos) << notes;
  }
  const std::string text = "{\"the keys\":7}\nstate";
  write_file(folder.file("1.checkpoint"), "cohort checkpoint 1 " + hash128_hex(text) + "\n" + text);
  std::string notes;
  EXPECT_EQ(CheckpointFolder(folder.path(), work).load(notes), "");
  EXPECT_NE(notes.find("the keys changed"), std::string::npos) << notes;
}

}  // namespace
}  // namespace cohort
