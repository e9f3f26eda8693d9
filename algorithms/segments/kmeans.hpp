// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "algorithms/segments/kmeans_kernel.hpp"
#include "algorithms/statistics/scaling.hpp"
#include "core/block.hpp"
#include "core/context.hpp"
#include "core/fields.hpp"

namespace cohort {

/// k-means by Lloyd's iterations (Lloyd, IEEE TIT 1982) with scikit-learn's stopping rule and treatment of empty
/// clusters.
struct KMeans {
  struct Params {
    std::int64_t n_clusters = 8;
    std::string init = "k-means||";            ///< k-means||, random, given
    std::vector<std::vector<double>> centers;  ///< for init: given, one a row, in the units of the input columns
    std::string algorithm = "auto";            ///< lloyd, hartigan: Lloyd's, then transfers of single points
    std::int64_t max_iter = 300;
    double tol = 1e-4;  ///< stop at a squared centre shift of tol times the mean variance of the features
    std::int64_t n_init =
        0;  ///< restarts, the best of which is kept; 0: 50 below 10,000 rows, 10 below 100,000, else 1
    std::int64_t random_state = 0;
    std::string precision = "float64";
    std::vector<std::string> features;  ///< empty: all columns
    Scaling::Params scaling;
    void describe(Fields& fields);
  };

  /// Clusters by descending size, equal sizes by centre.
  struct Model {
    Scaling scaling;          ///< features and their units
    Matrix centers;           ///< [cluster][feature], scaled
    Matrix original_centers;  ///< the same in the units of the input columns
    std::vector<std::int64_t> sizes;
    double inertia = 0;  ///< sum of the squared distances to the nearest centres, scaled units
    std::int64_t n_iter = 0;
    std::int64_t converged = 0;  ///< 0: stopped at max_iter
    std::string precision;

    template <class Archive>
    void archive(Archive& members) {
      members("scaling", scaling);
      members("centers", centers);
      members("original_centers", original_centers);
      members("sizes", sizes);
      members("inertia", inertia);
      members("n_iter", n_iter);
      members("converged", converged);
      members("precision", precision);
    }
  };

  /// Collective. Throws Error(bad_data) for missing values and for fewer customers than clusters, Error(bad_config) for
  /// unknown features or centers of another shape.
  static Model fit(const Params& params, const NumericTable& table, const Context& context);

  /// The nearest cluster of each row, and the distance to its centre in scaled units; -1 and NaN where a feature is
  /// missing.
  struct Assignment {
    std::vector<std::int32_t> labels;
    std::vector<double> distances;
  };

  /// Applies a model to blocks of a table with these columns. Thread-safe.
  class Assigner {
   public:
    Assigner(const Model& model, const std::vector<std::string>& columns);
    [[nodiscard]] Assignment assign(const NumericBlock& block) const;

   private:
    template <class T>
    [[nodiscard]] Assignment assign_packed(const NumericBlock& scaled, const Centroids<T>& centroids) const;

    Scaling scaling_;
    Matrix centers_;
    bool single_;  ///< float32, as the fit
    Centroids<float> singles_;
    Centroids<double> doubles_;
    std::vector<std::size_t> positions_;
  };
};

}  // namespace cohort
