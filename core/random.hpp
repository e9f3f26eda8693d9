// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cohort {

/// Random numbers of one item: Philox-4x32-10 (Salmon et al., SC 2011) under the key `seed` and the counter (draw,
/// purpose, item). The same item draws the same numbers on any rank, thread or visit.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view purpose, std::uint64_t item);

  [[nodiscard]] std::uint32_t next_uint32();
  [[nodiscard]] std::uint64_t next_uint64();
  [[nodiscard]] double uniform();                                    ///< in [0, 1), 53 bits
  [[nodiscard]] double positive_uniform() { return 1 - uniform(); }  ///< in (0, 1]
  [[nodiscard]] std::int64_t below(std::int64_t bound);              ///< in [0, bound), unbiased
  [[nodiscard]] double exponential(double rate);
  [[nodiscard]] double normal();                          ///< Marsaglia's polar method
  [[nodiscard]] double gamma(double shape, double rate);  ///< Marsaglia and Tsang, ACM TOMS 2000
  [[nodiscard]] std::int64_t poisson(double mean);        ///< by counting exponential gaps; mean below 1e4

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> buffer_{};
  int used_ = 4;
};

}  // namespace cohort
