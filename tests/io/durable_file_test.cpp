// SPDX-License-Identifier: Apache-2.0
#include "io/durable_file.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "core/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

TEST(DurableFile, WritesReadsAndReplaces) {
  const testing::TemporaryFolder folder;
  for (const std::string& text : {std::string("first"), std::string(), std::string(3 << 20, 'x')}) {
    write_file(folder.file("a"), text);
    EXPECT_EQ(read_file(folder.file("a")), text);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(DurableFile, UnpublishedFilesVanish) {
  const testing::TemporaryFolder folder;
  {
    const TemporaryFile temporary(folder.file("a"));
    write_file(temporary.name(), "half");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(InputFile, ReadsPartsAndSaysWhereAFileEnds) {
  const testing::TemporaryFolder folder;
  write_file(folder.file("a"), "0123456789");
  const InputFile file(folder.file("a"));
  std::array<std::byte, 4> part{};
  file.read(3, part);
  EXPECT_EQ(part[0], std::byte{'3'});
  try {
    file.read(8, part);
    ADD_FAILURE() << "read past the end";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    EXPECT_NE(std::string(error.what()).find("ends at byte 10"), std::string::npos) << error.what();
  }
}

TEST(InputFile, MissingFileIsInputMissing) {
  try {
    const InputFile file("/no/such/file");
    ADD_FAILURE() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::input_missing);
  }
}

}  // namespace
}  // namespace cohort
