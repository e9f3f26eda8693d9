// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace cohort {

/// Probabilities in bins of equal width, lowest first: a higher one is never in a lower bin, so bins can be sorted
/// apart.
struct ScoreBins {
  static constexpr std::size_t count = 4096;

  [[nodiscard]] static std::size_t of(double probability) {
    return std::min(count - 1, static_cast<std::size_t>(probability * static_cast<double>(count)));
  }
};

/// The records of a partition that was delivered in pieces.
template <class Record>
[[nodiscard]] std::vector<Record> records_of(std::span<const std::span<const std::byte>> pieces) {
  std::size_t bytes = 0;
  for (const auto& piece : pieces) bytes += piece.size();
  std::vector<Record> records(bytes / sizeof(Record));
  auto* to = reinterpret_cast<std::byte*>(records.data());
  for (const auto& piece : pieces) to = std::copy(piece.begin(), piece.end(), to);
  return records;
}

}  // namespace cohort
