// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace cohort {

/// Scores from `low` to `high` in bins of equal width, lowest first: a higher score is never in a lower bin, so bins
/// can be sorted apart.
struct ScoreBins {
  static constexpr std::size_t count = 4096;
  double low = 0, high = 1;

  [[nodiscard]] std::size_t of(double score) const {
    if (!(high > low)) return 0;
    return std::min(count - 1, static_cast<std::size_t>((score - low) / (high - low) * static_cast<double>(count)));
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
