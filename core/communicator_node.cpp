// SPDX-License-Identifier: Apache-2.0
#include "core/communicator_node.hpp"

#include <mpi.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/add_integers.hpp"

namespace cohort {
namespace {

constexpr std::int64_t slot_values = std::int64_t{1} << 16;
constexpr std::int64_t fewest_values = 4096;  // below, the library's own way takes less time

/// Ranks that share memory; with COHORT_RANKS_PER_NODE fewer of them.
MPI_Comm ranks_of_node() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm machine = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &machine);
  const char* cut = std::getenv("COHORT_RANKS_PER_NODE");
  const int ranks = cut == nullptr ? 0 : std::atoi(cut);
  if (ranks <= 0) return machine;
  int place = 0;
  MPI_Comm_rank(machine, &place);
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split(machine, place / ranks, place, &node);
  MPI_Comm_free(&machine);
  return node;
}

}  // namespace

/// A slot for each rank's values, one for the result, and a flag for each rank and parity of the piece.
struct CommunicatorNode::Window {
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm leaders = MPI_COMM_NULL;  ///< on leaders only
  MPI_Op checked_sum = MPI_OP_NULL;
  MPI_Win memory = MPI_WIN_NULL;
  int rank = 0, size = 1, nodes = 1, ranks = 1;
  std::int64_t* base = nullptr;
  bool odd = false;  ///< parity of the piece

  /// Collective on the node.
  void open() {
    if (memory != MPI_WIN_NULL) return;
    const MPI_Aint bytes = rank == 0 ? static_cast<MPI_Aint>(((size + 1) * slot_values + 2 * size) * 8) : 0;
    MPI_Win_allocate_shared(bytes, 8, MPI_INFO_NULL, node, &base, &memory);
    MPI_Aint whole = 0;
    int unit = 0;
    MPI_Win_shared_query(memory, 0, &whole, &unit, &base);
    MPI_Win_lock_all(MPI_MODE_NOCHECK, memory);
  }
  [[nodiscard]] std::int64_t* slot(int of) const { return base + of * slot_values; }
  [[nodiscard]] std::int64_t* result() const { return slot(size); }
  [[nodiscard]] std::int64_t& overflowed(int of) const { return slot(size + 1)[(odd ? size : 0) + of]; }
  void meet() const {
    MPI_Win_sync(memory);
    MPI_Barrier(node);
    MPI_Win_sync(memory);
  }

  /// Adds (or takes the larger of) this rank's share of the slots into the result.
  void add_share(std::int64_t sums, std::int64_t values) {
    const std::int64_t begin = values * rank / size, end = values * (rank + 1) / size;
    const std::int64_t middle = std::clamp(sums, begin, end);
    std::copy(slot(0) + begin, slot(0) + end, result() + begin);
    bool passed = false;
    for (int of = 1; of < size; ++of) {
      passed |= add_integers(slot(of) + begin, result() + begin, middle - begin);
      take_larger(slot(of) + middle, result() + middle, end - middle);
    }
    overflowed(rank) |= passed ? 1 : 0;
  }

  /// On the leader: the same over all nodes.
  void add_nodes(std::int64_t sums, std::int64_t values) {
    MPI_Allreduce(MPI_IN_PLACE, result(), static_cast<int>(sums), MPI_INT64_T, checked_sum, leaders);
    MPI_Allreduce(MPI_IN_PLACE, result() + sums, static_cast<int>(values - sums), MPI_INT64_T, MPI_MAX, leaders);
    std::int64_t passed = std::exchange(a_sum_passed, false) ? 1 : 0;
    for (int of = 0; of < size; ++of) passed |= overflowed(of);
    MPI_Allreduce(MPI_IN_PLACE, &passed, 1, MPI_INT64_T, MPI_MAX, leaders);
    overflowed(rank) = passed;
  }

  /// One piece: the first `sums` of the values in the slots are added, of the others the largest is taken.
  bool reduce(std::int64_t sums, std::int64_t values) {
    meet();
    add_share(sums, values);
    meet();
    if (nodes > 1) {
      if (rank == 0) add_nodes(sums, values);
      meet();
    }
    bool passed = false;
    for (int of = 0; of < size; ++of) passed |= overflowed(of) != 0;
    return passed;
  }

  // MPI hands an operation no object of its own.
  static inline bool a_sum_passed = false;
  static void add_checked(void* in, void* inout, int* count, MPI_Datatype*) {
    a_sum_passed |= add_integers(static_cast<const std::int64_t*>(in), static_cast<std::int64_t*>(inout), *count);
  }
};

CommunicatorNode::CommunicatorNode() : window_(std::make_unique<Window>()) {
  Window& w = *window_;
  w.node = ranks_of_node();
  MPI_Comm_rank(w.node, &w.rank);
  MPI_Comm_size(w.node, &w.size);
  MPI_Comm_size(MPI_COMM_WORLD, &w.ranks);
  const int leads = w.rank == 0 ? 1 : 0;
  MPI_Allreduce(&leads, &w.nodes, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Comm_split(MPI_COMM_WORLD, leads == 1 ? 0 : MPI_UNDEFINED, 0, &w.leaders);
  MPI_Op_create(Window::add_checked, 1, &w.checked_sum);
}

CommunicatorNode::~CommunicatorNode() {
  Window& w = *window_;
  if (w.memory != MPI_WIN_NULL) {
    MPI_Win_unlock_all(w.memory);
    MPI_Win_free(&w.memory);
  }
  if (w.leaders != MPI_COMM_NULL) MPI_Comm_free(&w.leaders);
  MPI_Op_free(&w.checked_sum);
  MPI_Comm_free(&w.node);
}

bool CommunicatorNode::carries(std::int64_t values) const {
  // Every rank must come to the same answer: nodes may be of different sizes.
  return window_->ranks > 1 && values >= fewest_values;
}

bool CommunicatorNode::all_reduce(std::span<std::int64_t> sums, std::span<std::int64_t> maxima) {
  Window& w = *window_;
  w.open();
  bool passed = false;
  const auto travel = [&](std::int64_t first_sum, std::int64_t sum_count, std::int64_t first_maximum,
                          std::int64_t maximum_count) {
    std::copy_n(sums.data() + first_sum, sum_count, w.slot(w.rank));
    std::copy_n(maxima.data() + first_maximum, maximum_count, w.slot(w.rank) + sum_count);
    w.overflowed(w.rank) = 0;
    passed |= w.reduce(sum_count, sum_count + maximum_count);
    std::copy_n(w.result(), sum_count, sums.data() + first_sum);
    std::copy_n(w.result() + sum_count, maximum_count, maxima.data() + first_maximum);
    w.odd = !w.odd;  // a slow rank may still look at the flags of this piece
  };
  const std::int64_t all_sums = std::ssize(sums), all = all_sums + std::ssize(maxima);
  for (std::int64_t at = 0; at < all; at += slot_values) {
    const std::int64_t end = std::min(all, at + slot_values);
    const std::int64_t sums_end = std::clamp(all_sums, at, end);
    travel(std::min(at, all_sums), sums_end - at, std::max<std::int64_t>(0, at - all_sums), end - sums_end);
  }
  return passed;
}

}  // namespace cohort
