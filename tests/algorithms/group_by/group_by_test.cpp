// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/group_by.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <set>

#include "core/error.hpp"
#include "core/gather.hpp"
#include "core/random.hpp"
#include "tests/algorithms/test_context.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort::testing {
namespace {

const std::vector<Column> columns{{.name = "key", .type = ColumnType::int64},
                                  {.name = "value", .type = ColumnType::decimal, .scale = 2},
                                  {.name = "real", .type = ColumnType::float64}};
const std::map<std::string, Measure> measures{{"a_rows", {}},
                                              {"b_sum", {.stat = "sum", .of = "value"}},
                                              {"c_min", {.stat = "min", .of = "value"}},
                                              {"d_max", {.stat = "max", .of = "real"}},
                                              {"e_distinct", {.stat = "distinct", .of = "value"}},
                                              {"f_median", {.stat = "quantile", .of = "value"}},
                                              {"g_mean", {.stat = "mean", .of = "real"}},
                                              {"h_some", {.stat = "count", .of = "value", .where = {{"value", "<0"}}}}};

struct Row {
  std::int64_t key, value;
  double real;
};

/// The rows of a rank: tiles of different lengths, keys in no order, some of all missing.
std::vector<Row> rows_of(int rank, std::int64_t count, std::int64_t keys) {
  RandomStream random(3, "rows", static_cast<std::uint64_t>(rank));
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto below = [&](std::int64_t n) {
      return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(n)));
    };
    rows.push_back({below(20) == 0 ? missing_int64 : below(keys) * 1'000'003,
                    below(10) == 0 ? missing_int64 : below(200) - 100,
                    below(10) == 0 ? missing_float64 : static_cast<double>(below(1000)) / 8 - 60});
  }
  return rows;
}

using Figures = std::vector<double>;  ///< missing as -1e300, so that rows compare
using Groups = std::map<std::int64_t, Figures>;

Groups by_loops(const std::vector<Row>& rows) {
  std::map<std::int64_t, std::vector<Row>> groups;
  for (const Row& row : rows) groups[row.key].push_back(row);
  Groups result;
  for (const auto& [key, members] : groups) {
    std::multiset<std::int64_t> values;
    double sum = 0, most = -1e300, total = 0, known = 0, negative = 0;
    for (const Row& row : members) {
      if (row.value != missing_int64) values.insert(row.value);
      if (row.value != missing_int64) sum += static_cast<double>(row.value);
      if (row.value != missing_int64 && row.value < 0) ++negative;
      if (std::isnan(row.real)) continue;
      most = std::max(most, row.real);
      total += row.real;
      ++known;
    }
    const std::vector<std::int64_t> sorted(values.begin(), values.end());
    const double median = sorted.empty()
                              ? -1e300
                              : static_cast<double>(sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 200;
    result[key] = {static_cast<double>(members.size()),
                   sum,
                   sorted.empty() ? -1e300 : static_cast<double>(sorted.front()),
                   most,
                   static_cast<double>(std::set(values.begin(), values.end()).size()),
                   median,
                   known > 0 ? total / known : -1e300,
                   negative};
  }
  return result;
}

/// Collective. All ranks' groups, after a look whether pieces and keys ascend.
Groups by_groups(const std::vector<Row>& mine, std::int64_t keys, const TestContext& test) {
  std::vector<std::int64_t> key, value;
  std::vector<double> real;
  for (const Row& row : mine) {
    key.push_back(row.key);
    value.push_back(row.value);
    real.push_back(row.real);
  }
  const std::vector<ValueRange> ranges{{0, keys * 1'000'003}, {-100, 100}, {}};
  const std::vector<double> magnitudes{0, 0, 100};
  const KeySpec spec{.column = "key"};
  const KeyLayout layout(std::span(&spec, 1), {0}, columns, ranges);
  const GroupMeasures figures(measures, {},
                              {.columns = columns, .ranges = ranges, .magnitudes = magnitudes, .rows = 100'000'000});
  const auto tile = [&](std::vector<ColumnView>& views, std::size_t first, std::size_t count) {
    views = {{.int64s = std::span(key).subspan(first, count)},
             {.int64s = std::span(value).subspan(first, count)},
             {.float64s = std::span(real).subspan(first, count)}};
    return RowTile{.first = static_cast<std::int64_t>(first), .rows = count, .columns = views};
  };
  std::vector<ColumnView> views;
  std::vector<std::uint64_t> sampled;
  sample_keys(layout, tile(views, 0, mine.size()), sampled);
  const TemporaryFolder folder;
  const Context context = test.context();
  GroupBy groups(context, layout, figures, sampled, std::ssize(mine), folder.path().string());
  for (std::size_t first = 0, n = 1; first < mine.size(); first += n, n = n % 1500 + 77)
    groups.add(static_cast<int>(first % 2), tile(views, first, std::min(n, mine.size() - first)));
  std::vector<double> flat;
  std::uint64_t last = 0;
  for (const GroupPiece& piece : groups.finish()) {
    for (std::size_t g = 0; g < piece.groups(1); ++g) {
      EXPECT_TRUE(last == 0 || piece.keys[g] > last);
      last = piece.keys[g];
      flat.push_back(std::bit_cast<double>(layout.value(0, &piece.keys[g])));
      for (std::size_t m = 0; m < measures.size(); ++m) {
        const std::int64_t figure = piece.figures[m][g];
        const bool is_real = figures.columns()[m].type == ColumnType::float64;
        const double x = is_real ? std::bit_cast<double>(figure) : static_cast<double>(figure);
        flat.push_back(std::isnan(x) || (!is_real && figure == missing_int64) ? -1e300 : x);
      }
    }
  }
  std::vector<double> all;
  for (const Bytes& bytes : test.comm().all_gather(to_bytes(std::span<const double>(flat)))) append_values(bytes, all);
  Groups result;
  for (std::size_t at = 0; at < all.size(); at += measures.size() + 1) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at) + 1;
    const Figures one(begin, begin + static_cast<std::ptrdiff_t>(measures.size()));
    EXPECT_TRUE(result.emplace(std::bit_cast<std::int64_t>(all[at]), one).second) << "a group came twice";
  }
  return result;
}

