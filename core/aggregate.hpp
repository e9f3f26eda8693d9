// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/collectively.hpp"
#include "core/context.hpp"
#include "core/parts.hpp"
#include "core/threads.hpp"

namespace cohort {

/// Collective. One pass: adds each of this rank's `blocks` blocks to a state, by add(worker, state, block index), then
/// merges the states of threads and ranks. Every rank returns the same state; a rank without blocks contributes
/// `identity`. The heart of every fit: what is added is the algorithm's, how it merges is here, once.
template <MergeableState State, class Add>
State aggregate(const Context& context, std::int64_t blocks, const State& identity, const Add& add) {
  Parts total(Parts::Direction::pack);
  State state = identity;
  state.parts(total);
  const auto add_mine = [&] {
    std::vector<std::optional<State>> of_worker(static_cast<std::size_t>(context.threads));
    parallel_for(context.threads, blocks, [&](int worker, std::int64_t block) {
      std::optional<State>& mine = of_worker[static_cast<std::size_t>(worker)];
      if (!mine) mine = identity;
      add(worker, *mine, block);
    });
    for (std::optional<State>& worker_state : of_worker) {
      if (!worker_state) continue;
      Parts part(Parts::Direction::pack);
      worker_state->parts(part);
      total.merge(part);
    }
  };
  collectively(context.comm, add_mine, total.sums, total.maxima);
  total.rewind();
  state.parts(total);
  return state;
}

}  // namespace cohort
