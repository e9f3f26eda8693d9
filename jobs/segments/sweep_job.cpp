// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/sweep_job.hpp"

#include <algorithm>

#include "algorithms/segments/cluster_quality.hpp"
#include "core/error.hpp"
#include "core/resumable.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/table_csv.hpp"

namespace cohort {
namespace {

/// One number of clusters that was tried.
struct Tried {
  std::int64_t n_clusters = 0, smallest = 0, converged = 0;
  double inertia = 0, silhouette = 0, davies_bouldin = 0, calinski_harabasz = 0;
  template <class Archive>
  void archive(Archive& members) {
    for (std::int64_t* count : {&n_clusters, &smallest, &converged}) members("counts", *count);
    for (double* figure : {&inertia, &silhouette, &davies_bouldin, &calinski_harabasz}) members("figures", *figure);
  }
};

/// All numbers up to the one in hand.
struct Sweep {
  std::vector<Tried> tried;
  template <class Archive>
  void archive(Archive& members) {
    members("tried", tried);
  }
};

StepResult result_of(const Sweep& sweep, const StepContext& step, std::int64_t customers) {
  ResultTable table{.name = "sweep",
                    .title = "Numbers of clusters",
                    .columns = {"n_clusters", "inertia", "silhouette", "davies_bouldin", "calinski_harabasz",
                                "smallest", "converged"},
                    .rows = {}};
  StepResult result;
  for (const Tried& tried : sweep.tried) {
    table.rows.push_back({tried.n_clusters, tried.inertia, tried.silhouette, tried.davies_bouldin,
                          tried.calinski_harabasz, tried.smallest, tried.converged != 0});
    if (tried.converged == 0) result.verdict = "not_converged";
  }
  table.chart = {{{"type", "line"}, {"x", "n_clusters"}, {"y", {"silhouette", "davies_bouldin"}}},
                 {{"type", "line"}, {"x", "n_clusters"}, {"y", {"inertia"}}}};
  const auto best = std::max_element(sweep.tried.begin(), sweep.tried.end(), [](const Tried& a, const Tried& b) {
    return a.silhouette < b.silhouette;  // of equals the first
  });
  result.metrics = {
      {"customers", customers}, {"best_n_clusters", best->n_clusters}, {"best_silhouette", best->silhouette}};
  write_table_csv(step.context, table, step.folder / "sweep.csv");
  result.tables = {std::move(table)};
  return result;
}

}  // namespace

void SweepJob::Params::describe(Fields& f) {
  constexpr Range clusters{2, 1000};
  f({.name = "input", .text = "Rows to segment: the id of an earlier step that left a table, 'dataset', or a folder"},
    input);
  f({.name = "min_clusters", .text = "Fewest clusters to try", .range = clusters}, min_clusters);
  f({.name = "max_clusters", .text = "Most clusters to try", .range = clusters}, max_clusters);
  f({.name = "features", .text = "Columns to segment by; none: all"}, features);
  f({.name = "n_init", .text = "Restarts of each fit, as for kmeans", .range = {0, 1000}}, n_init);
  f({.name = "max_iter", .text = "Most iterations of a fit", .range = {1, 1e6}}, max_iter);
  f({.name = "random_state", .text = "Seed; 0: run.random_state"}, random_state);
  scaling.describe(f);
}

void SweepJob::Params::check(const ConfigNode&) const {
  if (min_clusters > max_clusters)
    throw Error(ExitCode::bad_config, fmt::format("min_clusters is {} and max_clusters {}", min_clusters, max_clusters),
                "make max_clusters the larger one");
}

StepResult SweepJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const CustomerRows rows = open_customer_rows(step, params.input);
  const ShardNumericTable table = rows.numbers(context.comm, params.features);
  KMeans::Params fit;
  fit.features = params.features;
  fit.n_init = params.n_init;
  fit.max_iter = params.max_iter;
  fit.random_state = params.random_state != 0 ? params.random_state : step.job.run.random_state;
  fit.scaling = params.scaling;

  Sweep sweep;
  const Resumable loop(context, "sweep", sweep);
  for (fit.n_clusters = params.min_clusters + std::ssize(sweep.tried); fit.n_clusters <= params.max_clusters;
       ++fit.n_clusters) {
    const Metrics::Phase phase(context.metrics, context.comm, fmt::format("{}/k={}", step.id, fit.n_clusters));
    const KMeans::Model model = KMeans::fit(fit, table, context);
    const ClusterQuality quality = cluster_quality(model, table, context);
    sweep.tried.push_back({.n_clusters = fit.n_clusters,
                           .smallest = model.sizes.back(),
                           .converged = model.converged,
                           .inertia = quality.inertia,
                           .silhouette = quality.silhouette,
                           .davies_bouldin = quality.davies_bouldin,
                           .calinski_harabasz = quality.calinski_harabasz});
  }
  return result_of(sweep, step, total_rows(*rows.manifest, 0));
}

}  // namespace cohort
