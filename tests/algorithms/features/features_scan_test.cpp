// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/features_scan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <set>

#include "core/error.hpp"
#include "core/random.hpp"

namespace cohort {
namespace {

constexpr std::int64_t none = missing_int64;

struct Event {
  std::int64_t time, basket, item, quantity, price;
};
using Customer = std::vector<Event>;

struct Row {
  std::int32_t recency_days, frequency;
  std::int64_t monetary;
  std::int32_t tenure_days;
  double mean_basket, mean_gap_days;
  std::int32_t distinct_items;
};

const std::vector<Column> minutes_and_cents = {{"time", ColumnType::timestamp, 0, TimeUnit::minute},
                                               {"basket", ColumnType::int64},
                                               {"item", ColumnType::category},
                                               {"quantity", ColumnType::int32},
                                               {"price", ColumnType::decimal, 2}};

/// The definitions, as directly as sets can say them.
Row oracle(const Customer& customer, std::int32_t as_of, bool with_basket) {
  std::set<std::int64_t> dates, baskets, items;
  std::int64_t money = 0;
  for (const Event& event : customer) {
    if (event.time == none || event.time >= as_of * 1440LL) continue;
    dates.insert(floor_div(event.time, 1440));
    if (!with_basket) baskets.insert(event.time);
    if (with_basket && event.basket != none) baskets.insert(event.basket);
    if (event.item != none) items.insert(event.item);
    if (event.quantity != none && event.price != none) money += event.quantity * event.price;
  }
  Row row{missing_int32,   static_cast<std::int32_t>(baskets.size()), money, missing_int32, missing_float64,
          missing_float64, static_cast<std::int32_t>(items.size())};
  if (!baskets.empty()) row.mean_basket = static_cast<double>(money) / (static_cast<double>(baskets.size()) * 100);
  if (dates.empty()) return row;
  row.recency_days = static_cast<std::int32_t>(as_of - *dates.rbegin());
  row.tenure_days = static_cast<std::int32_t>(as_of - *dates.begin());
  if (dates.size() > 1)
    row.mean_gap_days = static_cast<double>(*dates.rbegin() - *dates.begin()) / static_cast<double>(dates.size() - 1);
  return row;
}

std::int32_t narrow(std::int64_t value) {
  return value == none ? missing_int32 : static_cast<std::int32_t>(value);
}

/// Feeds customers to a scan in tiles of at most `tile_events` events.
class Feeder {
 public:
  Feeder(FeatureScan& scan, std::size_t tile_events) : scan_(scan), tile_events_(tile_events) {}

  void feed(const std::vector<Customer>& customers) {
    for (std::size_t c = 0; c < customers.size(); ++c) add(static_cast<std::int64_t>(c), customers[c]);
    flush();
  }

 private:
  void add(std::int64_t number, const Customer& customer) {
    std::size_t next = 0;
    do {
      if (time_.size() == tile_events_) flush();
      const auto begin = static_cast<std::int32_t>(time_.size());
      const bool starts = next == 0;
      for (; next < customer.size() && time_.size() < tile_events_; ++next) append(customer[next]);
      runs_.push_back({number, begin, static_cast<std::int32_t>(time_.size()), starts, next == customer.size()});
    } while (next < customer.size());
  }

  void append(const Event& event) {
    time_.push_back(event.time);
    basket_.push_back(event.basket);
    item_.push_back(narrow(event.item));
    quantity_.push_back(narrow(event.quantity));
    price_.push_back(event.price);
  }

  void flush() {
    const std::vector<ColumnView> views = {
        {.int64s = time_}, {.int64s = basket_}, {.int32s = item_}, {.int32s = quantity_}, {.int64s = price_}};
    scan_.add({runs_, views});
    runs_.clear();
    for (auto* column : {&time_, &basket_, &price_}) column->clear();
    for (auto* column : {&item_, &quantity_}) column->clear();
  }

