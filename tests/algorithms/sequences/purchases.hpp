// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iterator>
#include <set>
#include <vector>

#include "algorithms/sequences/sequence_database.hpp"
#include "core/random.hpp"
#include "tests/support/test_communicator.hpp"

namespace cohort::testing {

struct Purchase {
  std::int64_t customer = 0, time = 0;
  std::int32_t item = 0;
  auto operator<=>(const Purchase&) const = default;
};
using Purchases = std::set<Purchase>;

/// Every rank's share: customer i belongs to rank i modulo size.
inline SequenceDatabase share_of(const Purchases& purchases, std::int32_t n_items) {
  SequenceDatabase mine;
  mine.n_items = n_items;
  const Communicator& comm = test_communicator();
  std::vector<std::int32_t> element;
  for (auto p = purchases.begin(); p != purchases.end(); ++p) {
    element.push_back(p->item);
    const auto next = std::next(p);
    const bool ends = next == purchases.end() || next->customer != p->customer;
    if (!ends && next->time == p->time) continue;
    if (p->customer % comm.size() == comm.rank()) mine.add_element(p->time, element);
    element.clear();
    if (ends && p->customer % comm.size() == comm.rank()) mine.end_sequence(p->customer);
  }
  return mine;
}

/// The gap to the next purchase of `item` by the same customer, or -1 if it is none or too long.
inline std::int64_t gap_to(const Purchases& purchases, const Purchase& from, std::int32_t item, std::int64_t within) {
  for (const Purchase& p : purchases) {
    if (p.customer == from.customer && p.item == item && p.time > from.time) {
      return p.time - from.time <= within ? p.time - from.time : -1;
    }
  }
  return -1;
}

inline Purchases random_purchases(std::uint64_t seed, std::int64_t customers, std::int64_t most, std::int32_t n_items,
                                  std::int64_t days) {
  Purchases purchases;
  for (std::int64_t customer = 0; customer < customers; ++customer) {
    RandomStream random(seed, "purchases", static_cast<std::uint64_t>(customer));
    for (std::int64_t n = random.below(most + 1); n > 0; --n) {
      purchases.insert({customer, random.below(days), static_cast<std::int32_t>(random.below(n_items))});
    }
  }
  return purchases;
}

}  // namespace cohort::testing
