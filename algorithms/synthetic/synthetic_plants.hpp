// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/fields.hpp"

namespace cohort {

/// What a search for rules and sequences should find among a retailer's sales: bundles of items bought together, and
/// items that customers come back for after a fixed time. They are the items that sell least, so that chance does not
/// hide them: bundle 0 the last ones, and so on downwards, then the pairs of the follow-ups.
class SyntheticPlants {
 public:
  struct Params {
    std::int64_t bundles = 0, bundle_items = 3;
    double bundle_share = 0.05;
    std::int64_t follow_ups = 0, follow_up_days = 14;
    double follow_up_share = 0.05;

    void describe(Fields& fields);
  };
  /// What goes into a basket beyond the model's own lines.
  struct Planted {
    std::int64_t bundle = -1, follow_up = -1;  ///< -1: none
    std::int64_t seconds = 0;                  ///< until the customer comes for the follow-up's second item
  };

  /// Throws Error(bad_config) where there are fewer than the `items` needed.
  SyntheticPlants(const Params& params, std::int64_t items);

  [[nodiscard]] bool any() const { return params_.bundles + params_.follow_ups > 0; }
  /// Of a customer's baskets, in their order.
  [[nodiscard]] std::vector<Planted> of_customer(std::int64_t random_state, std::int64_t customer,
                                                 std::size_t baskets) const;
  [[nodiscard]] std::vector<std::int32_t> bundle(std::int64_t number) const;
  /// The item that begins a follow-up, and the one that follows.
  [[nodiscard]] std::vector<std::int32_t> follow_up(std::int64_t number) const;

 private:
  [[nodiscard]] std::vector<std::int32_t> from_end(std::int64_t skipped, std::int64_t count) const;

  Params params_;
  std::int64_t items_;
};

}  // namespace cohort
