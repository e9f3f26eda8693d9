// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/sweep_job.hpp"

#include "algorithms/segments/cluster_quality.hpp"
#include "core/error.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/table_csv.hpp"

namespace cohort {

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

  ResultTable sweep{.name = "sweep",
                    .title = "Numbers of clusters",
                    .columns = {"n_clusters", "inertia", "silhouette", "davies_bouldin", "calinski_harabasz",
                                "smallest", "converged"},
                    .rows = {}};
  StepResult result;
  std::int64_t best_k = 0;
  double best = -1;
  for (fit.n_clusters = params.min_clusters; fit.n_clusters <= params.max_clusters; ++fit.n_clusters) {
    const Metrics::Phase phase(context.metrics, context.comm, fmt::format("{}/k={}", step.id, fit.n_clusters));
    const KMeans::Model model = KMeans::fit(fit, table, context);
    const ClusterQuality quality = cluster_quality(model, table, context);
    sweep.rows.push_back({fit.n_clusters, quality.inertia, quality.silhouette, quality.davies_bouldin,
                          quality.calinski_harabasz, model.sizes.back(), model.converged != 0});
    if (model.converged == 0) result.verdict = "not_converged";
    if (quality.silhouette > best) {
      best = quality.silhouette;
      best_k = fit.n_clusters;
    }
  }
  sweep.chart = {{{"type", "line"}, {"x", "n_clusters"}, {"y", {"silhouette", "davies_bouldin"}}},
                 {{"type", "line"}, {"x", "n_clusters"}, {"y", {"inertia"}}}};
  result.metrics = {
      {"customers", total_rows(*rows.manifest, 0)}, {"best_n_clusters", best_k}, {"best_silhouette", best}};
  write_table_csv(context, sweep, step.folder / "sweep.csv");
  result.tables = {std::move(sweep)};
  return result;
}

}  // namespace cohort
