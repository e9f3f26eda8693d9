// SPDX-License-Identifier: Apache-2.0
#include "io/lock_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "core/error.hpp"

namespace cohort {
namespace {

TEST(LockFile, TellsWhoHoldsItAndIsGoneAfterwards) {
  const std::string path = testing::TempDir() + "/folder.lock";
  {
    const LockFile held(path, "folder");
    try {
      const LockFile second(path, "folder");
      FAIL() << "locked twice";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::output_exists);
      EXPECT_EQ(std::string(error.what()), "folder is being written by process " + std::to_string(::getpid()));
    }
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  const LockFile again(path, "folder");
}

}  // namespace
}  // namespace cohort
