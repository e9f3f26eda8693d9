// SPDX-License-Identifier: Apache-2.0
#include "core/elementary.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace cohort {
namespace {

// ln 2 in two parts: the high one has 21 trailing zero bits, so that its product with an exponent is exact.
constexpr double ln2_high = 0x1.62e42fee00000p-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;

/// 2 atanh(s) - 2 s for |s| < 0.1716 by its Taylor series; ln((1+s)/(1-s)) = 2 atanh(s).
double atanh_tail(double s) {
  const double z = s * s;
  double sum = 0;
  for (int k = 23; k >= 3; k -= 2) sum = sum * z + 2.0 / k;
  return s * z * sum;
}

}  // namespace

double exp(double x) {
  if (std::isnan(x)) return x;
  if (x > 709.79) return std::numeric_limits<double>::infinity();
  if (x < -745.2) return 0;
  const double n = std::nearbyint(x * 0x1.71547652b82fep+0);  // x / ln 2
  const double r = (x - n * ln2_high) - n * ln2_low;          // |r| <= ln 2 / 2
  double sum = 0;
  for (int k = 14; k >= 1; --k) sum = (sum + 1) * r / k;
  return std::ldexp(1 + sum, static_cast<int>(n));
}

double log(double x) {
  if (x == 0) return -std::numeric_limits<double>::infinity();
  if (!(x > 0)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(x)) return x;
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // [0.5, 1)
  if (m < 0x1.6a09e667f3bcdp-1) {       // keep m in [sqrt(1/2), sqrt(2)) so that x near 1 has exponent 0
    m *= 2;
    --exponent;
  }
  const double f = m - 1;
  const double s = f / (2 + f);
  // 2 s = f - s f, which keeps the digits of f (fdlibm's e_log.c uses the same identity).
  const double e = exponent;
  return e * ln2_high + (f - (s * f - atanh_tail(s) - e * ln2_low));
}

double log1p(double x) {
  if (std::isinf(x) && x > 0) return x;
  const double u = 1 + x;
  if (u == 1 || u <= 0) return u == 1 ? x : log(u);
  // The rounding error of 1 + x, carried to first order (Higham, Accuracy and Stability, problem 1.5).
  return log(u) + (x - (u - 1)) / u;
}

}  // namespace cohort
