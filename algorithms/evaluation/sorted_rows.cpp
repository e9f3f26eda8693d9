// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/sorted_rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <tuple>

#include "algorithms/statistics/score_bins.hpp"
#include "core/aggregate.hpp"
#include "core/error.hpp"
#include "core/repartition.hpp"

namespace cohort {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Measures {
  std::int64_t rows = 0, positives = 0;
  std::vector<double> least{infinity}, most{0};
  void parts(Parts& parts) {
    parts.sum(rows);
    parts.sum(positives);
    parts.min(least);
    parts.max(most);
  }
};

struct Units {
  std::int64_t units = 0;
  void parts(Parts& parts) { parts.sum(units); }
};

void check(double probability) {
  if (probability >= 0 && probability <= 1) return;
  throw Error(ExitCode::numerical, fmt::format("a probability is {}", probability),
              "this is a defect: please report it");
}

}  // namespace

SortedRows::SortedRows(const JudgedRows& judged, const std::string& spill_folder, const Context& context) {
  measure(judged, context);
  exchange(judged, spill_folder, context);
}

void SortedRows::measure(const JudgedRows& judged, const Context& context) {
  const Measures found =
      aggregate(context, std::ssize(judged), Measures{}, [&](int, Measures& state, std::int64_t block) {
        for (const JudgedRow& row : judged[static_cast<std::size_t>(block)]) {
          check(row.prediction);
          ++state.rows;
          state.positives += row.label > 0 ? 1 : 0;
          state.least[0] = std::min(state.least[0], row.weight);
          state.most[0] = std::max(state.most[0], row.weight);
        }
      });
  rows_ = found.rows;
  positives_ = found.positives;
  weighted_ = rows_ > 0 && found.least[0] < found.most[0];
  if (rows_ == 0) return;
  // So that the units of all rows, and of any replicate of them, stay whole numbers that a double holds.
  constexpr int total_bits = 49;
  unit_ = weighted_ ? std::ldexp(1.0, sum_bound(magnitude_bound(found.most[0]), rows_) - total_bits) : found.most[0];
  const Units total = aggregate(context, std::ssize(judged), Units{}, [&](int, Units& state, std::int64_t block) {
    for (const JudgedRow& row : judged[static_cast<std::size_t>(block)])
      state.units += std::llround(row.weight / unit_);
  });
  units_ = static_cast<double>(total.units);
}

void SortedRows::exchange(const JudgedRows& judged, const std::string& spill_folder, const Context& context) {
  Repartition exchange(context, ScoreBins::count, spill_folder, context.memory_per_rank / 4);
  collectively(context.comm, [&] {
    parallel_for(context.threads, std::ssize(judged), [&](int worker, std::int64_t block) {
      for (const JudgedRow& row : judged[static_cast<std::size_t>(block)]) {
        const double units = std::round(row.weight / unit_);
        const Row sent{row.prediction, units, row.label > 0 ? units : 0, row.key};
        const auto bin = static_cast<std::int64_t>(ScoreBins::of(row.prediction));
        std::memcpy(exchange.append(worker, bin, sizeof sent), &sent, sizeof sent);
      }
    });
  });
  std::mutex mutex;
  exchange.deliver(nullptr, [&](std::int64_t bin, std::span<const std::span<const std::byte>> pieces) {
    Bin sorted{.number = static_cast<std::size_t>(bin), .rows = records_of<Row>(pieces)};
    // Among equal probabilities any order is as good, but it must be one: sums of doubles follow it.
    std::ranges::sort(sorted.rows, std::greater<>(),
                      [](const Row& row) { return std::tuple(row.probability, row.key, row.units, row.positive); });
    if (sorted.rows.empty()) return;
    const std::lock_guard lock(mutex);
    bins_.push_back(std::move(sorted));
  });
}

}  // namespace cohort
