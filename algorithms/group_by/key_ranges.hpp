// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/communicator.hpp"

namespace cohort {

/// The space of keys cut into consecutive ranges, about equally many rows in each.
class KeyRanges {
 public:
  /// Collective. Cuts into at most `wanted` ranges by the keys that all ranks have sampled. Where the cuts lie shows in
  /// no result, only in how even the work is.
  KeyRanges(Communicator& comm, int words, const std::vector<std::uint64_t>& sampled, std::size_t wanted);

  [[nodiscard]] std::size_t count() const { return cuts_.size() / words_ + 1; }
  /// The number of the range that holds a key.
  [[nodiscard]] std::size_t of(const std::uint64_t* key) const;
  /// First key of a range of one-word keys, and how many there are up to the next one; none for an open end.
  [[nodiscard]] std::uint64_t first(std::size_t range) const { return range == 0 ? 0 : cuts_[range - 1]; }
  [[nodiscard]] std::uint64_t width(std::size_t range, std::uint64_t end) const;

 private:
  std::size_t words_;
  std::vector<std::uint64_t> cuts_;  ///< first keys of all ranges but the first, ascending
  int shift_ = 0;                    ///< from a first word to its place in `begin_`
  std::uint64_t low_ = 0;
  std::vector<std::uint32_t> begin_;  ///< cuts whose shifted first word is below; one more entry than places
};

}  // namespace cohort