  FeatureScan& scan_;
  std::size_t tile_events_;
  std::vector<CustomerRun> runs_;
  std::vector<std::int64_t> time_, basket_, price_;
  std::vector<std::int32_t> item_, quantity_;
};

template <class T>
const std::vector<T>& values_of(const std::vector<FeatureColumn>& columns, const std::string& name) {
  for (const FeatureColumn& column : columns)
    if (column.column.name == name) return std::get<std::vector<T>>(column.values);
  throw std::out_of_range(name);
}

void expect_rows(const std::vector<FeatureColumn>& columns, const std::vector<Customer>& customers, std::int32_t as_of,
                 bool with_basket, const std::string& what) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  ASSERT_EQ(values_of<std::int32_t>(columns, "recency_days").size(), customers.size()) << what;
  for (std::size_t c = 0; c < customers.size(); ++c) {
    const Row row = oracle(customers[c], as_of, with_basket);
    EXPECT_EQ(values_of<std::int32_t>(columns, "recency_days")[c], row.recency_days) << what << ", customer " << c;
    EXPECT_EQ(values_of<std::int32_t>(columns, "frequency")[c], row.frequency) << what << ", customer " << c;
    EXPECT_EQ(values_of<std::int64_t>(columns, "monetary")[c], row.monetary) << what << ", customer " << c;
    EXPECT_EQ(values_of<std::int32_t>(columns, "tenure_days")[c], row.tenure_days) << what << ", customer " << c;
    EXPECT_EQ(bits(values_of<double>(columns, "mean_basket")[c]), bits(row.mean_basket)) << what << ", customer " << c;
    EXPECT_EQ(bits(values_of<double>(columns, "mean_gap_days")[c]), bits(row.mean_gap_days))
        << what << ", customer " << c;
    EXPECT_EQ(values_of<std::int32_t>(columns, "distinct_items")[c], row.distinct_items) << what << ", customer " << c;
  }
}

Customer random_customer(RandomStream& random, std::int64_t most_events) {
  Customer customer(static_cast<std::size_t>(random.below(most_events + 1)));
  for (Event& event : customer) {
    const auto or_none = [&random](std::int64_t value) { return random.below(12) == 0 ? none : value; };
    event = {or_none(random.below(20 * 1440) / 180 * 180 - 10 * 1440), or_none(random.below(6)),
             or_none(random.below(9)), or_none(random.below(7) - 2), or_none(random.below(1000))};
  }
  std::sort(customer.begin(), customer.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
  return customer;
}

std::vector<Customer> random_customers(std::uint64_t seed, int count, std::int64_t most_events) {
  RandomStream random(seed, "customers", 0);
  std::vector<Customer> customers;
  for (int c = 0; c < count; ++c) customers.push_back(random_customer(random, most_events));
  return customers;
}

TEST(FeatureScan, EqualsTheOracleAtEveryTileBoundaryAndCut) {
  const auto customers = random_customers(3, 60, 12);
  for (const bool with_basket : {true, false}) {
    Features::Params params;
    if (!with_basket) params.basket = "";
    for (const std::int32_t as_of : {-20, -9, -1, 0, 1, 5, 30}) {
      for (std::size_t tile_events = 1; tile_events <= 40; ++tile_events) {
        FeatureScan scan(params, minutes_and_cents, as_of);
        Feeder(scan, tile_events).feed(customers);
        expect_rows(scan.take(), customers, as_of, with_basket,
                    fmt::format("as_of {}, tiles of {}", as_of, tile_events));
      }
    }
  }
}

TEST(FeatureScan, EqualsTheOracleForLongHistories) {
  const auto customers = random_customers(4, 12, 900);
  for (const std::size_t tile_events : {7, 64, 65, 500, 100'000}) {
    FeatureScan scan({}, minutes_and_cents, 6);
    Feeder(scan, tile_events).feed(customers);
    expect_rows(scan.take(), customers, 6, true, fmt::format("tiles of {}", tile_events));
  }
}

TEST(FeatureScan, TakeStartsAfresh) {
  const auto customers = random_customers(5, 20, 10);
  FeatureScan scan({}, minutes_and_cents, 6);
  for (int pass = 0; pass < 2; ++pass) {
    Feeder(scan, 16).feed(customers);
    expect_rows(scan.take(), customers, 6, true, fmt::format("pass {}", pass));
  }
  EXPECT_TRUE(values_of<double>(scan.take(), "mean_basket").empty());
}

TEST(FeatureScan, CountsWhatBecameOfEachEvent) {
  const std::vector<Customer> customers = {{{none, 1, 1, 1, 1}, {0, 1, 1, 1, 1}, {1439, 1, 1, 1, 1}},
                                           {},
                                           {{1440, 1, 1, 1, 1}, {9999, 2, 2, 2, 2}},
                                           {{none, 1, 1, 1, 1}}};
  FeatureScan scan({}, minutes_and_cents, 1);
  Feeder(scan, 2).feed(customers);
  expect_rows(scan.take(), customers, 1, true, "cut at midnight");
  EXPECT_EQ(scan.events().used, 2);
  EXPECT_EQ(scan.events().without_time, 2);
  EXPECT_EQ(scan.events().not_before_as_of, 2);
}

TEST(FeatureScan, WorksOnDatesAloneAndWithoutQuantity) {
  const std::vector<Column> columns = {{"day", ColumnType::date}, {"amount", ColumnType::int32}};
  Features::Params params;
  params.time = "day", params.price = "amount", params.basket = params.item = params.quantity = "";
  EXPECT_EQ(params.columns(), (std::vector<std::string>{"day", "amount"}));
  const std::vector<std::int32_t> days = {-3, -3, 0, 4}, amounts = {5, -7, missing_int32, 100};
  const std::vector<ColumnView> views = {{.int32s = days}, {.int32s = amounts}};
  const std::vector<CustomerRun> runs = {{0, 0, 4, true, true}};
  FeatureScan scan(params, columns, 4);
  scan.add({runs, views});
  const auto rows = scan.take();
  EXPECT_EQ(rows.size(), 6U);  // no distinct_items
  EXPECT_EQ(values_of<std::int32_t>(rows, "frequency"), std::vector<std::int32_t>{2});
  EXPECT_EQ(values_of<std::int64_t>(rows, "monetary"), std::vector<std::int64_t>{-2});
  EXPECT_EQ(values_of<double>(rows, "mean_gap_days"), std::vector<double>{3});
  EXPECT_EQ(values_of<double>(rows, "mean_basket"), std::vector<double>{-1});
  EXPECT_EQ(latest_time({runs, views}, columns[0], views[0]), 4);
  EXPECT_EQ(day_after(4, columns[0]), 5);
  EXPECT_EQ(latest_time({{}, views}, columns[0], views[0]), missing_int64);
}

TEST(FeatureScan, EveryUnitKnowsItsMidnight) {
  for (const TimeUnit unit : {TimeUnit::day, TimeUnit::hour, TimeUnit::minute, TimeUnit::second, TimeUnit::millisecond,
                              TimeUnit::microsecond}) {
    const std::int64_t day = units_per_day(unit);
    const std::vector<Column> columns = {{"time", ColumnType::timestamp, 0, unit}};
    Features::Params params;
    params.basket = params.item = params.quantity = params.price = "";
    const std::vector<std::int64_t> times = {days_from_civil(1, 1, 1) * day, 20000 * day - 1, 20000 * day};
    const std::vector<ColumnView> views = {{.int64s = times}};
    const std::vector<CustomerRun> runs = {{0, 0, static_cast<std::int32_t>(times.size()), true, true}};
    FeatureScan scan(params, columns, 20000);
    scan.add({runs, views});
    const auto rows = scan.take();
    EXPECT_EQ(values_of<std::int32_t>(rows, "tenure_days")[0], 20000 - days_from_civil(1, 1, 1)) << name_of(unit);
    EXPECT_EQ(values_of<std::int32_t>(rows, "recency_days")[0], 1) << name_of(unit);
    EXPECT_EQ(scan.events().not_before_as_of, 1) << name_of(unit);
    EXPECT_EQ(day_after(20000 * day - 1, columns[0]), 20000);
    EXPECT_EQ(day_after(20000 * day, columns[0]), 20001);
    EXPECT_EQ(day_after(-1, columns[0]), 0);
  }
}

TEST(FeatureScan, MoneyIsExactUntilItLeaves64Bits) {
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  const auto feed = [](const Customer& customer) {
    FeatureScan scan({}, minutes_and_cents, 1);
    Feeder(scan, 1).feed({{}, customer});
    return values_of<std::int64_t>(scan.take(), "monetary")[1];
  };
  EXPECT_EQ(feed({{0, 1, 1, 1, huge}, {0, 1, 1, 9, huge}, {0, 1, 1, -9, huge}}), huge);
  try {
    feed({{0, 1, 1, 1, huge}, {0, 1, 1, 1, 1}});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    EXPECT_NE(std::string(error.what()).find("row 1"), std::string::npos) << error.what();
    EXPECT_EQ(error.next(), "declare a smaller scale");
  }
  EXPECT_THROW(feed({{0, 1, 1, -1, huge}, {0, 1, 1, -1, 1}}), Error);  // would read as missing
}

TEST(FeatureScan, RefusesUnfitColumns) {
  const auto code_of = [](const Features::Params& params, std::vector<Column> columns, std::int32_t as_of) {
    try {
      FeatureScan(params, columns, as_of);
      return ExitCode::success;
    } catch (const Error& error) {
      return error.code();
    }
  };
  Features::Params params;
  EXPECT_EQ(code_of(params, minutes_and_cents, 1), ExitCode::success);
  for (const ColumnType type : {ColumnType::float64, ColumnType::text, ColumnType::category, ColumnType::date}) {
    auto columns = minutes_and_cents;
    columns[4].type = type;
    EXPECT_EQ(code_of(params, columns, 1), ExitCode::bad_config);
  }
  EXPECT_EQ(code_of(params, {minutes_and_cents[0]}, 1), ExitCode::bad_config);
  params.time = "item";
  EXPECT_EQ(code_of(params, minutes_and_cents, 1), ExitCode::bad_config);
  params.time = "";
  EXPECT_EQ(code_of(params, minutes_and_cents, 1), ExitCode::bad_config);
  EXPECT_EQ(code_of({}, minutes_and_cents, missing_int32), ExitCode::bad_config);
}

TEST(FeatureScan, RefusesTimesOfNoCalendar) {
  FeatureScan scan({}, minutes_and_cents, 1);
  EXPECT_THROW(Feeder(scan, 8).feed({{{none + 1, 1, 1, 1, 1}}}), Error);
}

}  // namespace
}  // namespace cohort
