// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// The *exchange* shape: records are dropped into numbered partitions wherever they are met, then every partition comes
/// together on one rank. Bytes move once. Memory stays below `memory`: what does not fit waits in an unnamed file of
/// this rank (it vanishes with the process), and partitions are delivered in rounds.
///
/// Records of a partition arrive in no promised order: the local work must not depend on it.
class Repartition {
 public:
  /// Changes the records one worker dropped, just before they leave: e.g. local codes to global ones. Called from
  /// several threads.
  using Patch = std::function<void(int worker, std::span<std::byte> records)>;
  /// Work on a whole partition: the concatenation of `pieces` holds its records. Called from several threads.
  using Receive = std::function<void(std::int64_t partition, std::span<const std::span<const std::byte>> pieces)>;

  Repartition(const Context& context, std::int64_t partitions, std::string spill_folder, std::int64_t memory);
  ~Repartition();
  Repartition(const Repartition&) = delete;
  Repartition& operator=(const Repartition&) = delete;

  /// Room for one record of `bytes` in a partition; valid until the worker's next call. Each worker keeps to its own.
  [[nodiscard]] std::byte* append(int worker, std::int64_t partition, std::size_t bytes);

  /// Collective. Delivers each partition to one rank, balanced by bytes. Empties this object.
  void deliver(const Patch& patch, const Receive& receive);

  /// Collective. Bytes of each partition over all ranks.
  [[nodiscard]] std::vector<std::int64_t> partition_bytes() const;

 private:
  struct Worker;
  struct Round;
  [[nodiscard]] std::vector<Round> plan_rounds(const std::vector<std::int64_t>& bytes) const;
  void collect(Round& round, const Patch& patch);
  [[nodiscard]] std::vector<Bytes> pack(Round& round) const;
  void hand_over(const Round& round, const std::vector<Bytes>& received, const Receive& receive) const;

  const Context& context_;
  std::int64_t partitions_;
  std::int64_t memory_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace cohort
