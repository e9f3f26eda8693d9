// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/binary_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "algorithms/evaluation/binary_metrics_bins.hpp"
#include "algorithms/evaluation/wide_sum.hpp"
#include "core/aggregate.hpp"
#include "core/elementary.hpp"
#include "core/error.hpp"
#include "core/repartition.hpp"

namespace cohort {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t tenths = BinaryMetrics::tenths;

/// What needs no order: losses, calibration, confusion, and how many rows each bin holds.
struct Unordered {
  std::vector<std::int64_t> rows, positives;  ///< of each ScoreBins bin
  std::vector<std::int64_t> bin_rows, bin_positives, at_half;
  ExactSums losses;         ///< logarithmic, quadratic
  ExactSums probabilities;  ///< of each calibration bin

  explicit Unordered(int count_bits)
      : rows(ScoreBins::count),
        positives(ScoreBins::count),
        bin_rows(tenths),
        bin_positives(tenths),
        at_half(2),
        losses(std::vector<int>{count_bits + 6, count_bits + 1}),
        probabilities(tenths, count_bits + 1) {}

  void parts(Parts& parts) {
    for (auto* counts : {&rows, &positives, &bin_rows, &bin_positives, &at_half}) parts.sum(*counts);
    parts.exact(losses);
    parts.exact(probabilities);
  }

  void add(const JudgedRow& row) {
    const double p = row.probability;
    if (!(p >= 0 && p <= 1)) {
      throw Error(ExitCode::numerical, fmt::format("a probability is {}", p), "this is a defect: please report it");
    }
    const std::size_t at = ScoreBins{}.of(p), bin = std::min(tenths - 1, static_cast<std::size_t>(p * tenths));
    const auto positive = row.positive;
    ++rows[at];
    positives[at] += positive;
    ++bin_rows[bin];
    bin_positives[bin] += positive;
    if (p >= 0.5) ++at_half[positive != 0 ? 1 : 0];
    probabilities.add(bin, p);
    // As scikit-learn, a certain answer that is wrong costs 36 and not infinity.
    const double given = std::max(positive != 0 ? p : 1 - p, std::numeric_limits<double>::epsilon());
    losses.add(0, -cohort::log(std::min(given, 1 - std::numeric_limits<double>::epsilon())));
    const double error = p - static_cast<double>(positive);
    losses.add(1, error * error);
  }
};

/// What a walk down the sorted rows gives, bin by bin in any order.
struct Ordered {
  WideSum below_positives, below_positives_squared;  ///< of positives: 2 x negatives below + negatives equal
  WideSum above_negatives_squared;                   ///< of negatives: 2 x positives above + positives equal
  ExactSums precision{1, 40};                        ///< sum over positives of the precision at their threshold
  std::vector<double> ks{0};
  std::vector<double> captured = std::vector<double>(tenths, 0);

  void parts(Parts& parts) {
    below_positives.parts(parts);
    below_positives_squared.parts(parts);
    above_negatives_squared.parts(parts);
    parts.exact(precision);
    parts.max(ks);
    parts.max(captured);
  }
};

/// Walks down the rows of a bin, equal probabilities together.
class Walk {
 public:
  Walk(std::int64_t rows, std::int64_t positives) : rows_(rows), positives_(positives) {}

  void start(std::int64_t rows_above, std::int64_t positives_above) {
    rows_above_ = rows_above;
    positives_above_ = positives_above;
  }
  void add_group(std::int64_t group, std::int64_t positive, Ordered& state) {
    const std::int64_t negative = group - positive, negatives = rows_ - positives_;
    const std::int64_t negatives_above = rows_above_ - positives_above_;
    const Wide below = 2 * (negatives - negatives_above - negative) + negative;
    const Wide above = 2 * positives_above_ + positive;
    state.below_positives.add(below * positive);
    state.below_positives_squared.add(below * below * positive);
    state.above_negatives_squared.add(above * above * negative);
    for (std::size_t k = 0; k < tenths; ++k) {
      const double cut = static_cast<double>((static_cast<std::int64_t>(k) + 1) * rows_) / tenths;
      if (cut <= static_cast<double>(rows_above_) || cut > static_cast<double>(rows_above_ + group)) continue;
      state.captured[k] = static_cast<double>(positives_above_) + (cut - static_cast<double>(rows_above_)) *
                                                                      static_cast<double>(positive) /
                                                                      static_cast<double>(group);
    }
    rows_above_ += group;
    positives_above_ += positive;
    const auto found = static_cast<double>(positives_above_), seen = static_cast<double>(rows_above_);
    state.precision.add(0, static_cast<double>(positive) * (found / seen));
    state.ks[0] = std::max(state.ks[0], std::abs(found / static_cast<double>(positives_) -
                                                 (seen - found) / static_cast<double>(negatives)));
  }

