// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/communicator.hpp"

namespace cohort {

/// Collective. Runs `local_work` on every rank; either all ranks return, or all throw the same RankFailure: that of the
/// lowest rank that threw. Local work must not communicate.
void collectively(Communicator& comm, const std::function<void()>& local_work);

/// Collective. What `make` returns on this rank, or the same RankFailure on every rank.
template <class Make>
[[nodiscard]] std::invoke_result_t<Make> made_collectively(Communicator& comm, const Make& make) {
  std::optional<std::invoke_result_t<Make>> made;
  collectively(comm, [&] { made.emplace(make()); });
  return std::move(*made);
}

}  // namespace cohort
