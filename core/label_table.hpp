// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace cohort {

/// Numbers distinct labels in the order they are first seen. Open addressing over 8-byte slots; the labels lie in one
/// arena. For one thread.
class LabelTable {
 public:
  LabelTable();

  /// The number of `label`, a new one if it is new.
  [[nodiscard]] std::int32_t number_of(std::string_view label);
  [[nodiscard]] std::int32_t size() const { return static_cast<std::int32_t>(labels_.size()); }
  [[nodiscard]] std::string_view operator[](std::int32_t number) const {
    return labels_[static_cast<std::size_t>(number)];
  }
  [[nodiscard]] const std::vector<std::string_view>& labels() const { return labels_; }
  [[nodiscard]] std::int64_t memory_bytes() const;

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::int32_t number = -1;
  };
  void grow();
  [[nodiscard]] std::string_view keep(std::string_view label);

  std::vector<Slot> slots_;
  std::vector<std::string_view> labels_;
  std::vector<std::uint64_t> words_;     ///< of each label of up to 8 bytes, these; 0 for others
  std::deque<std::vector<char>> arena_;  ///< full blocks never move, so views into them stay
  std::int64_t arena_bytes_ = 0;
};

}  // namespace cohort
