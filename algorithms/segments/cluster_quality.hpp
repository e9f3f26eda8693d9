// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/segments/kmeans.hpp"

namespace cohort {

/// How well clusters are apart. Distances are Euclidean, in scaled units, to the means of the clusters' rows; rows
/// belong to the cluster whose centre is nearest.
struct ClusterQuality {
  double inertia = 0;         ///< sum of squared distances to the means
  double silhouette = 0;      ///< mean of (b - a) / max(a, b): a to the own mean, b to the nearest other; NaN for k = 1
  double davies_bouldin = 0;  ///< Davies and Bouldin, IEEE TPAMI 1979, as scikit-learn; low is good
  double calinski_harabasz = 0;  ///< Calinski and Harabasz, Comm. Stat. 1974, as scikit-learn; high is good
};

/// Collective. Two passes over the table: means, then distances; sums are exact over ranks. The simplified silhouette
/// is that of Hruschka et al. (Information Sciences 2006).
[[nodiscard]] ClusterQuality cluster_quality(const KMeans::Model& model, const NumericTable& table,
                                             const Context& context);

}  // namespace cohort
