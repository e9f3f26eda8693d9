// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace cohort {
namespace {

using Words4 = std::array<std::uint32_t, 4>;
using Words2 = std::array<std::uint32_t, 2>;

/// Philox-4x32-10 as the paper writes it (Salmon et al., SC 2011, section 3.3): the oracle, itself held to the paper's
/// known answers below.
Words4 philox(Words4 counter, Words2 key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key = {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
  }
  return counter;
}

std::uint32_t fnv1a(const std::string& text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

Words4 first_words(RandomStream stream) {
  return {stream.next_uint32(), stream.next_uint32(), stream.next_uint32(), stream.next_uint32()};
}

TEST(Random, TheOracleGivesPhiloxsKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words4{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}), (Words4{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words4{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, AStreamIsPhiloxOfDrawPurposeAndItem) {
  // The FNV-1a hash of these four bytes is 0, which makes the first known answer reachable from outside.
  EXPECT_EQ(first_words(RandomStream(0, "\xcc\x24\x31\xc4", 0)),
            (Words4{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{42}, ~std::uint64_t{0}, std::uint64_t{1} << 32}) {
    for (const std::uint64_t item : {std::uint64_t{0}, std::uint64_t{7}, ~std::uint64_t{0}, std::uint64_t{1} << 32}) {
      RandomStream stream(seed, "purpose", item);
      for (std::uint32_t draw = 0; draw < 5; ++draw) {
        const Words4 truth =
            philox({draw, fnv1a("purpose"), static_cast<std::uint32_t>(item), static_cast<std::uint32_t>(item >> 32)},
                   {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
        for (const std::uint32_t word : truth) EXPECT_EQ(stream.next_uint32(), word);
      }
    }
  }
}

TEST(Random, PurposesAndItemsDrawDifferentNumbers) {
  EXPECT_NE(first_words(RandomStream(1, "a", 0)), first_words(RandomStream(1, "b", 0)));
  EXPECT_NE(first_words(RandomStream(1, "a", 0)), first_words(RandomStream(1, "a", 1)));
  EXPECT_NE(first_words(RandomStream(1, "a", 0)), first_words(RandomStream(2, "a", 0)));
}

TEST(Random, UniformStaysInItsHalfOpenIntervals) {
  RandomStream stream(5, "uniform", 0);
  for (int i = 0; i < 100'000; ++i) {
    const double u = stream.uniform(), p = stream.positive_uniform();
    EXPECT_TRUE(u >= 0 && u < 1);
    EXPECT_TRUE(p > 0 && p <= 1);
  }
}

TEST(Random, BelowReachesEveryNumberEquallyOften) {
  constexpr int bound = 7;
  std::array<int, bound> seen{};
  RandomStream stream(6, "below", 0);
  for (int i = 0; i < 70'000; ++i) ++seen[static_cast<std::size_t>(stream.below(bound))];
  double chi_squared = 0;
  for (const int count : seen) chi_squared += (count - 1e4) * (count - 1e4) / 1e4;
  EXPECT_LT(chi_squared, 22.5);  // 99.9 % point at 6 degrees of freedom
  EXPECT_EQ(stream.below(1), 0);
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t draw = stream.below(largest);
    EXPECT_TRUE(draw >= 0 && draw < largest);
  }
}

struct Sample {
  double mean, variance;
};
Sample sample_of(int size, const std::function<double(RandomStream&)>& draw) {
  RandomStream stream(7, "sample", 0);
  double mean = 0, squares = 0;
  for (int i = 1; i <= size; ++i) {
    const double x = draw(stream), delta = x - mean;
    mean += delta / i;
    squares += delta * (x - mean);
  }
  return {mean, squares / (size - 1)};
}

TEST(Random, MomentsOfEachDistribution) {
  constexpr int size = 200'000;
  const auto expect = [](const char* name, Sample sample, double mean, double variance) {
    EXPECT_NEAR(sample.mean, mean, 5 * std::sqrt(variance / size)) << name;  // five standard errors
    EXPECT_NEAR(sample.variance / variance, 1, 0.05) << name;
  };
  expect("uniform", sample_of(size, [](RandomStream& r) { return r.uniform(); }), 0.5, 1.0 / 12);
  expect("normal", sample_of(size, [](RandomStream& r) { return r.normal(); }), 0, 1);
  expect("exponential", sample_of(size, [](RandomStream& r) { return r.exponential(4); }), 0.25, 1.0 / 16);
  expect("gamma 0.3", sample_of(size, [](RandomStream& r) { return r.gamma(0.3, 2); }), 0.15, 0.075);
  expect("gamma 9", sample_of(size, [](RandomStream& r) { return r.gamma(9, 3); }), 3, 1);
  expect("poisson 0.7", sample_of(size, [](RandomStream& r) { return double(r.poisson(0.7)); }), 0.7, 0.7);
  expect("poisson 40", sample_of(20'000, [](RandomStream& r) { return double(r.poisson(40)); }), 40, 40);
}

TEST(Random, NormalHasTheRightTails) {
  RandomStream stream(8, "tails", 0);
  int beyond_two = 0;
  constexpr int size = 200'000;
  for (int i = 0; i < size; ++i) beyond_two += std::abs(stream.normal()) > 2 ? 1 : 0;
  EXPECT_NEAR(beyond_two / double(size), 0.0455, 0.0024);  // five standard errors
}

TEST(Random, PoissonOfZeroIsZero) {
  RandomStream stream(9, "poisson", 0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(stream.poisson(0), 0);
}

}  // namespace
}  // namespace cohort
