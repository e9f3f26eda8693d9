// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_csv.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/column.hpp"

namespace cohort {
namespace {

std::string spaced_time(std::int64_t seconds) {
  std::string text = iso_time(seconds, TimeUnit::second);
  text[10] = ' ';
  return text;
}

TEST(SyntheticCsv, EqualsPlainFormatting) {
  SyntheticRetailer::Params params;
  params.start = "1969-12-01", params.end = "1970-02-01";  // both sides of the epoch
  params.channels = 12;
  const SyntheticRetailer retailer(params);
  const SyntheticCsv csv(retailer);
  std::string text, expected;
  for (int number = 0; number < 300; ++number) {
    const auto customer = retailer.customer(number);
    std::vector<SyntheticRetailer::Line> lines;
    retailer.purchases(customer, lines);
    for (const SyntheticRetailer::Line& line : lines) csv.append(customer.number, line, text);
    for (const auto& line : lines)
      expected += fmt::format("{},{},{},{},{},{}.{:02},{}\n", line.basket, number, spaced_time(line.time),
                              retailer.item_label(line.item), line.quantity, line.price / 100, line.price % 100,
                              retailer.channel_label(line.channel));
  }
  EXPECT_EQ(text, expected);
}

TEST(SyntheticCsv, WritesTheLongestValues) {
  const SyntheticRetailer retailer({});
  const SyntheticCsv csv(retailer);
  SyntheticRetailer::Customer customer;
  customer.number = 8'999'999'999'999;
  const std::vector<SyntheticRetailer::Line> lines = {{.time = retailer.first_day() * 86'400LL + 86'399,
                                                       .basket = 8'999'999'999'999'999'999,
                                                       .item = 7,
                                                       .quantity = 1'000'000,
                                                       .price = 5,
                                                       .channel = 2}};
  std::string text = "x";
  for (const SyntheticRetailer::Line& line : lines) csv.append(customer.number, line, text);
  EXPECT_EQ(text, "x8999999999999999999,8999999999999,2022-01-01 23:59:59,I00007,1000000,0.05,C2\n");
}

TEST(SyntheticCsv, WritesCustomersAndTheirTruth) {
  SyntheticRetailer::Params params;
  params.traits = 2;
  const SyntheticRetailer retailer(params);
  const SyntheticCsv csv(retailer);
  SyntheticRetailer::Customer customer;
  customer.number = 3, customer.segment = 1, customer.lambda = 0.25, customer.p = 0.5, customer.nu = 4;
  customer.alive_until = -1, customer.traits = {0.1, -2};
  std::string text = csv.customers_header();
  csv.append_customer(customer, text);
  EXPECT_EQ(text, "customer,trait_1,trait_2\n3,0.1,-2\n");
  text = SyntheticCsv::truth_header;
  csv.append_truth(customer, text);
  EXPECT_EQ(text, "customer,segment,lambda,p,nu,alive_until\n3,1,0.25,0.5,4,1969-12-31 23:59:59\n");
}

}  // namespace
}  // namespace cohort
