// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/concentration.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <mutex>
#include <utility>

#include "algorithms/statistics/gather_rows.hpp"
#include "algorithms/statistics/moments.hpp"
#include "algorithms/statistics/quantiles.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/error.hpp"
#include "core/repartition.hpp"

namespace cohort {
namespace {

constexpr std::int64_t bins = 64;
constexpr std::int64_t points = 100;

/// Values lie between cuts, or on one: those on a cut are counted and never travel, however many are equal.
struct Layout {
  std::vector<double> cuts;  ///< ascending
  int bound = 0;             ///< of the sum of all values

  /// Even: between two cuts; odd: on a cut. Larger values have larger numbers.
  [[nodiscard]] std::int64_t group_of(double x) const {
    const auto at = std::lower_bound(cuts.begin(), cuts.end(), x);
    return 2 * (at - cuts.begin()) + (at != cuts.end() && *at == x ? 1 : 0);
  }
  [[nodiscard]] std::size_t groups() const { return 2 * cuts.size() + 1; }
};

struct Groups {
  std::vector<std::int64_t> counts;
  ExactSums sums;
  std::int64_t negative = 0;

  void parts(Parts& p) {
    p.sum(counts);
    p.exact(sums);
    p.sum(negative);
  }
};

/// A group in the order from the best down: what stands before it, and the value with it.
struct Standing {
  std::int64_t customers = 0;
  double value = 0, with = 0;
};

/// Kinds of the numbers that the walks over single groups leave.
enum Found { curve_point, gini_part, class_cut };

/// Walks down the sorted values of one group.
class Walk {
 public:
  Walk(const Concentration::Params& params, std::int64_t customers, double total, std::vector<double>& found)
      : customers_(customers), shares_{params.a_share * total, params.b_share * total}, found_(found) {}

  /// `values` descend; equal ones may be given as one value and their number.
  void over(const Standing& before, std::span<const double> values, std::int64_t each) {
    double sum = 0, ranked = 0;
    std::int64_t rank = before.customers;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double x = values[i], above = before.value + sum, n = static_cast<double>(each);
      ranked += x * (n * static_cast<double>(rank) + n * (n + 1) / 2);
      mark_points(rank, each, x, above);
      rank += each;
      sum += n * x;
      mark_cuts(before, above, i + 1 == values.size() ? before.with : before.value + sum, x);
    }
    leave(gini_part, static_cast<double>(before.customers), ranked, 0, 0);
  }

 private:
  void leave(Found kind, double number, double a, double b, double c) {
    found_.insert(found_.end(), {static_cast<double>(kind), number, a, b, c});
  }
  /// The exact sums at the group's ends decide whether a share is reached inside it, so that no rounding loses one.
  void mark_cuts(const Standing& before, double above, double with, double x) {
    for (std::size_t s = 0; s < 2; ++s) {
      const bool here = before.value < shares_[s] && before.with >= shares_[s];
      if (here && above < shares_[s] && with >= shares_[s]) leave(class_cut, static_cast<double>(s), x, 0, 0);
    }
  }
  void mark_points(std::int64_t rank, std::int64_t each, double x, double above) {
    for (std::int64_t p = (rank * points) / customers_ + 1; p <= points; ++p) {
      const std::int64_t wanted = (p * customers_ + points - 1) / points;
      if (wanted > rank + each) break;
      leave(curve_point, static_cast<double>(p), static_cast<double>(wanted),
            above + static_cast<double>(wanted - rank) * x, x);
    }
  }

