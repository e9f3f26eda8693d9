// SPDX-License-Identifier: Apache-2.0
#include "jobs/plan/forecast.hpp"

#include <gtest/gtest.h>

namespace cohort {
namespace {

const JobFile job;

Forecast forecast_of(double ranks, double threads, double memory) {
  return {.job = job, .out = "/nowhere", .ranks = ranks, .threads = threads, .memory_per_rank = memory};
}

TEST(Forecast, NothingIsKnownOfWhatIsNotThere) {
  Forecast forecast = forecast_of(1, 1, 1e9);
  EXPECT_EQ(forecast.table("dataset"), nullptr);
  EXPECT_EQ(forecast.table("features"), nullptr);
  EXPECT_EQ(forecast.events("transactions"), nullptr);
}

TEST(Forecast, KnowsWhatEarlierStepsWillLeave) {
  Forecast forecast = forecast_of(1, 1, 1e9);
  forecast.tables["features"] = {.rows = 10, .columns = {{.name = "customer_id"}, {.name = "frequency"}}};
  forecast.dataset = PlannedDataset{.customers = {.rows = 3}, .events = {{"clicks", {.rows = 7}}}};
  EXPECT_EQ(forecast.table("features")->numbers(), 1);
  EXPECT_EQ(forecast.table("dataset")->rows, 3);
  EXPECT_EQ(forecast.events("clicks")->rows, 7);
  EXPECT_EQ(forecast.events("transactions"), nullptr);
}

TEST(Forecast, AShuffleOnOneRankMovesNothingAndSpillsWhatDoesNotFit) {
  const ShuffleCost fits = shuffle_cost(forecast_of(1, 1, 1e9), 1e8, 2e6, 100, 0.5);
  EXPECT_EQ(fits.payload_bytes, 0);
  EXPECT_EQ(fits.spill_bytes, 0);
  EXPECT_NEAR(fits.memory_bytes, 1e8 + 2e4 * 110, 1);
  const ShuffleCost waits = shuffle_cost(forecast_of(1, 1, 1e8), 1e9, 2e7, 1000, 0.5);
  EXPECT_EQ(waits.spill_bytes, 1e9);
  EXPECT_LT(waits.memory_bytes, 0.4e8);
}

TEST(Forecast, AShuffleMovesAllButTheRanksOwnPart) {
  const ShuffleCost cost = shuffle_cost(forecast_of(4, 1, 1e9), 1e8, 2e6, 100, 0.5);
  EXPECT_EQ(cost.payload_bytes, 0.75e8);
  EXPECT_LT(cost.memory_bytes, 1e8);
}

TEST(Forecast, QuantilesOfFewValuesTakeNothing) {
  EXPECT_EQ(quantile_cost(forecast_of(2, 1, 1e9), 1000, 7, 31).memory_bytes, 0);
}

TEST(Forecast, QuantilesStayWithinASixteenthOfTheBudgetForEachCopy) {
  const double little = quantile_cost(forecast_of(2, 1, 0x1p28), 1e9, 20, 31).memory_bytes;
  const double plenty = quantile_cost(forecast_of(2, 1, 0x1p40), 1e9, 20, 31).memory_bytes;
  EXPECT_NEAR(little, 0x1p24 * 5.2, 1);
  EXPECT_NEAR(plenty, 0x1p26 * 5.2, 1);
}

}  // namespace
}  // namespace cohort
