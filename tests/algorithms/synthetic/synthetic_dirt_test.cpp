// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_dirt.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"

namespace cohort {
namespace {

const RecordShape sales{.source = "sales",
                        .customer = 1,
                        .time = 2,
                        .number = 4,
                        .quantity = 4,
                        .bounded = 5,
                        .item = 3,
                        .label = 6,
                        .basket = 0};

double& share(DirtShares& shares, Dirt kind) {
  return shares.shares[static_cast<std::size_t>(kind)];
}

std::vector<std::string> soiled(Dirt kind) {
  std::vector<std::string> fields{"7", "3", "2022-05-01 10:00:00", "I1", "2", "1.50", "C1"};
  SyntheticDirt({}, sales, 100).soil(kind, fields);
  return fields;
}

TEST(SyntheticDirt, SoilsOneFieldByKind) {
  EXPECT_EQ(soiled(Dirt::missing_customer)[1], "");
  EXPECT_EQ(soiled(Dirt::unknown_customer)[1], "103");
  EXPECT_EQ(soiled(Dirt::bad_date)[2], "2022-02-30 10:00:00");
  EXPECT_EQ(soiled(Dirt::wrong_type)[4], "many");
  EXPECT_EQ(soiled(Dirt::ragged).size(), 6);
  EXPECT_EQ(soiled(Dirt::non_positive)[4], "0");
  EXPECT_EQ(soiled(Dirt::out_of_range)[5], "99999");
  EXPECT_EQ(soiled(Dirt::unknown_item)[3], "XI1");
  EXPECT_EQ(soiled(Dirt::unlisted)[6], "FAX");
  EXPECT_EQ(soiled(Dirt::returned)[0], "C7");
  EXPECT_EQ(soiled(Dirt::returned)[4], "-2");
  EXPECT_EQ(soiled(Dirt::blanks)[6], "  C1 ");
  EXPECT_EQ(soiled(Dirt::mixed_case)[6], "c1");
  EXPECT_EQ(soiled(Dirt::full_width)[6], "Ｃ１");
  EXPECT_EQ(soiled(Dirt::duplicate), soiled(Dirt::none));
}

TEST(SyntheticDirt, DrawsTheDeclaredShares) {
  DirtShares shares;
  share(shares, Dirt::ragged) = 0.25;
  share(shares, Dirt::full_width) = 0.5;
  share(shares, Dirt::conflicting) = 0.9;  // which sales cannot have
  const SyntheticDirt dirt(shares, sales, 100);
  constexpr int draws = 20'000;
  std::array<int, dirt_kinds + 1> found{};
  RandomStream random(1, "test", 0);
  for (int i = 0; i < draws; ++i) ++found[static_cast<std::size_t>(dirt.draw(random))];
  EXPECT_NEAR(found[static_cast<std::size_t>(Dirt::ragged)], 0.25 * draws, 4 * std::sqrt(draws * 0.25));
  EXPECT_NEAR(found[static_cast<std::size_t>(Dirt::full_width)], 0.5 * draws, 4 * std::sqrt(draws * 0.25));
  EXPECT_EQ(found[static_cast<std::size_t>(Dirt::ragged)] + found[static_cast<std::size_t>(Dirt::full_width)] +
                found[dirt_kinds],
            draws);
}

TEST(SyntheticDirt, NoneAtAllAndAllOfThem) {
  RandomStream random(1, "test", 0);
  EXPECT_EQ(SyntheticDirt({}, sales, 100).draw(random), Dirt::none);
  DirtShares shares;
  share(shares, Dirt::blanks) = 1;
  EXPECT_EQ(SyntheticDirt(shares, sales, 100).draw(random), Dirt::blanks);
  share(shares, Dirt::ragged) = 0.1;
  EXPECT_THROW(SyntheticDirt(shares, sales, 100), Error);
}

}  // namespace
}  // namespace cohort
