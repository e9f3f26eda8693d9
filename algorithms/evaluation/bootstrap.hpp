// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace cohort {

/// How many replicates of a bootstrap, and the seed they are drawn by; 0 replicates: no intervals.
struct Bootstrap {
  std::int64_t replicates = 0;
  std::uint64_t seed = 0;
};

/// How often each of `lanes` consecutive replicates holds a row: Poisson(1) counts (Chamandy et al., "Estimating
/// uncertainty for massive data streams", Google 2012), drawn by the customer's key, so the same on any rank.
class PoissonLanes {
 public:
  static constexpr std::size_t lanes = 32;
  PoissonLanes(std::uint64_t seed, std::int64_t first_replicate);
  void operator()(std::uint64_t key, std::array<double, lanes>& counts) const;

 private:
  std::uint64_t seed_;
  std::string purpose_;
};

/// Every row once: what a statistic itself is, as against its replicates.
struct OnceEach {
  static constexpr std::size_t lanes = 1;
  void operator()(std::uint64_t, std::array<double, lanes>& counts) const { counts[0] = 1; }
};

/// The values between which the middle 95 % of replicates lie, interpolated as numpy does. Replicates in which the
/// figure is undefined are left out; NaN where fewer than half are left.
struct PercentileInterval {
  double low = 0, high = 0;
};
[[nodiscard]] PercentileInterval percentile_interval(std::vector<double> replicates);

}  // namespace cohort
