// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace cohort {

/// What the process returns; the table users read is in jobs/README.md.
enum class ExitCode : int {
  success = 0,
  unexpected = 1,
  data_quality_gate = 10,
  model_quality_gate = 11,
  plan_refused = 14,
  rank_gone = 15,
  numerical = 20,
  usage = 64,
  bad_data = 65,
  input_missing = 66,
  unavailable = 69,
  internal = 70,
  output_exists = 73,
  io_error = 74,
  requeue = 75,
  no_permission = 77,
  bad_config = 78,
};

/// An error a user can act on: `what` says what, where and why; `next` says what to do about it.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& what, std::string next = {})
      : std::runtime_error(what), code_(code), next_(std::move(next)) {}

  [[nodiscard]] ExitCode code() const noexcept { return code_; }
  [[nodiscard]] const std::string& next() const noexcept { return next_; }

 private:
  ExitCode code_;
  std::string next_;
};

/// The same error on every rank: what rank `rank()` threw first (see collectively.hpp).
class RankFailure : public Error {
 public:
  RankFailure(ExitCode code, int rank, const std::string& what, std::string next)
      : Error(code, what, std::move(next)), rank_(rank) {}

  [[nodiscard]] int rank() const noexcept { return rank_; }

 private:
  int rank_;
};

/// Throws what `errno` says about a failed system call on a path, with the exit code that fits it.
[[noreturn]] void throw_system_error(int error_number, const std::string& action, const std::string& path);

}  // namespace cohort
