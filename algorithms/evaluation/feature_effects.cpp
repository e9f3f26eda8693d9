// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/feature_effects.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "algorithms/evaluation/block_totals.hpp"
#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/random.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

/// The rows of a block that are looked at, in memory.
struct Chosen {
  NumericBlock block;
  std::vector<std::vector<double>> columns;
  std::vector<double> label, weight;

  Chosen(const LabelledRows& rows, const NumericBlock& from, double share, std::uint64_t seed)
      : columns(rows.features()) {
    const std::span<const double> labels = rows.label(from), weights = rows.weight(from);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!is_used(weights[i], labels[i])) continue;
      const auto row = static_cast<std::uint64_t>(from.first_row) + i;
      if (share < 1 && RandomStream(seed, "explain", row).uniform() >= share) continue;
      label.push_back(labels[i]);
      weight.push_back(weights[i]);
      for (std::size_t j = 0; j < columns.size(); ++j) columns[j].push_back(from.columns[j][i]);
    }
    block = {.first_row = from.first_row, .rows = std::ssize(label), .columns = {columns.begin(), columns.end()}};
  }
};

/// Values in an order drawn for this block, feature and repeat.
void shuffle(std::vector<double>& values, RandomStream stream) {
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[static_cast<std::size_t>(stream.below(static_cast<std::int64_t>(i)))]);
  }
}

/// What a block adds: weight, loss and rows; of each feature increase and its square; of each value the prediction.
class BlockEffects {
 public:
  BlockEffects(const LabelledRows& rows, const PredictBlock& predict, RowLoss loss,
               const FeatureEffects::Params& params)
      : rows_(rows), predict_(predict), loss_(loss), params_(params) {}

  [[nodiscard]] std::size_t size() const {
    std::size_t values = 0;
    for (const auto& grid : params_.grid) values += grid.size();
    return 3 + 2 * rows_.features() + values;
  }

  [[nodiscard]] std::vector<double> of(Chosen chosen) const {
    std::vector<double> sums(3);
    const std::vector<double> base = losses(chosen);
    for (std::size_t i = 0; i < base.size(); ++i) {
      sums[0] += chosen.weight[i];
      sums[1] += chosen.weight[i] * base[i];
      sums[2] += 1;
    }
    for (std::size_t j = 0; j < rows_.features(); ++j) add_increase(j, base, chosen, sums);
    for (std::size_t j = 0; j < params_.grid.size(); ++j) add_dependence(j, chosen, sums);
    return sums;
  }

 private:
  [[nodiscard]] std::vector<double> losses(const Chosen& chosen) const {
    std::vector<double> result = chosen.label.empty() ? std::vector<double>() : predict_(chosen.block);
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = row_loss(loss_, result[i], chosen.label[i]);
    return result;
  }

  void add_increase(std::size_t j, const std::vector<double>& base, Chosen& chosen, std::vector<double>& sums) const {
    const std::vector<double> own = chosen.columns[j];
    std::vector<double> increase(base.size());
    const auto repeats = static_cast<double>(params_.repeats);
    for (std::int64_t repeat = 0; repeat < params_.repeats; ++repeat) {
      const auto item = static_cast<std::uint64_t>(chosen.block.first_row * params_.repeats + repeat);
      shuffle(chosen.columns[j], RandomStream(params_.seed, "permute " + rows_.table.columns()[j], item));
      const std::vector<double> after = losses(chosen);
      for (std::size_t i = 0; i < base.size(); ++i) increase[i] += (after[i] - base[i]) / repeats;
    }
    std::ranges::copy(own, chosen.columns[j].begin());
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < base.size(); ++i) {
      sum += chosen.weight[i] * increase[i];
      squares += chosen.weight[i] * increase[i] * increase[i];
    }
    sums.push_back(sum);
    sums.push_back(squares);
  }

  void add_dependence(std::size_t j, Chosen& chosen, std::vector<double>& sums) const {
    const std::vector<double> own = chosen.columns[j];
    for (const double value : params_.grid[j]) {
      std::ranges::fill(chosen.columns[j], value);
      double sum = 0;
      const std::vector<double> means = chosen.label.empty() ? std::vector<double>() : predict_(chosen.block);
      for (std::size_t i = 0; i < means.size(); ++i) sum += chosen.weight[i] * means[i];
      sums.push_back(sum);
    }
    std::ranges::copy(own, chosen.columns[j].begin());
  }

  const LabelledRows& rows_;
  const PredictBlock& predict_;
  RowLoss loss_;
  const FeatureEffects::Params& params_;
};

}  // namespace

FeatureEffects feature_effects(const LabelledRows& rows, const PredictBlock& predict, RowLoss loss,
                               const FeatureEffects::Params& params, const Context& context) {
  const double share = params.rows == 0 ? 1
                                        : static_cast<double>(params.rows) /
                                              static_cast<double>(std::max<std::int64_t>(1, rows.table.total_rows()));
  const BlockEffects effects(rows, predict, loss, params);
  std::vector<std::vector<double>> of_block(static_cast<std::size_t>(rows.table.block_count()));
  collectively(context.comm, [&] {
    Readers readers(rows.table, context.threads);
    parallel_for(context.threads, rows.table.block_count(), [&](int worker, std::int64_t b) {
      of_block[static_cast<std::size_t>(b)] = effects.of(Chosen(rows, readers.read(worker, b), share, params.seed));
    });
  });
  const std::vector<double> sums = block_totals(of_block, effects.size(), context);
  FeatureEffects result{.rows = std::llround(sums[2]), .loss = sums[1] / sums[0]};
  auto at = sums.begin() + 3;
  for (std::size_t j = 0; j < rows.features(); ++j, at += 2) {
    const double mean = at[0] / sums[0], variance = at[1] / sums[0] - mean * mean;
    result.importance.push_back({.increase = mean, .standard_error = std::sqrt(std::max(variance, 0.0) / sums[2])});
  }
  for (const auto& grid : params.grid) {
    result.dependence.emplace_back();
    for (std::size_t i = 0; i < grid.size(); ++i) result.dependence.back().push_back(*at++ / sums[0]);
  }
  return result;
}

}  // namespace cohort
