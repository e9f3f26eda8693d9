// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/binary_figures.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/evaluation/bin_walk.hpp"
#include "algorithms/statistics/score_bins.hpp"
#include "core/aggregate.hpp"
#include "core/elementary.hpp"

namespace cohort {
namespace {

constexpr std::size_t tenths = BinaryReplicate::tenths;
constexpr int replicate_bits = 4;  // a row is in a replicate 12 times at most

/// What needs no order. Elements are lane by lane inside each kind.
template <std::size_t lanes>
struct Unordered {
  std::vector<std::int64_t> units, positives;          ///< of each ScoreBins bin
  std::vector<std::int64_t> bin_units, bin_positives;  ///< of each tenth of the probability
  std::vector<std::int64_t> at_half, at_threshold;     ///< all, then positives
  ExactSums losses, probabilities;                     ///< logarithmic, quadratic; in each tenth

  explicit Unordered(int bits)
      : units(ScoreBins::count * lanes),
        positives(ScoreBins::count * lanes),
        bin_units(tenths * lanes),
        bin_positives(tenths * lanes),
        at_half(2 * lanes),
        at_threshold(2 * lanes),
        losses(2 * lanes, bits + 6),
        probabilities(tenths * lanes, bits) {}

  void parts(Parts& parts) {
    for (auto* counts : {&units, &positives, &bin_units, &bin_positives, &at_half, &at_threshold}) parts.sum(*counts);
    parts.exact(losses);
    parts.exact(probabilities);
  }
};

template <std::size_t lanes>
void add_to(std::vector<std::int64_t>& counts, std::size_t at, const Lanes<lanes>& units) {
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    counts[at * lanes + lane] += static_cast<std::int64_t>(units[lane]);
  }
}

/// A bin's part of what needs no order.
template <class Draw>
void add_unordered(const SortedRows::Bin& bin, const Profit& profit, const Draw& draw, Unordered<Draw::lanes>& state) {
  constexpr std::size_t lanes = Draw::lanes;
  std::array<Lanes<lanes>, 2> losses{};
  std::array<Lanes<lanes>, tenths> probabilities{};
  walk_down(bin, draw, {}, [&](const EqualRows<lanes>& group) {
    const double p = group.probability;
    const std::size_t tenth = std::min(tenths - 1, static_cast<std::size_t>(p * tenths));
    add_to(state.units, bin.number, group.here);
    add_to(state.positives, bin.number, group.positives_here);
    add_to(state.bin_units, tenth, group.here);
    add_to(state.bin_positives, tenth, group.positives_here);
    for (auto [counts, from] : {std::pair(&state.at_half, 0.5), std::pair(&state.at_threshold, profit.threshold)}) {
      if (!(p >= from)) continue;
      add_to(*counts, 0, group.here);
      add_to(*counts, 1, group.positives_here);
    }
    // As scikit-learn, a certain answer that is wrong costs 36 and not infinity.
    constexpr double least = std::numeric_limits<double>::epsilon();
    const double yes = -cohort::log(std::clamp(p, least, 1 - least)),
                 no = -cohort::log(std::clamp(1 - p, least, 1 - least));
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double positive = group.positives_here[lane], negative = group.here[lane] - positive;
      losses[0][lane] += positive * yes + negative * no;
      losses[1][lane] += positive * (1 - p) * (1 - p) + negative * p * p;
      probabilities[tenth][lane] += group.here[lane] * p;
    }
  });
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    for (const std::size_t kind : {0U, 1U}) state.losses.add(kind * lanes + lane, losses[kind][lane]);
    for (std::size_t tenth = 0; tenth < tenths; ++tenth) {
      if (probabilities[tenth][lane] > 0) state.probabilities.add(tenth * lanes + lane, probabilities[tenth][lane]);
    }
  }
}

/// What a walk from the highest probability down gives, bin by bin in any order.
template <std::size_t lanes>
struct Ordered {
  ExactSums wins;       ///< pairs of a positive above a negative, twice
  ExactSums precision;  ///< sum over positives of the precision at their threshold
  std::vector<double> ks = std::vector<double>(lanes), captured = std::vector<double>(tenths * lanes);

