// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/kmeans_init.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "algorithms/segments/weighted_kmeans.hpp"
#include "algorithms/statistics/gather_rows.hpp"
#include "core/error.hpp"
#include "core/random.hpp"

namespace cohort {
namespace {

constexpr int rounds = 5;
constexpr int most_rounds = 50;  // for data whose distinct points are few and rare
constexpr double oversampling = 2;
constexpr int tries_at_first = 16;  // later restarts draw once: their worth is in being different

/// Row number, then coordinates. Row numbers are exact in a double below 2^53.
template <class T>
void append_row(const PointBlock<T>& block, std::int64_t row, std::vector<double>& rows) {
  rows.push_back(static_cast<double>(block.first_row + row));
  for (std::int64_t j = 0; j < block.dimensions; ++j) rows.push_back(static_cast<double>(block.at(row, j)));
}

/// The coordinates of numbered rows, in their order.
Matrix without_numbers(const Matrix& numbered) {
  Matrix points(numbered.rows, numbered.columns - 1);
  for (std::int64_t i = 0; i < numbered.rows; ++i) std::ranges::copy(numbered.row(i).subspan(1), points.row(i).begin());
  return points;
}

/// The rows that differ from all before them.
Matrix distinct(const Matrix& points) {
  Matrix result(0, points.columns);
  std::set<std::vector<double>> seen;
  for (std::int64_t i = 0; i < points.rows; ++i) {
    const std::span<const double> row = points.row(i);
    if (!seen.emplace(row.begin(), row.end()).second) continue;
    result.values.insert(result.values.end(), row.begin(), row.end());
    ++result.rows;
  }
  return result;
}

/// Collective. The points with these global row numbers.
template <class T>
Matrix points_at(PackedPoints<T>& points, const std::set<std::int64_t>& rows, const Context& context) {
  return without_numbers(gather_rows(context, points.block_count(), points.dimensions() + 1,
                                     [&](int worker, std::int64_t index, std::vector<double>& found) {
                                       const PointBlock<T> block = points.block(worker, index);
                                       const auto end = rows.lower_bound(block.first_row + block.rows);
                                       for (auto row = rows.lower_bound(block.first_row); row != end; ++row) {
                                         append_row(block, *row - block.first_row, found);
                                       }
                                     }));
}

/// The nearest candidate of each point of a block among the first `seen`, and its score (see NearestOfTile). Scores,
/// not distances, are compared: so it does not matter in how many steps the candidates came.
template <class T>
struct NearestCandidate {
  std::int64_t seen = 0;
  std::vector<T> scores;
  std::vector<std::int32_t> labels;

  void update(const PointBlock<T>& block, const Centroids<T>& centroids, std::int64_t first_label) {
    NearestOfTile<T> found;
    for (std::int64_t t = 0; t < block.tile_count(); ++t) {
      centroids.nearest(block.tile(t), found);
      for (std::int64_t p = 0; p < block.rows_in(t); ++p) {
        const auto i = static_cast<std::size_t>(t * tile_points + p);
        if (found.scores[p] >= scores[i]) continue;
        scores[i] = found.scores[p];
        labels[i] = static_cast<std::int32_t>(first_label + found.labels[p]);
      }
    }
  }

  /// Calls each(row, squared distance). What cancels to less than rounding is 0, so that no point is drawn twice.
  template <class Each>
  void for_each_distance(const PointBlock<T>& block, const Each& each) const {
    for (std::int64_t t = 0; t < block.tile_count(); ++t) {
      T half_norms[tile_points] = {};
      const T* x = block.tile(t);
      for (std::int64_t j = 0; j < block.dimensions; ++j, x += tile_points) {
        for (std::int64_t p = 0; p < tile_points; ++p) half_norms[p] += x[p] * x[p] / 2;
      }
      for (std::int64_t p = 0; p < block.rows_in(t); ++p) {
        const T half = half_norms[p] + scores[static_cast<std::size_t>(t * tile_points + p)];
        const bool is_zero = half <= 32 * std::numeric_limits<T>::epsilon() * half_norms[p];
        each(t * tile_points + p, is_zero ? 0.0 : 2 * static_cast<double>(half));
      }
    }
  }
};

/// The candidates drawn so far and, if the points are resident, each point's nearest: then a round looks at its new
/// candidates only.
template <class T>
class Candidates {
 public:
  Candidates(PackedPoints<T>& points, const Context& context, const Matrix& first)
      : points_(points),
        rows_(first),
        all_(first),
        added_(first),
        nearest_(static_cast<std::size_t>(points.resident() ? points.block_count() : context.threads)) {}

  [[nodiscard]] const Matrix& rows() const { return rows_; }

  void extend(const Matrix& added) {
    before_added_ = rows_.rows;
    rows_.values.insert(rows_.values.end(), added.values.begin(), added.values.end());
    rows_.rows += added.rows;
    all_ = Centroids<T>(rows_);
    added_ = Centroids<T>(added);
  }

