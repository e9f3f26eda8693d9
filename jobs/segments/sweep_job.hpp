// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/segments/kmeans.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// k-means at several numbers of clusters, side by side.
struct SweepJob {
  struct Params {
    std::string input = "features";
    std::int64_t min_clusters = 2, max_clusters = 10;
    std::vector<std::string> features;
    std::int64_t n_init = 0, max_iter = 300, random_state = 0;
    Scaling::Params scaling{.scale = "standard"};
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "sweep";
  static constexpr std::string_view summary =
      "Tries numbers of clusters: inertia, simplified silhouette, Davies-Bouldin, Calinski-Harabasz of each.";
  static constexpr std::string_view notes =
      "A k-means fit and three passes for each number of clusters. Cost: rows x k x d a pass. Memory as kmeans.";

  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
