// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_alias.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "core/random.hpp"

namespace cohort {
namespace {

void expect_shares(const std::vector<double>& weights) {
  constexpr double draws = 400'000;
  const AliasTable table(weights);
  RandomStream random(7, "alias", weights.size());
  std::vector<double> counts(weights.size());
  for (int i = 0; i < draws; ++i) ++counts.at(static_cast<std::size_t>(table.draw(random.next_uint64())));
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double share = weights[i] / total;
    EXPECT_NEAR(counts[i] / draws, share, 4.5 * std::sqrt(share * (1 - share) / draws))
        << i << " of " << weights.size();
  }
}

TEST(AliasTable, DrawsInProportion) {
  expect_shares({3});
  expect_shares({1, 1, 1, 1});
  expect_shares({1e-12, 5, 0.25});
  expect_shares(zipf_weights(50, 1));
  expect_shares(zipf_weights(300, 0));
  expect_shares(zipf_weights(20, 3));
}

TEST(AliasTable, TakesTheExtremeBits) {
  const AliasTable table(zipf_weights(1000, 1));
  for (const std::uint64_t bits : {std::uint64_t{0}, std::uint64_t{0xFFFF'FFFF}, ~std::uint64_t{0}}) {
    EXPECT_GE(table.draw(bits), 0);
    EXPECT_LT(table.draw(bits), 1000);
  }
}

TEST(ZipfWeights, FollowTheLaw) {
  const auto weights = zipf_weights(100, 1.5);
  for (std::size_t i = 0; i < weights.size(); ++i)
    EXPECT_NEAR(weights[i], std::pow(static_cast<double>(i + 1), -1.5), 1e-14);
}

}  // namespace
}  // namespace cohort
