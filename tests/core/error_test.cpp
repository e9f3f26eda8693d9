// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>

namespace cohort {
namespace {

TEST(Error, SystemErrorsGetTheExitCodeThatFits) {
  const std::pair<int, ExitCode> cases[] = {
      {ENOENT, ExitCode::input_missing}, {ENOTDIR, ExitCode::input_missing}, {EACCES, ExitCode::no_permission},
      {EPERM, ExitCode::no_permission},  {ENOSPC, ExitCode::io_error},       {EDQUOT, ExitCode::io_error},
      {EIO, ExitCode::io_error},         {EROFS, ExitCode::io_error},        {0, ExitCode::io_error}};
  for (const auto& [number, code] : cases) {
    try {
      throw_system_error(number, "read", "sales.csv");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << number;
      EXPECT_NE(std::string(error.what()).find("cannot read sales.csv: "), std::string::npos) << error.what();
      EXPECT_FALSE(error.next().empty());
    }
  }
}

TEST(Error, ARankFailureIsAnErrorThatKnowsItsRank) {
  const RankFailure failure(ExitCode::bad_data, 3, "row 7", "mend it");
  const Error& error = failure;
  EXPECT_EQ(failure.rank(), 3);
  EXPECT_EQ(error.code(), ExitCode::bad_data);
  EXPECT_STREQ(error.what(), "row 7");
  EXPECT_EQ(error.next(), "mend it");
}

}  // namespace
}  // namespace cohort
