// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "algorithms/segments/kmeans_tile.hpp"

namespace cohort {
namespace {

/// One lane a vector: the C library's fma rounds once, as the instruction does.
template <class T>
struct Single {
  using Vector = T;
  using Labels = std::int32_t;
  static constexpr int width = 1, vectors = 2;
  static T infinity() { return std::numeric_limits<T>::infinity(); }
  static T broadcast(T x) { return x; }
  static T load(const T* x) { return *x; }
  static T minus_product(T a, T b, T sum) { return std::fma(-a, b, sum); }
  static std::int32_t label(std::int32_t label) { return label; }
  static void take_less(T score, std::int32_t label, T& best, std::int32_t& labels) {
    if (score < best) {
      best = score;
      labels = label;
    }
  }
  static void store(T* to, T best) { *to = best; }
  static void store_labels(std::int32_t* to, std::int32_t labels) { *to = labels; }
};

}  // namespace

void nearest_portable(const TileTask<float>& task) {
  nearest_tile<Single<float>>(task);
}
void nearest_portable(const TileTask<double>& task) {
  nearest_tile<Single<double>>(task);
}

}  // namespace cohort
