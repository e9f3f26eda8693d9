// SPDX-License-Identifier: Apache-2.0
#include "algorithms/evaluation/block_totals.hpp"

#include <algorithm>
#include <cmath>

#include "core/aggregate.hpp"

namespace cohort {
namespace {

struct Largest {
  std::int64_t blocks = 0;
  std::vector<double> part;
  void parts(Parts& parts) {
    parts.sum(blocks);
    parts.max(part);
  }
};

}  // namespace

std::vector<double> block_totals(const std::vector<std::vector<double>>& parts, std::size_t size,
                                 const Context& context) {
  const Largest identity{.part = std::vector<double>(size)};
  const Largest largest = aggregate(context, std::ssize(parts), identity, [&](int, Largest& state, std::int64_t b) {
    const std::vector<double>& part = parts[static_cast<std::size_t>(b)];
    ++state.blocks;
    for (std::size_t i = 0; i < size; ++i) state.part[i] = std::max(state.part[i], std::abs(part[i]));
  });
  std::vector<int> bounds;
  for (const double part : largest.part) bounds.push_back(sum_bound(magnitude_bound(part), largest.blocks) + 1);
  const ExactTotals totals = aggregate(context, std::ssize(parts), ExactTotals{ExactSums(bounds)},
                                       [&](int, ExactTotals& state, std::int64_t b) {
                                         const std::vector<double>& part = parts[static_cast<std::size_t>(b)];
                                         for (std::size_t i = 0; i < size; ++i) state.sums.add(i, part[i]);
                                       });
  std::vector<double> result;
  for (std::size_t i = 0; i < size; ++i) result.push_back(totals.sums.value(i));
  return result;
}

}  // namespace cohort
