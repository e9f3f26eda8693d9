// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_plants.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

namespace cohort {
namespace {

constexpr std::int64_t day_seconds = 86'400;

}  // namespace

void SyntheticPlants::Params::describe(Fields& fields) {
  fields({.name = "bundles",
          .text = "Sets of items that are often bought together; planted among the items that sell least.",
          .range = {0, 1e4}},
         bundles);
  fields({.name = "bundle_items", .text = "Items of a bundle.", .range = {2, 20}}, bundle_items);
  fields({.name = "bundle_share", .text = "Share of baskets that hold one of the bundles.", .range = {0, 1}},
         bundle_share);
  fields(
      {.name = "follow_ups",
       .text = "Pairs of items of which the second is bought, in a basket of its own beyond the BG/NBD model, a fixed "
               "time after the first.",
       .range = {0, 1e4}},
      follow_ups);
  fields({.name = "follow_up_days",
          .text = "Days from the first item to the second, give or take half a day.",
          .range = {1, 1000}},
         follow_up_days);
  fields({.name = "follow_up_share", .text = "Share of baskets that begin a follow-up.", .range = {0, 1}},
         follow_up_share);
}

SyntheticPlants::SyntheticPlants(const Params& params, std::int64_t items) : params_(params), items_(items) {
  const std::int64_t needed = params.bundles * params.bundle_items + 2 * params.follow_ups;
  if (needed <= items) return;
  throw Error(ExitCode::bad_config,
              fmt::format("bundles and follow_ups take {} items, but there are {}", needed, items),
              "plant fewer, or raise items");
}

std::vector<SyntheticPlants::Planted> SyntheticPlants::of_customer(std::int64_t random_state, std::int64_t customer,
                                                                   std::size_t baskets) const {
  RandomStream random(static_cast<std::uint64_t>(random_state), "retailer plants",
                      static_cast<std::uint64_t>(customer));
  std::vector<Planted> planted(baskets);
  for (Planted& plant : planted) {
    if (params_.bundles > 0 && random.uniform() < params_.bundle_share) plant.bundle = random.below(params_.bundles);
    if (params_.follow_ups == 0 || !(random.uniform() < params_.follow_up_share)) continue;
    plant.follow_up = random.below(params_.follow_ups);
    plant.seconds = params_.follow_up_days * day_seconds - day_seconds / 2 + random.below(day_seconds);
  }
  return planted;
}

std::vector<std::int32_t> SyntheticPlants::bundle(std::int64_t number) const {
  return from_end(number * params_.bundle_items, params_.bundle_items);
}

std::vector<std::int32_t> SyntheticPlants::follow_up(std::int64_t number) const {
  return from_end(params_.bundles * params_.bundle_items + 2 * number, 2);
}

std::vector<std::int32_t> SyntheticPlants::from_end(std::int64_t skipped, std::int64_t count) const {
  std::vector<std::int32_t> items;
  for (std::int64_t i = 0; i < count; ++i) items.push_back(static_cast<std::int32_t>(items_ - 1 - skipped - i));
  return items;
}

}  // namespace cohort
