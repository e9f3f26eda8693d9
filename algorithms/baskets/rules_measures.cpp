// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rules_measures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/elementary.hpp"

namespace cohort {
namespace {

constexpr double pi = 3.14159265358979323846;

/// log(n!) minus Stirling's formula.
double stirling_error(double n) {
  static const std::array<double, 16> exact = [] {
    std::array<double, 16> errors{};
    double log_factorial = 0;
    for (std::size_t k = 1; k < errors.size(); ++k) {
      const auto x = static_cast<double>(k);
      log_factorial += cohort::log(x);
      errors[k] = log_factorial - (x + 0.5) * cohort::log(x) + x - 0.5 * cohort::log(2 * pi);
    }
    return errors;
  }();
  if (n < 15.5) return exact[static_cast<std::size_t>(n)];
  const double nn = n * n;
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / nn) / nn) / nn) / nn) / n;
}

/// x log(x / mean) + mean - x, without cancellation where they are near.
double deviance(double x, double mean) {
  if (std::abs(x - mean) >= 0.1 * (x + mean)) return x * cohort::log(x / mean) + mean - x;
  const double v = (x - mean) / (x + mean);
  double sum = (x - mean) * v, term = 2 * x * v;
  for (int j = 1; j < 1000; ++j) {
    term *= v * v;
    const double next = sum + term / (2 * j + 1);
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

/// log of the probability of x successes in n trials.
double log_binomial(double x, double n, double p, double q) {
  if (x == 0) return n == 0 ? 0 : n * (p < 0.1 ? cohort::log1p(-p) : cohort::log(q));
  if (x == n) return n * (q < 0.1 ? cohort::log1p(-q) : cohort::log(p));
  const double corrections =
      stirling_error(n) - stirling_error(x) - stirling_error(n - x) - deviance(x, n * p) - deviance(n - x, n * q);
  return corrections + 0.5 * cohort::log(n / (2 * pi * x * (n - x)));
}

double hypergeometric(double x, double n, double antecedent, double consequent) {
  if (antecedent == n || consequent == n) return 1;
  const double p = consequent / n, q = (n - consequent) / n;
  return cohort::exp(log_binomial(x, antecedent, p, q) + log_binomial(consequent - x, n - antecedent, p, q) -
                     log_binomial(consequent, n, p, q));
}

}  // namespace

RuleMeasures measure(const RuleCounts& counts) {
  const auto n = static_cast<double>(counts.baskets), a = static_cast<double>(counts.antecedent);
  const auto c = static_cast<double>(counts.consequent), both = static_cast<double>(counts.both);
  RuleMeasures m{};
  m.support = both / n;
  m.confidence = both / a;
  m.lift = both * n / (a * c);
  m.leverage = m.support - a / n * (c / n);
  m.conviction = both == a ? std::numeric_limits<double>::infinity() : (1 - c / n) / (1 - m.confidence);
  const double zhang_scale = std::max(m.support * (1 - a / n), a / n * (c / n - m.support));
  m.zhang = zhang_scale == 0 ? 0 : m.leverage / zhang_scale;
  m.jaccard = both / (a + c - both);
  m.kulczynski = (both / a + both / c) / 2;
  m.imbalance_ratio = std::abs(a - c) / (a + c - both);
  m.cosine = both / std::sqrt(a * c);
  m.all_confidence = both / std::max(a, c);
  const double spread = a * c * (n - a) * (n - c);
  const double excess = both * n - a * c;
  m.chi2 = spread == 0 ? 0 : n * (excess * excess / spread);
  return m;
}

double fisher_p(const RuleCounts& counts) {
  const auto n = static_cast<double>(counts.baskets), a = static_cast<double>(counts.antecedent);
  const auto c = static_cast<double>(counts.consequent), both = static_cast<double>(counts.both);
  const bool upper = both * n > a * c;
  // The tail without the mode: terms fall from the first on.
  double x = upper ? both : both - 1;
  if (x < std::max(0.0, a + c - n)) return 1;
  double sum = 0;
  for (double term = hypergeometric(x, n, a, c); term > 0 && term > sum * 1e-17;) {
    sum += term;
    term *= upper ? (a - x) / (x + 1) * (c - x) / (n - a - c + x + 1) : x / (a - x + 1) * (n - a - c + x) / (c - x + 1);
    x += upper ? 1 : -1;
  }
  return std::clamp(upper ? sum : 1 - sum, 0.0, 1.0);
}

}  // namespace cohort
