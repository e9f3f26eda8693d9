// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"

#include <cerrno>
#include <cstring>

namespace cohort {

void throw_system_error(int error_number, const std::string& action, const std::string& path) {
  const std::string what = fmt::format("cannot {} {}: {}", action, path, std::strerror(error_number));
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      throw Error(ExitCode::input_missing, what, "check the path; relative paths start at the working directory");
    case EACCES:
    case EPERM: throw Error(ExitCode::no_permission, what, "check the owner and mode of the file and of its folders");
    case ENOSPC:
    case EDQUOT:
      throw Error(ExitCode::io_error, what, "free space on that file system, or write to another one with --out");
    default: throw Error(ExitCode::io_error, what, "look at the file system's health and try again");
  }
}

}  // namespace cohort
