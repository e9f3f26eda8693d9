// SPDX-License-Identifier: Apache-2.0
#include "core/exact_sums.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "core/error.hpp"

namespace cohort {
namespace {

constexpr int least_bound = -1100;  // below it lies no double but 0
constexpr int first_shift = 300;

}  // namespace

ExactSums::ExactSums(std::vector<int> bounds) : bounds_(std::move(bounds)), units_(bounds_.size(), 0) {
  for (int& bound : bounds_) {
    bound = std::max(bound, least_bound);
    // In two steps, since the whole scale of the least doubles would itself be no double.
    const int first = bound < 0 ? first_shift : 0;
    scales_.push_back({std::ldexp(1.0, first), std::ldexp(1.0, fraction_bits - first - bound)});
  }
}

void ExactSums::add(std::size_t i, double term) {
  // Scaling by a power of two is exact, and from 2^52 on every double is whole.
  double scaled = term * scales_[i].first * scales_[i].second;
  if (std::abs(scaled) < 0x1p52) scaled = (scaled + 0x1.8p52) - 0x1.8p52;
  if (!(std::abs(scaled) <= 0x1p100)) {
    throw Error(ExitCode::numerical, fmt::format("a sum met {}, outside its bound 2^{}", term, bounds_[i]),
                "look for infinite or huge values in the input columns");
  }
  const auto high = static_cast<std::int64_t>(scaled * 0x1p-50);
  const double low = scaled - static_cast<double>(high) * 0x1p50;
  units_[i] += (static_cast<Units>(high) << limb_bits) + static_cast<std::int64_t>(low);
}

double ExactSums::value(std::size_t i) const {
  return std::ldexp(static_cast<double>(units_[i]), bounds_[i] - fraction_bits);
}

void ExactSums::store_limbs(std::span<std::int64_t> limbs) const {
  constexpr Units low_mask = (Units{1} << limb_bits) - 1;
  constexpr Units largest = Units{1} << fraction_bits;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (units_[i] > largest || units_[i] < -largest) {
      throw Error(ExitCode::numerical, fmt::format("a sum left its bound 2^{}", bounds_[i]),
                  "this is a defect: please report it with the job file");
    }
    limbs[2 * i] = static_cast<std::int64_t>(units_[i] & low_mask);
    limbs[2 * i + 1] = static_cast<std::int64_t>(units_[i] >> limb_bits);
  }
}

void ExactSums::load_limbs(std::span<const std::int64_t> limbs) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    units_[i] = (static_cast<Units>(limbs[2 * i + 1]) << limb_bits) + limbs[2 * i];
  }
}

int magnitude_bound(double x) {
  if (!std::isfinite(x)) {
    throw Error(ExitCode::numerical, fmt::format("a sum met {}", x), "look for infinite values in the input columns");
  }
  return x == 0 ? -1000 : std::ilogb(x) + 1;
}

int sum_bound(int bound, std::int64_t terms) {
  return bound + static_cast<int>(std::bit_width(static_cast<std::uint64_t>(terms)));
}

}  // namespace cohort
