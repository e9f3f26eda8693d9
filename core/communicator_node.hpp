// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace cohort {

/// Long all-reduces. The ranks of one node add through memory they share, and one of them, their leader, meets the
/// leaders of the other nodes on the network. COHORT_RANKS_PER_NODE cuts a machine into nodes of so many ranks, for
/// tests.
class CommunicatorNode {
 public:
  /// Collective over all ranks of the program.
  CommunicatorNode();
  /// Collective.
  ~CommunicatorNode();
  CommunicatorNode(const CommunicatorNode&) = delete;
  CommunicatorNode& operator=(const CommunicatorNode&) = delete;

  /// Whether so many values are worth the way: fewer take the library's, in one message.
  [[nodiscard]] bool carries(std::int64_t values) const;

  /// Collective, where `carries`. Leaves sums of `sums` and maxima of `maxima` over all ranks; returns whether a sum
  /// passed 2^63. The memory they share grows to 0.5 MiB a rank at the first call.
  [[nodiscard]] bool all_reduce(std::span<std::int64_t> sums, std::span<std::int64_t> maxima);

 private:
  struct Window;
  std::unique_ptr<Window> window_;
};

}  // namespace cohort
