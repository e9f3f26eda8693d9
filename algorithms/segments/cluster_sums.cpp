// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/cluster_sums.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "algorithms/segments/kmeans_tile.hpp"
#include "core/exact_sums.hpp"

namespace cohort {
namespace {

constexpr int unit_bits = 50;
constexpr int limb_bits = unit_bits / 2;
constexpr std::int64_t low_limb = (std::int64_t{1} << limb_bits) - 1;
__extension__ using Wide = __int128;

/// The nearest whole number to |x| <= 2^50; adding 1.5 x 2^52 leaves it in the low bits of the sum.
std::int64_t nearest_whole(double x) {
  constexpr double shift = 0x1.8p52;
  return std::bit_cast<std::int64_t>(x + shift) - std::bit_cast<std::int64_t>(shift);
}

}  // namespace

ClusterSums::ClusterSums(std::int64_t clusters, std::span<const double> reach)
    : units_(static_cast<std::size_t>(clusters) * 2 * reach.size()), counts_(static_cast<std::size_t>(clusters)) {
  constexpr int smallest = -900;  // so that no scale is infinite
  for (const double most : reach)
    scales_.push_back(std::ldexp(1.0, unit_bits - std::max(magnitude_bound(most), smallest)));
}

template <class T>
void ClusterSums::add(const T* tile, std::int64_t p, std::int32_t cluster, std::int64_t sign) {
  const auto dimensions = scales_.size(), place = static_cast<std::size_t>(cluster);
  std::int64_t* low = units_.data() + place * 2 * dimensions;
  std::int64_t* high = low + dimensions;
  for (std::size_t j = 0; j < dimensions; ++j) {
    const std::int64_t units =
        sign * nearest_whole(static_cast<double>(tile[j * tile_points + static_cast<std::size_t>(p)]) * scales_[j]);
    low[j] += units & low_limb;
    high[j] += units >> limb_bits;
  }
  counts_[place] += sign;
}

void ClusterSums::add(const ClusterSums& other) {
  const auto plus = [](std::vector<std::int64_t>& to, const std::vector<std::int64_t>& from) {
    std::ranges::transform(to, from, to.begin(), std::plus<>());
  };
  plus(units_, other.units_);
  plus(counts_, other.counts_);
}

void ClusterSums::parts(Parts& parts) {
  parts.sum(units_);
  parts.sum(counts_);
}

double ClusterSums::sum(std::int64_t cluster, std::int64_t dimension) const {
  const auto dimensions = scales_.size(), j = static_cast<std::size_t>(dimension);
  const std::int64_t* low = units_.data() + static_cast<std::size_t>(cluster) * 2 * dimensions;
  const Wide units = Wide{low[dimensions + j]} * (low_limb + 1) + low[j];
  return static_cast<double>(units) / scales_[j];
}

template void ClusterSums::add(const float*, std::int64_t, std::int32_t, std::int64_t);
template void ClusterSums::add(const double*, std::int64_t, std::int32_t, std::int64_t);

}  // namespace cohort
