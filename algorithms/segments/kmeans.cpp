// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/kmeans.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "algorithms/segments/kmeans_init.hpp"
#include "algorithms/segments/kmeans_lloyd.hpp"
#include "core/error.hpp"
#include "core/resumable.hpp"

namespace cohort {
namespace {

/// Few customers make a rugged inertia and cheap iterations; many give k-means|| enough points to choose from.
constexpr std::int64_t few_customers = 1'000, some_customers = 10'000, many_customers = 100'000;

std::int64_t default_restarts(std::int64_t customers) {
  return customers < few_customers ? 500 : customers < some_customers ? 50 : customers < many_customers ? 10 : 1;
}

bool uses_transfers(const KMeans::Params& params, std::int64_t customers) {
  if (params.algorithm != "auto") return params.algorithm == "hartigan";
  return params.init != "given" && customers < some_customers;
}

void check(const KMeans::Params& params, const FittedScaling& fitted) {
  for (std::size_t j = 0; j < fitted.moments.size(); ++j) {
    const ColumnMoments& moments = fitted.moments[j];
    if (moments.missing > 0) {
      throw Error(ExitCode::bad_data,
                  fmt::format("feature {} is missing for {} of {} customers", fitted.scaling.columns[j].name,
                              moments.missing, moments.count + moments.missing),
                  "leave it out of features, or fill or filter the missing values first");
    }
  }
  const std::int64_t customers = fitted.moments.empty() ? 0 : fitted.moments.front().count;
  if (customers < params.n_clusters) {
    throw Error(ExitCode::bad_data, fmt::format("n_clusters={} but only {} customers", params.n_clusters, customers),
                "lower n_clusters");
  }
}

/// The centres a user gave, scaled.
Matrix given_seeds(const KMeans::Params& params, const Scaling& scaling) {
  Matrix centres(params.n_clusters, static_cast<std::int64_t>(scaling.columns.size()));
  const bool fits = static_cast<std::int64_t>(params.centers.size()) == centres.rows &&
                    std::ranges::all_of(params.centers, [&](const std::vector<double>& row) {
                      return row.size() == scaling.columns.size();
                    });
  if (!fits) {
    throw Error(
        ExitCode::bad_config,
        fmt::format("centers must be {} rows of {} numbers, one for each feature", centres.rows, centres.columns),
        "give one row for each cluster, in the order of features");
  }
  for (std::int64_t c = 0; c < centres.rows; ++c) {
    for (std::size_t j = 0; j < scaling.columns.size(); ++j) {
      centres.row(c)[j] = scaling.columns[j].apply(params.centers[static_cast<std::size_t>(c)][j]);
    }
  }
  return centres;
}

template <class T>
Matrix seeds(const KMeans::Params& params, const Scaling& scaling, PackedPoints<T>& points, const SeedingTask& task,
             const Context& context) {
  const Metrics::Phase phase(context.metrics, context.comm, "kmeans init");
  if (params.init == "given") return given_seeds(params, scaling);
  return params.init == "random" ? random_seeds(points, task, context) : scalable_seeds(points, task, context);
}

LloydTask lloyd_task(const KMeans::Params& params, const std::vector<ColumnMoments>& moments) {
  LloydTask task{.max_iter = params.max_iter};
  double variance = 0;
  for (const ColumnMoments& column : moments) {
    task.reach.push_back(std::max(std::abs(column.min), std::abs(column.max)));
    task.squared_diameter += (column.max - column.min) * (column.max - column.min);
    variance += column.population_variance();
  }
  task.squared_shift = params.tol * variance / static_cast<double>(moments.size());
  return task;
}

/// Where the restarts stand.
struct Restarts {
  std::int64_t next = 0;
  Matrix seeds;  ///< of the next one, once they are chosen
  LloydResult best;

