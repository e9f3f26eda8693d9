// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequence_tests.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/elementary.hpp"

namespace cohort {
namespace {

constexpr double log_of_root_of_two_pi = 0.91893853320467274178;

/// ln n! by Stirling's series, after a few factors have made n large enough for it.
double log_factorial(std::int64_t n) {
  double x = static_cast<double>(n) + 1, small = 1;
  for (; x < 16; x += 1) small *= x;
  const double inverse = 1 / x, square = inverse * inverse;
  const double series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680)));
  return (x - 0.5) * log(x) - x + log_of_root_of_two_pi + series - log(small);
}

double log_choose(std::int64_t n, std::int64_t k) {
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

}  // namespace

double hypergeometric_tail(std::int64_t hits, std::int64_t drawn, std::int64_t marked, std::int64_t total) {
  if (hits <= std::max<std::int64_t>(0, drawn + marked - total)) return 1;
  double term = 1, sum = 1;
  for (std::int64_t k = hits; k < std::min(drawn, marked); ++k) {
    term *= static_cast<double>(marked - k) / static_cast<double>(k + 1) * static_cast<double>(drawn - k) /
            static_cast<double>(total - marked - drawn + k + 1);
    sum += term;
    const bool falls =
        static_cast<double>(k) > static_cast<double>(drawn) / static_cast<double>(total) * static_cast<double>(marked);
    if (falls && term < 1e-17 * sum) break;
  }
  const double first = log_choose(marked, hits) + log_choose(total - marked, drawn - hits) - log_choose(total, drawn);
  return std::min(1.0, exp(first + log(sum)));
}

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
