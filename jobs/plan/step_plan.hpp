// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace cohort {

/// What a step is expected to cost; what is not known stays empty. Bytes are bytes, time is wall seconds on cores of
/// the reference machine that nothing else uses.
struct StepPlan {
  std::optional<double> rows;           ///< that it leaves
  std::optional<double> memory_bytes;   ///< of the fullest rank at its peak, the program itself included
  std::optional<double> payload_bytes;  ///< that all ranks hand to collective calls
  std::optional<double> disk_bytes;     ///< that it leaves, its dataset included
  std::optional<double> scratch_bytes;  ///< that it needs beside them while it runs
  std::optional<double> time_s;
  std::string rows_metric;     ///< the metric of result.json that says how many rows it left
  std::string smaller;         ///< what to change where the memory does not suffice
  bool makes_dataset = false;  ///< so its dataset is part of what it leaves
};

}  // namespace cohort
