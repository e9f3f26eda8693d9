// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/significance.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/elementary.hpp"

namespace cohort {
namespace {

constexpr double log_of_root_of_two_pi = 0.91893853320467274178;

}  // namespace

double normal_tail(double z) {
  if (z < 0) return 1 - normal_tail(-z);
  const double density = exp(-z * z / 2 - log_of_root_of_two_pi);
  if (z < 3) {
    double term = z, sum = z;
    for (int k = 3; term > 1e-18 * sum; k += 2) sum += term *= z * z / k;
    return 0.5 - density * sum;
  }
  double fraction = z;  // Laplace's continued fraction of the Mills ratio
  for (int k = 100; k > 0; --k) fraction = z + k / fraction;
  return density / fraction;
}

double mcnemar_mid_p(std::int64_t first, std::int64_t second) {
  const std::int64_t rows = first + second, least = std::min(first, second);
  constexpr double none = 1e-300;  // near the least double a product would round to itself and never end
  // Binomial probabilities from the middle down, as multiples of the one there: no factorial is needed.
  double term = 1, half = 0, tail = 0;
  for (std::int64_t k = rows / 2; k >= 0 && term > none; --k) {
    half += 2 * k == rows ? term / 2 : term;
    if (k <= least) tail += k == least ? term / 2 : term;
    term *= static_cast<double>(k) / static_cast<double>(rows - k + 1);
  }
  return tail / half;
}

std::vector<double> q_values(std::span<const double> p_values, std::int64_t tests) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> q(p_values.size());
  double least = 1;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    const std::size_t i = order[rank - 1];
    least = std::min(least, p_values[i] * static_cast<double>(tests) / static_cast<double>(rank));
    q[i] = least;
  }
  return q;
}

}  // namespace cohort