  explicit Ordered(int bits) : wins(lanes, 2 * bits + 1), precision(lanes, bits) {}
  void parts(Parts& parts) {
    parts.exact(wins);
    parts.exact(precision);
    parts.max(ks);
    parts.max(captured);
  }
};

/// Units above each bin, and in all.
template <std::size_t lanes>
class Above {
 public:
  explicit Above(const std::vector<std::int64_t>& counts) : above_(counts.size()) {
    for (std::size_t i = counts.size(); i-- > 0;) {
      total[i % lanes] += static_cast<double>(counts[i]);
      above_[i] = total[i % lanes] - static_cast<double>(counts[i]);
    }
  }
  [[nodiscard]] Lanes<lanes> of(std::size_t bin) const {
    Lanes<lanes> result;
    std::copy_n(above_.begin() + static_cast<std::ptrdiff_t>(bin * lanes), lanes, result.begin());
    return result;
  }
  Lanes<lanes> total{};

 private:
  std::vector<double> above_;
};

template <std::size_t lanes>
struct AboveBoth {
  Above<lanes> units, positives;
};

/// A tenth of the rows that ends inside a group takes its share of the group's positives.
template <std::size_t lanes>
void capture(const EqualRows<lanes>& group, std::size_t lane, double units, Ordered<lanes>& state) {
  for (std::size_t k = 0; k < tenths; ++k) {
    const double rest = static_cast<double>(k + 1) * units / tenths - group.above[lane];
    if (!(rest > 0) || rest > group.here[lane]) continue;
    state.captured[k * lanes + lane] =
        group.positives_above[lane] + rest * group.positives_here[lane] / group.here[lane];
  }
}

template <class Draw>
void add_ordered(const SortedRows::Bin& bin, const AboveBoth<Draw::lanes>& totals, const Draw& draw,
                 Ordered<Draw::lanes>& state) {
  constexpr std::size_t lanes = Draw::lanes;
  constexpr double nearly = 1e-6;  // whether a tenth ends here: rather once too often
  Lanes<lanes> wins{}, precision{};
  const EqualRows<lanes> start{.above = totals.units.of(bin.number),
                               .positives_above = totals.positives.of(bin.number)};
  walk_down(bin, draw, start, [&](const EqualRows<lanes>& group) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double all = totals.units.total[lane], positives = totals.positives.total[lane];
      const double here = group.here[lane], found_here = group.positives_here[lane];
      const double seen = group.above[lane] + here, found = group.positives_above[lane] + found_here;
      const double negatives = all - positives, lost = seen - found;
      wins[lane] += found_here * (2 * (negatives - lost) + (here - found_here));
      if (found_here > 0) precision[lane] += found_here * (found / seen);
      state.ks[lane] = std::max(state.ks[lane], std::abs(found / positives - lost / negatives));
      const double per_tenth = all > 0 ? tenths / all : 0;
      if (static_cast<int>(seen * per_tenth + nearly) > static_cast<int>(group.above[lane] * per_tenth - nearly)) {
        capture(group, lane, all, state);
      }
    }
  });
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    state.wins.add(lane, wins[lane]);
    state.precision.add(lane, precision[lane]);
  }
}

/// From counts of the rows called positive, and how many of them were.
void set_confusion(double called, double right, BinaryReplicate& of) {
  const double all = of.weight, positives = of.positive_weight, negatives = all - positives;
  const double wrong = called - right, spared = negatives - wrong;
  const double agreed = (right + spared) / all;
  const double by_chance = (called * positives + (all - called) * negatives) / (all * all);
  of[BinaryFigure::accuracy] = agreed;
  of[BinaryFigure::balanced_accuracy] = (right / positives + spared / negatives) / 2;
  of[BinaryFigure::precision] = right / called;
  of[BinaryFigure::recall] = right / positives;
  of[BinaryFigure::f1] = 2 * right / (called + positives);
  of[BinaryFigure::mcc] = (right * spared - wrong * (positives - right)) /
                          (std::sqrt(called * positives) * std::sqrt(negatives * (all - called)));
  of[BinaryFigure::kappa] = (agreed - by_chance) / (1 - by_chance);
}

