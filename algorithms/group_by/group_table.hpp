// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/group_by/group_measures.hpp"

namespace cohort {

/// Keys of one or more words, each with a state of a few words: open addressing over 4-byte slots, keys and states in
/// the order of first sight. Where keys are few enough the table is dense instead: a key is its place.
/// For one thread. Memory of n groups: n x (keys + states) x 8 bytes and 8 to 16 bytes of slots.
class GroupTable {
 public:
  using Merge = GroupMeasures::Merge;

  GroupTable(int key_words, std::vector<Merge> merges);
  /// From here on keys lie in [low, low + cells); of one word. The table is empty.
  void make_dense(std::uint64_t low, std::size_t cells);

  /// The place of each key, a new one for a new key. At most 512 keys.
  void find(std::span<const std::uint64_t> keys, std::span<std::uint32_t> places);
  /// Adds states to those at `places`.
  void merge(std::span<const std::uint32_t> places, std::span<const std::int64_t> states);

  /// Groups, and in a dense table cells without any.
  [[nodiscard]] std::size_t size() const { return states_.size() / merges_.size(); }
  [[nodiscard]] bool is_dense() const { return cells_ > 0; }
  [[nodiscard]] std::int64_t* states() { return states_.data(); }
  [[nodiscard]] const std::int64_t* state(std::size_t place) const { return states_.data() + place * merges_.size(); }
  /// Calls use(key, state) for each group: in the order of keys if `sorted`.
  template <class Use>
  void each(bool sorted, const Use& use) const {
    if (is_dense()) {
      for (std::size_t place = 0; place < cells_; ++place) {
        const std::uint64_t key = low_ + place;
        if (state(place)[0] != 0) use(&key, state(place));
      }
      return;
    }
    for (const std::uint32_t place : sorted ? order() : std::vector<std::uint32_t>())
      use(keys_.data() + place * words_, state(place));
    if (sorted) return;
    for (std::size_t place = 0; place < size(); ++place) use(keys_.data() + place * words_, state(place));
  }
  void clear();

 private:
  template <std::size_t Words>
  void find_hashed(std::span<const std::uint64_t> keys, std::span<std::uint32_t> places);
  template <std::size_t Words>
  void add_sums(std::span<const std::uint32_t> places, const std::int64_t* states);
  [[nodiscard]] std::uint64_t hash(const std::uint64_t* key) const;
  std::uint32_t append(const std::uint64_t* key);
  void append_identity();
  void grow();
  [[nodiscard]] std::vector<std::uint32_t> order() const;

  std::size_t words_;
  std::vector<Merge> merges_;
  std::uint64_t low_ = 0;
  std::size_t cells_ = 0;
  int shift_ = 0;                     ///< of a hash, to a slot
  std::vector<std::uint32_t> slots_;  ///< place + 1; at most half of them are taken
  std::vector<std::uint64_t> keys_;
  std::vector<std::int64_t> states_;
};

}  // namespace cohort
