// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cohort {

// Elementary functions from additions, multiplications and bit operations alone: the C library picks its code by
// processor, these give the same bits on any. Relative error below 2e-15 (measured in tests/core/elementary_test.cpp).

[[nodiscard]] double exp(double x);
[[nodiscard]] double log(double x);    ///< NaN below 0, -infinity at 0
[[nodiscard]] double log1p(double x);  ///< accurate near 0

}  // namespace cohort
