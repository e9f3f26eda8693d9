// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_alias.hpp"

#include <numeric>

#include "core/elementary.hpp"

namespace cohort {

AliasTable::AliasTable(std::span<const double> weights) : slots_(weights.size()) {
  const double mean = std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(weights.size());
  std::vector<double> left(weights.begin(),
                           weights.end());  // what of each index no slot holds yet, 1 being a full slot
  std::vector<std::size_t> poor, rich;
  for (std::size_t i = 0; i < left.size(); ++i) {
    left[i] /= mean;
    slots_[i].own = slots_[i].alias = static_cast<std::int32_t>(i);
    (left[i] < 1 ? poor : rich).push_back(i);
  }
  while (!poor.empty() && !rich.empty()) {
    const std::size_t filled = poor.back(), donor = rich.back();
    poor.pop_back();
    slots_[filled].threshold = static_cast<std::uint64_t>(left[filled] * 0x1p32);
    slots_[filled].alias = static_cast<std::int32_t>(donor);
    left[donor] -= 1 - left[filled];
    if (left[donor] >= 1) continue;
    rich.pop_back();
    poor.push_back(donor);
  }
}

std::vector<double> zipf_weights(std::int64_t count, double exponent) {
  std::vector<double> weights;
  for (std::int64_t rank = 1; rank <= count; ++rank) weights.push_back(exp(-exponent * log(static_cast<double>(rank))));
  return weights;
}

}  // namespace cohort