template <std::size_t lanes>
void set_unordered(const Unordered<lanes>& sums, double unit, std::size_t lane, BinaryReplicate& of) {
  const auto weight_of = [&](const std::vector<std::int64_t>& counts, std::size_t at) {
    return unit * static_cast<double>(counts[at * lanes + lane]);
  };
  double gaps = 0;
  for (std::size_t tenth = 0; tenth < tenths; ++tenth) {
    of.bin_weight[tenth] = weight_of(sums.bin_units, tenth);
    of.bin_positive[tenth] = weight_of(sums.bin_positives, tenth);
    of.bin_probability[tenth] = unit * sums.probabilities.value(tenth * lanes + lane);
    gaps += std::abs(of.bin_probability[tenth] - of.bin_positive[tenth]);
  }
  of[BinaryFigure::log_loss] = unit * sums.losses.value(lane) / of.weight;
  of[BinaryFigure::brier] = unit * sums.losses.value(lanes + lane) / of.weight;
  of[BinaryFigure::ece] = gaps / of.weight;
  set_confusion(weight_of(sums.at_half, 0), weight_of(sums.at_half, 1), of);
}

template <std::size_t lanes>
void set_ordered(const Ordered<lanes>& sums, double unit, std::size_t lane, BinaryReplicate& of) {
  const double positives = of.positive_weight / unit, negatives = (of.weight - of.positive_weight) / unit;
  const bool both = positives > 0 && negatives > 0;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t k = 0; k < tenths; ++k) of.captured[k] = both ? unit * sums.captured[k * lanes + lane] : nan;
  of[BinaryFigure::roc_auc] = both ? sums.wins.value(lane) / 2 / (positives * negatives) : nan;
  of[BinaryFigure::gini] = 2 * of[BinaryFigure::roc_auc] - 1;
  of[BinaryFigure::average_precision] = both ? sums.precision.value(lane) / positives : nan;
  of[BinaryFigure::ks] = both ? sums.ks[lane] : nan;
  of[BinaryFigure::gain_10] = of.captured[0] / of.positive_weight;
  of[BinaryFigure::lift_10] = of[BinaryFigure::gain_10] * tenths;
}

}  // namespace

template <class Draw>
std::vector<BinaryReplicate> binary_figures(const SortedRows& rows, const Profit& profit, const Draw& draw,
                                            const Context& context) {
  constexpr std::size_t lanes = Draw::lanes;
  const int bits = magnitude_bound(rows.units()) + (lanes > 1 ? replicate_bits : 1);
  const auto over_bins = [&](const auto& identity, const auto& add) {
    return aggregate(context, std::ssize(rows.bins()), identity,
                     [&](int, auto& state, std::int64_t i) { add(rows.bins()[static_cast<std::size_t>(i)], state); });
  };
  const Unordered<lanes> unordered =
      over_bins(Unordered<lanes>(bits), [&](const auto& bin, auto& state) { add_unordered(bin, profit, draw, state); });
  const AboveBoth<lanes> totals{Above<lanes>(unordered.units), Above<lanes>(unordered.positives)};
  const Ordered<lanes> ordered =
      over_bins(Ordered<lanes>(bits), [&](const auto& bin, auto& state) { add_ordered(bin, totals, draw, state); });

  std::vector<BinaryReplicate> result(lanes);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    BinaryReplicate& of = result[lane];
    of.weight = rows.unit() * totals.units.total[lane];
    of.positive_weight = rows.unit() * totals.positives.total[lane];
    set_unordered(unordered, rows.unit(), lane, of);
    set_ordered(ordered, rows.unit(), lane, of);
    of[BinaryFigure::profit] = rows.unit() * (profit.value * static_cast<double>(unordered.at_threshold[lanes + lane]) -
                                              profit.cost * static_cast<double>(unordered.at_threshold[lane]));
  }
  if (lanes > 1) return result;
  for (const std::int64_t units : unordered.units) {
    result[0].weight_of_bin.push_back(rows.unit() * static_cast<double>(units));
  }
  for (const std::int64_t units : unordered.positives) {
    result[0].positive_of_bin.push_back(rows.unit() * static_cast<double>(units));
  }
  return result;
}

template std::vector<BinaryReplicate> binary_figures(const SortedRows&, const Profit&, const OnceEach&, const Context&);
template std::vector<BinaryReplicate> binary_figures(const SortedRows&, const Profit&, const PoissonLanes&,
                                                     const Context&);

}  // namespace cohort
