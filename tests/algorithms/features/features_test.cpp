// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/features.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/config.hpp"

namespace cohort {
namespace {

TEST(Features, ReadsTheRolesThatAreNamed) {
  Features::Params params;
  EXPECT_EQ(params.columns(), (std::vector<std::string>{"time", "basket", "item", "quantity", "price"}));
  params.basket = params.quantity = "";
  params.time = "InvoiceDate";
  EXPECT_EQ(params.columns(), (std::vector<std::string>{"InvoiceDate", "item", "price"}));
}

TEST(Features, DescribesEveryParameter) {
  Features::Params params;
  EXPECT_EQ(record_fields(description_of(params)).dump(),
            R"({"input":"transactions","as_of":"","time":"time","basket":"basket","item":"item","quantity":"quantity",)"
            R"("price":"price"})");
}

}  // namespace
}  // namespace cohort
