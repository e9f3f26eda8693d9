// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/paired_means.hpp"

#include <cmath>
#include <limits>
#include <span>

#include "algorithms/evaluation/block_totals.hpp"
#include "algorithms/statistics/significance.hpp"
#include "core/collectively.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Where the sums of a figure lie among those of all `size`, behind the number of rows and their weight.
struct Places {
  std::size_t size;
  [[nodiscard]] std::size_t value(std::size_t i) const { return 2 + i; }
  [[nodiscard]] std::size_t difference(std::size_t i) const { return 2 + size + i; }
  [[nodiscard]] std::size_t higher(std::size_t i) const { return 2 + 2 * size + i; }
  [[nodiscard]] std::size_t lower(std::size_t i) const { return 2 + 3 * size + i; }
  [[nodiscard]] std::size_t absent(std::size_t i) const { return 2 + 4 * size + i; }
  [[nodiscard]] std::size_t all() const { return 2 + 5 * size; }
};

/// Collective. Sums over all blocks of what `add` adds for each row: its weight and figures are given.
template <class Add>
std::vector<double> totals_of(std::int64_t blocks, std::size_t size, std::size_t sums, const FiguresOfBlock& figures_of,
                              const Context& context, const Add& add) {
  std::vector<std::vector<double>> parts(static_cast<std::size_t>(blocks), std::vector<double>(sums));
  collectively(context.comm, [&] {
    parallel_for(context.threads, blocks, [&](int worker, std::int64_t block) {
      const RowFigures rows = figures_of(worker, block);
      for (std::size_t i = 0; i < rows.weights.size(); ++i) {
        add(rows.weights[i], std::span(rows.values).subspan(i * size, size), parts[static_cast<std::size_t>(block)]);
      }
    });
  });
  return block_totals(parts, sums, context);
}

double p_value_of(const PairedMean& of) {
  if (std::isnan(of.standard_error)) return nan;
  return of.difference == 0 ? 1 : 2 * normal_tail(std::abs(of.difference) / of.standard_error);
}

}  // namespace

PairedMeans paired_means(std::int64_t blocks, std::size_t models, std::size_t figures, const FiguresOfBlock& figures_of,
                         const Context& context) {
  const Places at{models * figures};
  const auto add_sums = [&](double weight, std::span<const double> values, std::vector<double>& sums) {
    sums[0] += 1;
    sums[1] += weight;
    for (std::size_t i = 0; i < at.size; ++i) {
      const double difference = values[i] - values[i % figures];
      sums[at.absent(i)] += std::isnan(values[i]) ? 1 : 0;
      sums[at.value(i)] += std::isnan(values[i]) ? 0 : weight * values[i];
      sums[at.difference(i)] += std::isnan(difference) ? 0 : weight * difference;
      sums[at.higher(i)] += difference > 0 ? 1 : 0;
      sums[at.lower(i)] += difference < 0 ? 1 : 0;
    }
  };
  const std::vector<double> sums = totals_of(blocks, at.size, at.all(), figures_of, context, add_sums);
  PairedMeans result{.rows = std::llround(sums[0]), .figures = std::vector<PairedMean>(at.size)};
  const double weight = sums[1];
  for (std::size_t i = 0; i < at.size; ++i) {
    const bool whole = sums[at.absent(i)] == 0 && weight > 0, paired = whole && sums[at.absent(i % figures)] == 0;
    result.figures[i] = {.mean = whole ? sums[at.value(i)] / weight : nan,
                         .difference = paired ? sums[at.difference(i)] / weight : nan,
                         .higher = std::llround(sums[at.higher(i)]),
                         .lower = std::llround(sums[at.lower(i)])};
  }
  const auto add_squares = [&](double row_weight, std::span<const double> values, std::vector<double>& squares) {
    for (std::size_t i = 0; i < at.size; ++i) {
      const double distance = row_weight * (values[i] - values[i % figures] - result.figures[i].difference);
      squares[i] += std::isnan(distance) ? 0 : distance * distance;
    }
  };
  const std::vector<double> squares = totals_of(blocks, at.size, at.size, figures_of, context, add_squares);
  const auto n = static_cast<double>(result.rows);
  for (std::size_t i = 0; i < at.size; ++i) {
    PairedMean& of = result.figures[i];
    of.standard_error = n < 2 || std::isnan(of.difference) ? nan : std::sqrt(squares[i] * (n / (n - 1))) / weight;
    of.p_value = p_value_of(of);
  }
  return result;
}

}  // namespace cohort
