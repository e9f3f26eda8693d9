// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/group_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.hpp"

namespace cohort {
namespace {

const Column number{.name = "n", .type = ColumnType::int64};
const Column time{.name = "t", .type = ColumnType::timestamp, .unit = TimeUnit::minute};

/// The values of the fields that come back from the keys of rows of int64 columns.
std::vector<std::vector<std::int64_t>> there_and_back(const std::vector<KeySpec>& specs,
                                                      const std::vector<Column>& columns,
                                                      const std::vector<std::vector<std::int64_t>>& values,
                                                      const std::vector<ValueRange>& ranges) {
  std::vector<std::size_t> sources;
  std::vector<ColumnView> views;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    sources.push_back(c);
    views.push_back({.int32s = {}, .int64s = values[c], .float64s = {}});
  }
  const KeyLayout layout(specs, sources, columns, ranges);
  std::vector<std::uint64_t> keys;
  layout.encode({.first = 0, .rows = values[0].size(), .columns = views}, keys);
  std::vector<std::vector<std::int64_t>> back(specs.size());
  for (std::size_t field = 0; field < specs.size(); ++field)
    for (std::size_t row = 0; row < values[0].size(); ++row)
      back[field].push_back(layout.value(field, keys.data() + row * static_cast<std::size_t>(layout.words())));
  return back;
}

std::int64_t minute(int year, unsigned month, unsigned day, int hour = 0) {
  return std::int64_t{days_from_civil(year, month, day)} * 1440 + hour * 60;
}

TEST(GroupKeys, Spellings) {
  EXPECT_EQ(KeySpec::parse("item").column, "item");
  EXPECT_EQ(KeySpec::parse("month(time)").name(), "time_month");
  for (const char* wrong : {"", "moon(time)", "month(time", "month()", "(time)"})
    EXPECT_THROW((void)KeySpec::parse(wrong), Error) << wrong;
}

TEST(GroupKeys, ValuesComeBackInAnyRange) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::vector<std::int64_t>> values{
      {-most, most, 0, missing_int64}, {7, missing_int64, 9, 8}, {0, 1, most, 5}};
  const std::vector<ValueRange> ranges{{-most, most}, {7, 9}, {0, most}};
  const std::vector<KeySpec> specs{{.column = "a"}, {.column = "b"}, {.column = "c"}};
  EXPECT_EQ(there_and_back(specs, {number, number, number}, values, ranges), values);
}

TEST(GroupKeys, KeysCompareAsTuples) {
  const std::vector<std::int64_t> a{1, 1, 2, 2, missing_int64}, b{5, missing_int64, -3, 0, -3};
  const std::vector<ColumnView> views{{.int32s = {}, .int64s = a, .float64s = {}},
                                      {.int32s = {}, .int64s = b, .float64s = {}}};
  const std::vector<KeySpec> specs{{.column = "a"}, {.column = "b"}};
  const std::vector<Column> columns{number, number};
  const std::vector<ValueRange> ranges{{1, 2}, {-3, 5}};
  const KeyLayout layout(specs, {0, 1}, columns, ranges);
  std::vector<std::uint64_t> keys;
  layout.encode({.first = 0, .rows = 5, .columns = views}, keys);
  EXPECT_EQ(layout.words(), 1);
  EXPECT_TRUE(std::ranges::is_sorted(keys)) << "missing is the last value";
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
}

TEST(GroupKeys, PartsOfTimes) {
  const std::vector<std::int64_t> times{minute(1969, 12, 31, 23), minute(2020, 2, 29, 5), minute(2021, 8, 1),
                                        missing_int64};
  const ValueRange range{times[0], times[2]};
  const auto part = [&](KeySpec::Part of) {
    return there_and_back({{.column = "t", .part = of}}, {time}, {times}, {range})[0];
  };
  using Part = KeySpec::Part;
  const auto day = [](int y, unsigned m, unsigned d) { return std::int64_t{days_from_civil(y, m, d)}; };
  using Values = std::vector<std::int64_t>;
  EXPECT_EQ(part(Part::day), (Values{-1, day(2020, 2, 29), day(2021, 8, 1), missing_int64}));
  EXPECT_EQ(part(Part::week), (Values{day(1969, 12, 29), day(2020, 2, 24), day(2021, 7, 26), missing_int64}));
  EXPECT_EQ(part(Part::month), (Values{day(1969, 12, 1), day(2020, 2, 1), day(2021, 8, 1), missing_int64}));
  EXPECT_EQ(part(Part::quarter), (Values{day(1969, 10, 1), day(2020, 1, 1), day(2021, 7, 1), missing_int64}));
  EXPECT_EQ(part(Part::year), (Values{day(1969, 1, 1), day(2020, 1, 1), day(2021, 1, 1), missing_int64}));
  EXPECT_EQ(part(Part::weekday), (Values{3, 6, 7, missing_int64}));
  EXPECT_EQ(part(Part::hour), (Values{23, 5, 0, missing_int64}));
}

TEST(GroupKeys, NothingButMissing) {
  const std::vector<std::vector<std::int64_t>> values{{missing_int64, missing_int64}};
  EXPECT_EQ(there_and_back({{.column = "n"}}, {number}, values, {{}}), values);
  EXPECT_EQ(there_and_back({{.column = "t", .part = KeySpec::Part::month}}, {time}, values, {{}}), values);
}

TEST(GroupKeys, RefusesWhatMakesNoGroups) {
  const std::vector<ValueRange> range{{0, 1}};
  const auto layout = [&](const KeySpec& spec, const Column& column) {
    return KeyLayout(std::span(&spec, 1), {0}, std::span(&column, 1), range);
  };
  EXPECT_THROW((void)layout({.column = "x"}, {.name = "x", .type = ColumnType::float64}), Error);
  EXPECT_THROW((void)layout({.column = "n", .part = KeySpec::Part::month}, number), Error);
  EXPECT_THROW((void)layout({.column = "d", .part = KeySpec::Part::hour}, {.name = "d", .type = ColumnType::date}),
               Error);
}

}  // namespace
}  // namespace cohort
