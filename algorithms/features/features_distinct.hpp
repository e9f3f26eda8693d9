// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohort {

/// Up to this many keys are counted by comparing all pairs in registers, which beats any table.
inline constexpr std::size_t few_keys = 64;

/// Number of distinct values other than missing among at most `few_keys` keys.
[[nodiscard]] std::int32_t distinct_of_few(std::span<const std::int32_t> keys);
[[nodiscard]] std::int32_t distinct_of_few(std::span<const std::int64_t> keys);

/// Set of integers that is emptied in O(1): open addressing in which a slot is taken only if it bears the current
/// epoch. Missing is never a member. Memory: at most 64 bytes for each member of the largest set it has held.
class KeySet {
 public:
  KeySet() : slots_(1024) {}

  void clear();
  void insert(std::span<const std::int32_t> keys) { insert_all(keys); }
  void insert(std::span<const std::int64_t> keys) { insert_all(keys); }
  [[nodiscard]] std::int32_t size() const { return size_; }

 private:
  struct Slot {
    std::int64_t key = 0;
    std::uint32_t epoch = 0;
  };

  template <class Key>
  void insert_all(std::span<const Key> keys);
  void insert_one(std::int64_t key);
  void grow();

  std::vector<Slot> slots_;  ///< a power of two, at most half of them taken
  std::uint32_t epoch_ = 1;
  std::int32_t size_ = 0;
};

}  // namespace cohort
