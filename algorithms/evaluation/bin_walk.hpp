// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

#include "algorithms/evaluation/sorted_rows.hpp"

namespace cohort {

template <std::size_t lanes>
using Lanes = std::array<double, lanes>;

/// Rows of equal probability, and those above them: units of all and of positives in each lane (replicate).
template <std::size_t lanes>
struct EqualRows {
  double probability = 0;
  Lanes<lanes> above{}, positives_above{}, here{}, positives_here{};
};

/// Walks down a sorted bin and calls each(group) for every run of equal probabilities.
template <class Draw, class Each>
void walk_down(const SortedRows::Bin& bin, const Draw& draw, EqualRows<Draw::lanes> group, const Each& each) {
  Lanes<Draw::lanes> times{};
  for (auto row = bin.rows.begin(); row != bin.rows.end();) {
    group.probability = row->probability;
    group.here.fill(0);
    group.positives_here.fill(0);
    for (; row != bin.rows.end() && row->probability == group.probability; ++row) {
      draw(row->key, times);
      for (std::size_t lane = 0; lane < Draw::lanes; ++lane) {
        group.here[lane] += times[lane] * row->units;
        group.positives_here[lane] += times[lane] * row->positive;
      }
    }
    each(group);
    for (std::size_t lane = 0; lane < Draw::lanes; ++lane) {
      group.above[lane] += group.here[lane];
      group.positives_above[lane] += group.positives_here[lane];
    }
  }
}

}  // namespace cohort