  template <class Archive>
  void archive(Archive& members) {
    members("next", next);
    members("seeds", seeds);
    members("best", best);
  }
};

/// Collective. The best of n_init restarts; of equals, the first.
template <class T>
LloydResult best_restart(const KMeans::Params& params, const FittedScaling& fitted, const NumericTable& scaled,
                         const Context& context) {
  PackedPoints<T> points(scaled, context);
  LloydTask task = lloyd_task(params, fitted.moments);
  task.transfers = uses_transfers(params, points.total_rows());
  const std::int64_t wanted = params.n_init > 0 ? params.n_init : default_restarts(points.total_rows());
  Restarts restarts;
  const Resumable loop(context, "restarts", restarts);
  for (; restarts.next < (params.init == "given" ? 1 : wanted); ++restarts.next) {
    const SeedingTask seeding{.n_clusters = params.n_clusters,
                              .random_state = static_cast<std::uint64_t>(params.random_state),
                              .restart = restarts.next,
                              .squared_diameter = task.squared_diameter};
    if (restarts.seeds.rows == 0) restarts.seeds = seeds(params, fitted.scaling, points, seeding, context);
    const Metrics::Phase phase(context.metrics, context.comm, "kmeans iterations");
    LloydResult result = iterate_lloyd(points, restarts.seeds, task, context);
    restarts.seeds = {};
    context.metrics.count("kmeans iterations", "iterations", result.n_iter);
    if (restarts.next == 0 || result.inertia < restarts.best.inertia) restarts.best = std::move(result);
  }
  return std::move(restarts.best);
}

KMeans::Model model_of(LloydResult result, const Scaling& scaling, const std::string& precision) {
  KMeans::Model model{.scaling = scaling,
                      .centers = std::move(result.centres),
                      .original_centers = {},
                      .sizes = std::move(result.sizes),
                      .inertia = result.inertia,
                      .n_iter = result.n_iter,
                      .converged = result.converged ? 1 : 0,
                      .precision = precision};
  model.original_centers = model.centers;
  for (std::int64_t c = 0; c < model.centers.rows; ++c) {
    for (std::size_t j = 0; j < scaling.columns.size(); ++j) {
      model.original_centers.row(c)[j] = scaling.columns[j].invert(model.centers.row(c)[j]);
    }
  }
  return model;
}

}  // namespace

void KMeans::Params::describe(Fields& fields) {
  fields({.name = "n_clusters", .text = "How many segments", .range = {1, 1e6}, .aliases = {"k"}}, n_clusters);
  fields({.name = "init",
          .text = "How the first centres are found: k-means||, random customers, or given as centers",
          .choices = {"k-means||", "random", "given"},
          .aliases = {"initMode"}},
         init);
  fields({.name = "centers", .text = "First centres for init: given, a row each, in the units of the columns"},
         centers);
  fields(
      {.name = "algorithm",
       .text = "lloyd; hartigan goes on from Lloyd's end with transfers of single points, which finds better optima; "
               "auto means hartigan below 10,000 customers unless the centres are given",
       .choices = {"auto", "lloyd", "hartigan"}},
      algorithm);
  fields({.name = "max_iter",
          .text = "Most iterations of one restart",
          .range = {1, 1e9},
          .aliases = {"maxIter", "iterations"}},
         max_iter);
  fields({.name = "tol",
          .text = "Stop when the squared shift of the centres is below tol times the mean variance of the features",
          .range = {0, 1e300}},
         tol);
  fields({.name = "n_init",
          .text = "Restarts, the best of which is kept; 0 means 500 below 1,000 customers, 50 below 10,000, 10 below "
                  "100,000, else 1",
          .range = {0, 1e6}},
         n_init);
  fields({.name = "random_state", .text = "Seed of the random numbers", .aliases = {"seed"}}, random_state);
  fields({.name = "precision",
          .text = "Arithmetic of the distances; sums and centres are float64 in both",
          .choices = {"float64", "float32"}},
         precision);
  fields({.name = "features", .text = "Columns to cluster by; none means all", .aliases = {"featuresCol", "x"}},
         features);
  scaling.describe(fields);
}

KMeans::Model KMeans::fit(const Params& params, const NumericTable& table, const Context& context) {
  const FittedScaling fitted = fit_scaling(params.scaling, params.features, table, context);
  check(params, fitted);
  const ScaledTable scaled(table, fitted.scaling);
  LloydResult result = params.precision == "float32" ? best_restart<float>(params, fitted, scaled, context)
                                                     : best_restart<double>(params, fitted, scaled, context);
  return model_of(std::move(result), fitted.scaling, params.precision);
}

KMeans::Assigner::Assigner(const Model& model, const std::vector<std::string>& columns)
    : scaling_(model.scaling),
      centers_(model.centers),
      single_(model.precision == "float32"),
      singles_(model.centers),
      doubles_(model.centers) {
  std::vector<std::string> names;
  for (const Scaling::Column& column : scaling_.columns) names.push_back(column.name);
  positions_ = positions_of(names, columns);
}

KMeans::Assignment KMeans::Assigner::assign(const NumericBlock& block) const {
  std::vector<std::vector<double>> values(positions_.size());
  NumericBlock scaled{.first_row = block.first_row, .rows = block.rows, .columns = {}};
  for (std::size_t j = 0; j < positions_.size(); ++j) {
    for (const double x : block.columns[positions_[j]]) values[j].push_back(scaling_.columns[j].apply(x));
    scaled.columns.emplace_back(values[j]);
  }
  return single_ ? assign_packed(scaled, singles_) : assign_packed(scaled, doubles_);
}

template <class T>
KMeans::Assignment KMeans::Assigner::assign_packed(const NumericBlock& scaled, const Centroids<T>& centroids) const {
  TileBuffer<T> buffer;
  const PointBlock<T> block = buffer.pack(scaled);
  Assignment result;
  NearestOfTile<T> nearest;
  std::array<double, tile_points> distances{};
  for (std::int64_t t = 0; t < block.tile_count(); ++t) {
    centroids.nearest(block.tile(t), nearest);
    squared_distances(block.tile(t), centers_, nearest.labels, distances);
    for (std::int64_t p = 0; p < block.rows_in(t); ++p) {
      const double distance = std::sqrt(distances[static_cast<std::size_t>(p)]);
      result.labels.push_back(std::isnan(distance) ? -1 : nearest.labels[p]);  // a missing feature is NaN in the sum
      result.distances.push_back(distance);
    }
  }
  return result;
}

}  // namespace cohort
