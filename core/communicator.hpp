// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort {

class Watchdog;

using Bytes = std::vector<std::byte>;

/// How payload travels. A node_reduce is an all_reduce long enough to be added in memory that a node shares.
enum class Verb : std::size_t { all_reduce, node_reduce, reduce_scatter, exchange, all_gather, broadcast };
constexpr std::array<std::string_view, 6> verb_names{"all_reduce", "node_reduce", "reduce_scatter",
                                                     "exchange",   "all_gather",  "broadcast"};

/// What one verb sent: the payload a rank hands to the library, not what the library's algorithm puts on the wire.
struct Traffic {
  std::int64_t calls = 0;
  std::int64_t bytes_sent = 0;
};

/// What one phase sent, and the processor time it spent in the calls, which on a rank that waits is mostly waiting.
struct PhaseTraffic {
  std::array<Traffic, verb_names.size()> by_verb;
  double cpu_s = 0;

  [[nodiscard]] const Traffic& operator[](Verb verb) const { return by_verb[static_cast<std::size_t>(verb)]; }
  [[nodiscard]] Traffic total() const;
};

/// The ranks of a job and their verbs. All but rank() and size() are collective: every rank calls, in the same
/// order. Counts are 64-bit; long vectors travel in pieces. A failed call ends the job (MPI has no survivors).
class Communicator {
 public:
  /// Starts MPI (with threads outside its calls) and owns a duplicate of the world. One per process.
  Communicator();
  ~Communicator();
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int size() const { return size_; }

  /// Collective. Element-wise over the ranks: sums of `sums` and maxima of `maxima`, in one message. Equal lengths on
  /// all ranks. A sum that passes 2^63 throws Error(numerical) on every rank.
  void all_reduce(std::span<std::int64_t> sums, std::span<std::int64_t> maxima);

  /// Collective. Sums `values` over the ranks and leaves each rank its part: `counts[r]` values for rank r, in order.
  /// A sum that passes 2^63 throws Error(numerical) on every rank.
  [[nodiscard]] std::vector<std::int64_t> reduce_scatter(std::span<const std::int64_t> values,
                                                         std::span<const std::int64_t> counts);

  /// Collective. Sends `to[r]` to rank r and returns what each rank sent here, by rank.
  [[nodiscard]] std::vector<Bytes> exchange(std::vector<Bytes> to);

  /// Collective. Every rank's bytes on every rank, by rank: an exchange of one message that all get. For what is small
  /// on all ranks together.
  [[nodiscard]] std::vector<Bytes> all_gather(const Bytes& mine);

  /// Collective. Makes `bytes` on all ranks equal to those of `root`.
  void broadcast(Bytes& bytes, int root);
  void broadcast(std::string& text, int root);

  /// Names the phase that the following calls are counted under.
  void enter_phase(const std::string& phase) { phase_ = phase; }
  [[nodiscard]] const std::string& phase() const { return phase_; }
  /// Since the start, or since it was restarted.
  [[nodiscard]] const std::map<std::string, PhaseTraffic>& traffic() const { return traffic_; }
  void restart_traffic() { traffic_.clear(); }

  /// From here on a rank that waits longer than `timeout_s` seconds in one call ends the job with exit code 15, after
  /// saying who has not arrived. `folder` is one that all ranks see.
  void watch(const std::string& folder, double timeout_s);

  /// Collective among ranks that have failed: true when every rank comes, which is to say that all failed alike and can
  /// leave together; false when one has not come within `seconds` and waits elsewhere.
  [[nodiscard]] bool all_leave(double seconds);

  /// Ends all ranks at once with this exit code: the only way out of a job whose ranks no longer agree.
  [[noreturn]] void abort(int exit_code);

 private:
  class Call;
  struct Handle;
  std::unique_ptr<Handle> handle_;
  int rank_ = 0;
  int size_ = 1;
  std::string phase_ = "start";
  std::map<std::string, PhaseTraffic> traffic_;
  std::unique_ptr<Watchdog> watchdog_;
};

}  // namespace cohort
