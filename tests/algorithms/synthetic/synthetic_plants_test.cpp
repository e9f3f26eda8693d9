// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_plants.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace cohort {
namespace {

TEST(SyntheticPlants, TakeTheLastItemsEachOnce) {
  const SyntheticPlants plants({.bundles = 2, .bundle_items = 3, .follow_ups = 1}, 8);
  EXPECT_EQ(plants.bundle(0), (std::vector<std::int32_t>{7, 6, 5}));
  EXPECT_EQ(plants.bundle(1), (std::vector<std::int32_t>{4, 3, 2}));
  EXPECT_EQ(plants.follow_up(0), (std::vector<std::int32_t>{1, 0}));
  EXPECT_THROW(SyntheticPlants({.bundles = 2, .bundle_items = 3, .follow_ups = 2}, 8), Error);
}

TEST(SyntheticPlants, StandInEveryBasketOrNone) {
  const SyntheticPlants all(
      {.bundles = 2, .bundle_share = 1, .follow_ups = 3, .follow_up_days = 2, .follow_up_share = 1}, 100);
  for (const SyntheticPlants::Planted& plant : all.of_customer(42, 5, 50)) {
    EXPECT_TRUE(plant.bundle == 0 || plant.bundle == 1);
    EXPECT_TRUE(0 <= plant.follow_up && plant.follow_up < 3);
    EXPECT_TRUE(36 * 3600 <= plant.seconds && plant.seconds < 60 * 3600) << plant.seconds;
  }
  const SyntheticPlants none({}, 100);
  EXPECT_FALSE(none.any());
  for (const SyntheticPlants::Planted& plant : none.of_customer(42, 5, 50))
    EXPECT_TRUE(plant.bundle < 0 && plant.follow_up < 0);
  EXPECT_TRUE(all.of_customer(42, 5, 0).empty());
}

}  // namespace
}  // namespace cohort