void compare(std::int64_t rows, std::int64_t keys, std::int64_t memory) {
  const TestContext test(2, memory);
  std::vector<Row> all;
  for (int rank = 0; rank < test.comm().size(); ++rank)
    for (const Row& row : rows_of(rank, rows, keys)) all.push_back(row);
  const Groups found = by_groups(rows_of(test.comm().rank(), rows, keys), keys, test);
  const Groups expected = by_loops(all);
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [key, figures] : expected)
    for (std::size_t m = 0; m < figures.size(); ++m)
      ASSERT_NEAR(found.at(key)[m], figures[m], std::abs(figures[m]) * 1e-12) << "key " << key << ", measure " << m;
}

TEST(GroupBy, NoRows) {
  compare(0, 10, 1 << 30);
}
TEST(GroupBy, OneRow) {
  compare(1, 10, 1 << 30);
}
TEST(GroupBy, FewGroups) {
  compare(20'000, 7, 1 << 30);
}
TEST(GroupBy, MoreGroupsThanATableHolds) {
  compare(80'000, 60'000, 1 << 30);
}
TEST(GroupBy, SpillsWhatDoesNotFit) {
  compare(60'000, 50'000, 24 << 20);
}

TEST(GroupBy, RefusesGroupsThatDoNotFit) {
  const TestContext test(2, 1 << 20);
  const std::vector<Row> rows = rows_of(test.comm().rank(), 60'000, 50'000);
  try {
    (void)by_groups(rows, 50'000, test);
    FAIL() << "a megabyte holds no 50,000 groups";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::plan_refused);
  }
}

TEST(GroupBy, TheLastKeyOf64BitsIsAGroup) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::vector<Column> wide{{.name = "x", .type = ColumnType::int64}};
  const std::vector<ValueRange> ranges{{-most, most}};  // so missing has the code of all ones
  const KeySpec spec{.column = "x"};
  const KeyLayout layout(std::span(&spec, 1), {0}, wide, ranges);
  ASSERT_EQ(layout.bits(), 64);
  const GroupMeasures figures({{"n", {}}}, {}, {.columns = wide, .ranges = ranges, .rows = 12});
  const std::vector<std::int64_t> values{most, most - 1, most, missing_int64};
  const std::vector<ColumnView> views{{.int64s = values}}, two{{.int64s = std::span(values).first(2)}};
  std::vector<std::uint64_t> sampled;
  layout.encode({.first = 0, .rows = 2, .columns = two}, sampled);
  const TestContext test;
  const TemporaryFolder folder;
  const Context context = test.context();
  GroupBy groups(context, layout, figures, sampled, 12, folder.path().string());
  groups.add(0, {.first = 0, .rows = 4, .columns = views});
  std::vector<std::int64_t> mine(3, 0), expected{1, 2, 1};
  for (const GroupPiece& piece : groups.finish()) {
    for (std::size_t g = 0; g < piece.keys.size(); ++g)
      mine[piece.keys[g] - (~std::uint64_t{0} - 2)] += piece.figures[0][g];
  }
  test.comm().all_reduce(mine, {});
  for (std::int64_t& rows : expected) rows *= test.comm().size();
  EXPECT_EQ(mine, expected);
}

TEST(GroupBy, SumsOfMoreRowsThanTheirLowWordHoldsAreErrors) {
  const std::vector<Column> wide{{.name = "x", .type = ColumnType::int64}};
  const std::vector<ValueRange> ranges{{0, std::numeric_limits<std::int64_t>::max()}};
  for (const char* stat : {"sum", "mean"}) {
    const GroupMeasures figures({{"s", {.stat = stat, .of = "x"}}}, {}, {.columns = wide, .ranges = ranges, .rows = 4});
    std::vector<std::int64_t> state(figures.words().size(), 1), out(1);
    const std::int64_t* states = state.data();
    state[0] = std::int64_t{1} << 31;
    EXPECT_NO_THROW(figures.finish(0, std::span(&states, 1), out));
    ++state[0];
    EXPECT_THROW(figures.finish(0, std::span(&states, 1), out), Error);
  }
}

TEST(GroupBy, SumsThatPass64BitsAreErrors) {
  const std::vector<Column> wide{{.name = "x", .type = ColumnType::int64}};
  const std::vector<ValueRange> ranges{{0, std::numeric_limits<std::int64_t>::max()}};
  const GroupMeasures figures({{"s", {.stat = "sum", .of = "x"}}}, {}, {.columns = wide, .ranges = ranges, .rows = 4});
  const KeyLayout layout({}, {}, {}, {});
  const std::vector<std::int64_t> values(4, std::numeric_limits<std::int64_t>::max());
  const std::vector<ColumnView> views{{.int64s = values}};
  const TestContext test;
  const TemporaryFolder folder;
  const Context context = test.context();
  GroupBy groups(context, layout, figures, {}, 4, folder.path().string());
  groups.add(0, {.first = 0, .rows = 4, .columns = views});
  EXPECT_THROW((void)groups.finish(), Error);
}

}  // namespace
}  // namespace cohort::testing