 private:
  std::int64_t rows_, positives_;
  std::int64_t rows_above_ = 0, positives_above_ = 0;
};

/// Rows and positives in the bins above each bin.
struct Above {
  std::vector<std::int64_t> rows = std::vector<std::int64_t>(ScoreBins::count), positives = rows;
  explicit Above(const Unordered& counts) {
    for (std::size_t bin = ScoreBins::count - 1; bin-- > 0;) {
      rows[bin] = rows[bin + 1] + counts.rows[bin + 1];
      positives[bin] = positives[bin + 1] + counts.positives[bin + 1];
    }
  }
};

/// Collective. Sends the rows to their bins and walks down each.
Ordered sort_and_walk(std::int64_t blocks, const JudgedBlocks& judged, const BinaryMetrics& totals, const Above& above,
                      const std::string& spill_folder, const Context& context) {
  Repartition exchange(context, ScoreBins::count, spill_folder, context.memory_per_rank / 4);
  collectively(context.comm, [&] {
    parallel_for(context.threads, blocks, [&](int worker, std::int64_t block) {
      std::vector<JudgedRow> rows;
      judged(worker, block, rows);
      for (const JudgedRow& row : rows) {
        const auto bin = static_cast<std::int64_t>(ScoreBins{}.of(row.probability));
        std::memcpy(exchange.append(worker, bin, sizeof row), &row, sizeof row);
      }
    });
  });
  Ordered mine;
  std::mutex mutex;
  exchange.deliver(nullptr, [&](std::int64_t bin, std::span<const std::span<const std::byte>> pieces) {
    std::vector<JudgedRow> rows = records_of<JudgedRow>(pieces);
    std::ranges::sort(rows, std::greater<>(), &JudgedRow::probability);
    const std::lock_guard lock(mutex);
    Walk walk(totals.rows, totals.positives);
    walk.start(above.rows[static_cast<std::size_t>(bin)], above.positives[static_cast<std::size_t>(bin)]);
    for (auto row = rows.begin(); row != rows.end();) {
      const double probability = row->probability;
      std::int64_t group = 0, positive = 0;
      for (; row != rows.end() && row->probability == probability; ++row, ++group) positive += row->positive;
      walk.add_group(group, positive, mine);
    }
  });
  return aggregate(context, 1, Ordered{}, [&](int, Ordered& state, std::int64_t) { state = mine; });
}

void set_auc(const Ordered& walked, BinaryMetrics& result) {
  const std::int64_t positives = result.positives, negatives = result.rows - positives;
  const auto p = static_cast<double>(positives), n = static_cast<double>(negatives);
  const Wide wins = walked.below_positives.total();  // twice; the same from either side
  result.roc_auc = static_cast<double>(wins) / 2 / (p * n);
  result.roc_auc_variance = covariance(wins, wins, walked.below_positives_squared.total(), positives, 2 * n) / p +
                            covariance(wins, wins, walked.above_negatives_squared.total(), negatives, 2 * p) / n;
  const double half = 1.959963984540054 * std::sqrt(result.roc_auc_variance);
  result.roc_auc_low = std::max(0.0, result.roc_auc - half);
  result.roc_auc_high = std::min(1.0, result.roc_auc + half);
  if (std::isnan(half)) result.roc_auc_low = result.roc_auc_high = nan;
}

void set_calibration(const Unordered& counts, BinaryMetrics& result) {
  const auto rows = static_cast<double>(result.rows);
  for (std::size_t bin = 0; bin < tenths; ++bin) {
    BinaryMetrics::CalibrationBin& to = result.calibration[bin];
    to = {.rows = counts.bin_rows[bin], .positives = counts.bin_positives[bin]};
    const double sum = counts.probabilities.value(bin);
    to.mean_probability = to.rows > 0 ? sum / static_cast<double>(to.rows) : nan;
    result.ece += std::abs(sum - static_cast<double>(to.positives)) / rows;
  }
}

/// A point whenever half a percent of the rows has gone by.
void set_curve(const Unordered& counts, BinaryMetrics& result) {
  constexpr std::int64_t points = 200;
  BinaryMetrics::CurvePoint point;
  std::int64_t next = 1;
  for (std::size_t bin = ScoreBins::count; bin-- > 0;) {
    point = {.threshold = static_cast<double>(bin) / static_cast<double>(ScoreBins::count),
             .rows = point.rows + counts.rows[bin],
             .positives = point.positives + counts.positives[bin]};
    if (point.rows * points < next * result.rows || counts.rows[bin] == 0) continue;
    result.curve.push_back(point);
    next = point.rows * points / result.rows + 1;
  }
}

}  // namespace

BinaryMetrics binary_metrics(std::int64_t blocks, const JudgedBlocks& judged, const std::string& spill_folder,
                             const Context& context) {
  constexpr int count_bits = 40;  // up to 1e12 rows
  const Unordered counts =
      aggregate(context, blocks, Unordered(count_bits), [&](int worker, Unordered& state, std::int64_t block) {
        std::vector<JudgedRow> rows;
        judged(worker, block, rows);
        for (const JudgedRow& row : rows) state.add(row);
      });
  BinaryMetrics result;
  for (const std::int64_t rows : counts.rows) result.rows += rows;
  for (const std::int64_t positives : counts.positives) result.positives += positives;
  result.false_positives = counts.at_half[0];
  result.true_positives = counts.at_half[1];
  const auto rows = static_cast<double>(result.rows);
  result.log_loss = counts.losses.value(0) / rows;
  result.brier = counts.losses.value(1) / rows;
  set_calibration(counts, result);
  set_curve(counts, result);
  const Ordered walked = sort_and_walk(blocks, judged, result, Above(counts), spill_folder, context);
  result.captured.fill(nan);
  result.roc_auc = result.roc_auc_low = result.roc_auc_high = result.roc_auc_variance = result.ks = nan;
  result.average_precision = nan;
  if (result.positives == 0 || result.positives == result.rows) return result;
  set_auc(walked, result);
  result.average_precision = walked.precision.value(0) / static_cast<double>(result.positives);
  result.ks = walked.ks[0];
  std::ranges::copy(walked.captured, result.captured.begin());
  return result;
}

double BinaryMetrics::accuracy() const {
  return static_cast<double>(rows - positives - false_positives + true_positives) / static_cast<double>(rows);
}
double BinaryMetrics::f1() const {
  return 2 * static_cast<double>(true_positives) / static_cast<double>(true_positives + false_positives + positives);
}
double BinaryMetrics::gain_10() const {
  return captured[0] / static_cast<double>(positives);
}
double BinaryMetrics::lift_10() const {
  return gain_10() * tenths;
}

}  // namespace cohort