  const NearestCandidate<T>& nearest(int worker, std::int64_t index, const PointBlock<T>& block) {
    NearestCandidate<T>& state = nearest_[static_cast<std::size_t>(points_.resident() ? index : worker)];
    if (!points_.resident() || state.seen == 0) {
      state.scores.assign(static_cast<std::size_t>(block.rows), std::numeric_limits<T>::infinity());
      state.labels.assign(static_cast<std::size_t>(block.rows), 0);
      state.update(block, all_, 0);
    } else if (state.seen < rows_.rows) {
      state.update(block, added_, before_added_);
    }
    state.seen = rows_.rows;
    return state;
  }

 private:
  PackedPoints<T>& points_;
  Matrix rows_;
  std::int64_t before_added_ = 0;
  Centroids<T> all_, added_;
  std::vector<NearestCandidate<T>> nearest_;
};

struct Potential {
  ExactSums sum;
  void parts(Parts& parts) { parts.exact(sum); }
};

/// Collective. Sum of the squared distances to the nearest candidates.
template <class T>
double potential_of(PackedPoints<T>& points, Candidates<T>& candidates, double squared_diameter,
                    const Context& context) {
  // One bit to spare for the rounding of distances.
  const int bound = sum_bound(magnitude_bound(squared_diameter) + 1, points.total_rows());
  return aggregate(context, points.block_count(), Potential{ExactSums(1, bound)},
                   [&](int worker, Potential& state, std::int64_t index) {
                     const PointBlock<T> block = points.block(worker, index);
                     double sum = 0;
                     candidates.nearest(worker, index, block).for_each_distance(block, [&](std::int64_t, double d) {
                       sum += d;
                     });
                     state.sum.add(0, sum);
                   })
      .sum.value(0);
}

/// Collective. One round's new candidates.
template <class T>
Matrix sample(PackedPoints<T>& points, Candidates<T>& candidates, const SeedingTask& task, int round, double potential,
              const Context& context) {
  const std::string purpose = fmt::format("kmeans|| {} {}", task.restart, round);
  const double factor = oversampling * static_cast<double>(task.n_clusters);
  return distinct(without_numbers(gather_rows(
      context, points.block_count(), points.dimensions() + 1,
      [&](int worker, std::int64_t index, std::vector<double>& rows) {
        const PointBlock<T> block = points.block(worker, index);
        candidates.nearest(worker, index, block).for_each_distance(block, [&](std::int64_t i, double distance) {
          RandomStream random(task.random_state, purpose, static_cast<std::uint64_t>(block.first_row + i));
          if (random.uniform() * potential < factor * distance) append_row(block, i, rows);
        });
      })));
}

struct Weights {
  std::vector<std::int64_t> counts;
  void parts(Parts& parts) { parts.sum(counts); }
};

/// Collective. How many points are nearest to each candidate.
template <class T>
std::vector<double> weights_of(PackedPoints<T>& points, Candidates<T>& candidates, const Context& context) {
  const Weights identity{std::vector<std::int64_t>(static_cast<std::size_t>(candidates.rows().rows))};
  const Weights weights =
      aggregate(context, points.block_count(), identity, [&](int worker, Weights& state, std::int64_t index) {
        for (const std::int32_t label : candidates.nearest(worker, index, points.block(worker, index)).labels) {
          ++state.counts[static_cast<std::size_t>(label)];
        }
      });
  return {weights.counts.begin(), weights.counts.end()};
}

[[noreturn]] void throw_too_few(std::int64_t n_clusters, std::int64_t distinct) {
  throw Error(ExitCode::bad_data,
              fmt::format("n_clusters={} but only {} customers differ in the chosen features", n_clusters, distinct),
              "lower n_clusters, or choose more features");
}

}  // namespace

template <class T>
Matrix scalable_seeds(PackedPoints<T>& points, const SeedingTask& task, const Context& context) {
  RandomStream random(task.random_state, fmt::format("kmeans|| {}", task.restart), 0);
  Candidates<T> candidates(points, context, points_at(points, {random.below(points.total_rows())}, context));
  for (int round = 0; round < rounds || candidates.rows().rows < task.n_clusters; ++round) {
    const double potential = potential_of(points, candidates, task.squared_diameter, context);
    if (potential <= 0 || round == most_rounds) break;
    const Matrix added = sample(points, candidates, task, round, potential, context);
    if (added.rows > 0) candidates.extend(added);
  }
  if (candidates.rows().rows < task.n_clusters) throw_too_few(task.n_clusters, candidates.rows().rows);
  return weighted_kmeans(candidates.rows(), weights_of(points, candidates, context), task.n_clusters, task.random_state,
                         fmt::format("kmeans++ {}", task.restart), task.restart == 0 ? tries_at_first : 1,
                         context.threads);
}

template <class T>
Matrix random_seeds(PackedPoints<T>& points, const SeedingTask& task, const Context& context) {
  RandomStream random(task.random_state, fmt::format("kmeans random {}", task.restart), 0);
  std::set<std::int64_t> rows;
  while (static_cast<std::int64_t>(rows.size()) < task.n_clusters) rows.insert(random.below(points.total_rows()));
  return points_at(points, rows, context);
}

template Matrix scalable_seeds(PackedPoints<float>&, const SeedingTask&, const Context&);
template Matrix scalable_seeds(PackedPoints<double>&, const SeedingTask&, const Context&);
template Matrix random_seeds(PackedPoints<float>&, const SeedingTask&, const Context&);
template Matrix random_seeds(PackedPoints<double>&, const SeedingTask&, const Context&);

}  // namespace cohort
