// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.hpp"

namespace cohort {
namespace {

/// 2^31 x P(Poisson(1) <= k), rounded: a draw of 31 bits holds its row as often as it is at least one of these.
constexpr std::array<std::int32_t, 12> cumulative{790015084,  1580030169, 1975037711, 2106706892,
                                                  2139624187, 2146207646, 2147304889, 2147461638,
                                                  2147481232, 2147483409, 2147483626, 2147483646};

}  // namespace

PoissonLanes::PoissonLanes(std::uint64_t seed, std::int64_t first_replicate)
    : seed_(seed), purpose_("bootstrap " + std::to_string(first_replicate)) {}

void PoissonLanes::operator()(std::uint64_t key, std::array<double, lanes>& counts) const {
  RandomStream stream(seed_, purpose_, key);
  std::array<std::int32_t, lanes> draws;
  for (std::int32_t& draw : draws) draw = static_cast<std::int32_t>(stream.next_uint32() >> 1);
  std::array<std::int32_t, lanes> times{};
  for (const std::int32_t bound : cumulative) {
    for (std::size_t i = 0; i < lanes; ++i) times[i] += draws[i] >= bound ? 1 : 0;
  }
  for (std::size_t i = 0; i < lanes; ++i) counts[i] = times[i];
}

PercentileInterval percentile_interval(std::vector<double> replicates) {
  const std::size_t asked = replicates.size();
  std::erase_if(replicates, [](double x) { return !std::isfinite(x); });
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (replicates.empty() || 2 * replicates.size() < asked) return {.low = nan, .high = nan};
  std::ranges::sort(replicates);
  const auto at = [&](double probability) {
    const double place = probability * static_cast<double>(replicates.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double above = replicates[std::min(below + 1, replicates.size() - 1)];
    return replicates[below] + (above - replicates[below]) * (place - static_cast<double>(below));
  };
  return {.low = at(0.025), .high = at(0.975)};
}

}  // namespace cohort