  std::int64_t customers_;
  double shares_[2];
  std::vector<double>& found_;
};

Layout layout_of(const NumericTable& table, const ColumnMoments& moments, const Context& context) {
  std::vector<double> probabilities;
  for (std::int64_t i = 1; i < bins; ++i) probabilities.push_back(static_cast<double>(i) / static_cast<double>(bins));
  Layout layout{.cuts = quantiles_of(table, probabilities, context).front()};
  layout.cuts.erase(std::unique(layout.cuts.begin(), layout.cuts.end()), layout.cuts.end());
  layout.bound = sum_bound(magnitude_bound(std::max(std::abs(moments.min), std::abs(moments.max))), moments.count);
  return layout;
}

/// Collective. Counts the groups, and drops what lies between cuts into partitions.
Groups count_groups(const NumericTable& table, const Layout& layout, const Context& context, Repartition& exchange) {
  const Groups none{.counts = std::vector<std::int64_t>(layout.groups()),
                    .sums = ExactSums(layout.groups(), layout.bound)};
  Readers readers(table, context.threads);
  return aggregate(context, table.block_count(), none, [&](int worker, Groups& state, std::int64_t index) {
    std::vector<double> sums(layout.groups());
    const NumericBlock block = readers.read(worker, index);
    for (const double x : block.columns.front()) {
      if (std::isnan(x)) continue;
      const std::int64_t group = layout.group_of(x);
      ++state.counts[static_cast<std::size_t>(group)];
      sums[static_cast<std::size_t>(group)] += x;
      state.negative += x < 0 ? 1 : 0;
      if (group % 2 == 0) std::memcpy(exchange.append(worker, group / 2, sizeof x), &x, sizeof x);
    }
    for (std::size_t g = 0; g < sums.size(); ++g) state.sums.add(g, sums[g]);
  });
}

std::vector<Standing> standings(const Layout& layout, const Groups& groups) {
  std::vector<Standing> before(layout.groups());
  ExactSums above(1, layout.bound);
  std::int64_t customers = 0;
  for (std::size_t g = layout.groups(); g-- > 0;) {
    before[g] = {.customers = customers, .value = above.value(0)};
    customers += groups.counts[g];
    above.add(0, groups.sums.value(g));
    before[g].with = above.value(0);
  }
  return before;
}

/// Collective. Rows of (kind, number, three values), sorted.
Matrix walk_all(const Concentration::Params& params, const Layout& layout, const Groups& groups,
                const Concentration::Model& model, Repartition& exchange, const Context& context) {
  const std::vector<Standing> before = standings(layout, groups);
  std::vector<double> mine;
  std::mutex mutex;
  exchange.deliver(nullptr, [&](std::int64_t partition, std::span<const std::span<const std::byte>> pieces) {
    std::vector<double> values, found;
    for (const auto piece : pieces) {
      const std::size_t old = values.size();
      values.resize(old + piece.size() / sizeof(double));
      if (!piece.empty()) std::memcpy(values.data() + old, piece.data(), piece.size());
    }
    std::sort(values.begin(), values.end(), std::greater<>());
    Walk(params, model.customers, model.total, found).over(before[static_cast<std::size_t>(2 * partition)], values, 1);
    const std::lock_guard lock(mutex);
    mine.insert(mine.end(), found.begin(), found.end());
  });
  const Matrix travelled =
      gather_rows(context, 1, 5, [&](int, std::int64_t, std::vector<double>& rows) { rows = mine; });
  Matrix all = travelled;
  for (std::size_t cut = 0; cut < layout.cuts.size(); ++cut) {
    const std::size_t group = 2 * cut + 1;
    if (groups.counts[group] == 0) continue;
    Walk(params, model.customers, model.total, all.values)
        .over(before[group], std::span(&layout.cuts[cut], 1), groups.counts[group]);
  }
  all.rows = std::ssize(all.values) / 5;
  return all;
}

/// Gini's coefficient of n values with ranks counted from the best: (n + 1 - 2 sum(rank x) / sum(x)) / n.
double gini_of(std::int64_t customers, double total, std::vector<std::pair<double, double>> parts) {
  std::sort(parts.begin(), parts.end());
  double ranked = 0;
  for (const auto& [first, part] : parts) ranked += part;
  const auto n = static_cast<double>(customers);
  return total > 0 ? (n + 1 - 2 * ranked / total) / n : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void Concentration::Params::describe(Fields& fields) {
  fields({.name = "a_share",
          .text = "Class A: the fewest customers, from the best down, that bring this share of the total; customers "
                  "with equal values are in one class",
          .range = {0, 1}},
         a_share);
  fields({.name = "b_share", .text = "Class B: the next ones, up to this share; class C: the others", .range = {0, 1}},
         b_share);
}

void Concentration::Params::check() const {
  if (a_share < b_share) return;
  throw Error(ExitCode::bad_config,
              fmt::format("a_share is {} and b_share {}: nobody could be in class B", a_share, b_share),
              "make b_share the larger one");
}

Concentration::Model Concentration::fit(const Params& params, const NumericTable& table, const Context& context,
                                        const std::string& spill) {
  const ColumnMoments moments = moments_of(table, context).front();
  Model model{.customers = moments.count, .missing = moments.missing};
  model.gini = std::numeric_limits<double>::quiet_NaN();
  model.a_cut = model.b_cut = std::numeric_limits<double>::infinity();  // where the total is not positive: all are C
  if (moments.count == 0) return model;
  const Layout layout = layout_of(table, moments, context);
  Repartition exchange(context, std::ssize(layout.cuts) + 1, spill, context.memory_per_rank / 4);
  const Groups groups = count_groups(table, layout, context, exchange);
  model.negative = groups.negative;
  model.total = standings(layout, groups).front().with;

  const Matrix found = walk_all(params, layout, groups, model, exchange, context);
  model.curve.resize(points);
  std::vector<std::pair<double, double>> parts;
  for (std::int64_t r = 0; r < found.rows; ++r) {
    const auto row = found.row(r);
    const auto kind = static_cast<Found>(row[0]);
    const auto number = static_cast<std::size_t>(row[1]);
    if (kind == curve_point) model.curve[number - 1] = {static_cast<std::int64_t>(row[2]), row[3], row[4]};
    if (kind == gini_part) parts.emplace_back(row[1], row[2]);
    if (kind == class_cut) (number == 0 ? model.a_cut : model.b_cut) = row[2];
  }
  model.gini = gini_of(model.customers, model.total, std::move(parts));
  return model;
}

std::int32_t Concentration::class_of(const Model& model, double value) {
  if (std::isnan(value)) return -1;
  return value >= model.a_cut ? 0 : value >= model.b_cut ? 1 : 2;
}

}  // namespace cohort
