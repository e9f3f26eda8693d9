// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/communicator.hpp"

namespace cohort {

/// Collective. Runs `local_work` on every rank; either all ranks return, or all throw the same RankFailure: that of the
/// lowest rank that threw. Local work must not communicate.
void collectively(Communicator& comm, const std::function<void()>& local_work);

}  // namespace cohort
