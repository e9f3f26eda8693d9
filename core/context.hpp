// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/communicator.hpp"
#include "core/metrics.hpp"

namespace cohort {

class Checkpoints;

/// What a pass runs on. Nothing in it may change a result.
struct Context {
  Communicator& comm;
  Metrics& metrics;
  int threads = 1;                     ///< per rank
  std::int64_t memory_per_rank = 0;    ///< bytes this rank may use in all
  bool show_progress = false;          ///< true on rank 0 only
  Checkpoints* checkpoints = nullptr;  ///< of the step; none where nothing is kept
};

}  // namespace cohort
