// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_export.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace cohort {
namespace {

SyntheticRetailer::Params small() {
  SyntheticRetailer::Params params;
  params.customers = 50;
  return params;
}

SyntheticExport::Part part_of(const SyntheticExport::Params& params, std::int64_t customers = 50) {
  SyntheticRetailer::Params shop = small();
  shop.customers = customers;
  const SyntheticRetailer retailer(shop);
  return SyntheticExport(retailer, params).part(0, [](const auto&, const auto&) {});
}

std::int64_t lines_of(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

TEST(SyntheticExport, WithoutFaultsTextIsTheTruth) {
  SyntheticExport::Params params;
  params.feedback = 1;
  const SyntheticExport::Part part = part_of(params);
  ASSERT_EQ(part.sources.size(), 3);
  EXPECT_EQ(part.dirt, "");
  for (const DirtySource& source : part.sources) EXPECT_EQ(source.text, source.truth) << source.name;
  EXPECT_EQ(lines_of(part.sources[0].text), 51);  // customers
}

TEST(SyntheticExport, NoTwoSalesAreEqual) {
  const SyntheticExport::Part part = part_of({});
  ASSERT_EQ(part.sources.size(), 2);  // no feedback asked for
  std::set<std::string> seen;
  const std::string& text = part.sources[1].text;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    EXPECT_TRUE(seen.insert(text.substr(at, text.find('\n', at) - at)).second);
}

TEST(SyntheticExport, EveryRecordTwice) {
  SyntheticExport::Params params;
  params.feedback = 1;
  params.dirty.shares[static_cast<std::size_t>(Dirt::duplicate)] = 1;
  for (const DirtySource& source : part_of(params).sources)
    EXPECT_EQ(lines_of(source.text) - 1, 2 * (lines_of(source.truth) - 1)) << source.name;
}

TEST(SyntheticExport, SpoiledCustomersKeepTheirCleanRecord) {
  SyntheticExport::Params params;
  params.dirty.shares[static_cast<std::size_t>(Dirt::ragged)] = 1;
  const SyntheticExport::Part part = part_of(params);
  EXPECT_EQ(lines_of(part.sources[0].truth), 51);
  EXPECT_EQ(lines_of(part.sources[0].text), 101);
  EXPECT_EQ(lines_of(part.sources[1].truth), 1);  // no sale is left
  EXPECT_EQ(lines_of(part.dirt), 50 + lines_of(part.sources[1].text) - 1);
}

TEST(SyntheticExport, NoCustomers) {
  for (const DirtySource& source : part_of({}, 0).sources) EXPECT_EQ(lines_of(source.text), 1) << source.name;
}

TEST(SyntheticExport, ProductsNameEveryItem) {
  const SyntheticRetailer retailer(small());
  EXPECT_EQ(lines_of(SyntheticExport(retailer, {}).products()), 1 + retailer.params().items);
}

}  // namespace
}  // namespace cohort
