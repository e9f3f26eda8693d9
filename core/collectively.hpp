// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/communicator.hpp"

namespace cohort {

/// Collective. Runs `local_work` on every rank; either all ranks return, or all throw the same RankFailure: that of the
/// lowest rank that threw. Local work must not communicate.
void collectively(Communicator& comm, const std::function<void()>& local_work);

/// Collective. The same, in one message with what the work leaves: adds `sums` and takes the larger of `maxima` over
/// the ranks. Their lengths are equal on all ranks from the start, and the work keeps to them.
void collectively(Communicator& comm, const std::function<void()>& local_work, std::vector<std::int64_t>& sums,
                  std::vector<std::int64_t>& maxima);

/// Collective. What `make` returns on this rank, or the same RankFailure on every rank.
template <class Make>
[[nodiscard]] std::invoke_result_t<Make> made_collectively(Communicator& comm, const Make& make) {
  std::optional<std::invoke_result_t<Make>> made;
  collectively(comm, [&] { made.emplace(make()); });
  return std::move(*made);
}

}  // namespace cohort
