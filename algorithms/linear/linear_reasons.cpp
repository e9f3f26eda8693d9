// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/linear_reasons.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cohort {

bool LinearReasons::Contribution::before(const Contribution& other) const {
  const double mine = std::abs(value), its = std::abs(other.value);
  return mine > its || (mine == its && term < other.term);
}

LinearReasons::LinearReasons(const DesignMatrix& design, std::span<const double> standardised)
    : present_(design.terms.size()) {
  std::vector<std::vector<Contribution>> absent(design.features.size());
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    const DesignMatrix::Term& term = design.terms[t];
    if (term.level < 0) {
      numbers_.push_back({.coefficient = standardised[t + 1], .term = static_cast<std::int32_t>(t)});
      continue;
    }
    const double step = term.sd > 0 ? standardised[t + 1] / term.sd : 0;
    present_[t] = step * (1 - term.mean);
    absent[static_cast<std::size_t>(term.feature)].push_back(
        {.value = -step * term.mean, .term = static_cast<std::int32_t>(t)});
  }
  for (std::size_t j = 0; j < absent.size(); ++j) {
    if (design.features[j].categorical == 0) continue;
    std::vector<Contribution>& levels = absent_.emplace_back(std::move(absent[j]));
    const std::size_t kept = std::min(levels.size(), most + 1);  // the row may have one of them
    std::ranges::partial_sort(levels, levels.begin() + static_cast<std::ptrdiff_t>(kept),
                              [](const auto& a, const auto& b) { return a.before(b); });
    levels.resize(kept);
  }
}

LinearReasons::OfRow LinearReasons::operator()(const CodedChunk& chunk, std::size_t i) const {
  std::array<Contribution, most> largest;
  const auto offer = [&](Contribution contribution) {
    if (contribution.value == 0) return;
    for (Contribution& place : largest) {
      if (place.term < 0 || contribution.before(place)) std::swap(contribution, place);
      if (contribution.term < 0) return;
    }
  };
  constexpr auto stride = static_cast<std::size_t>(gram_rows);
  for (std::size_t n = 0; n < numbers_.size(); ++n) {
    offer({.value = numbers_[n].coefficient * chunk.numbers[n * stride + i], .term = numbers_[n].term});
  }
  for (std::size_t c = 0; c < absent_.size(); ++c) {
    const std::int32_t present = chunk.terms[c * stride + i];
    if (present >= 0) offer({.value = present_[static_cast<std::size_t>(present)], .term = present});
    for (const Contribution& contribution : absent_[c]) {
      if (contribution.term != present) offer(contribution);
    }
  }
  OfRow result;
  std::ranges::transform(largest, result.begin(), [](const Contribution& of) {
    return of.term < 0 ? -1 : 2 * of.term + (of.value < 0 ? 1 : 0);
  });
  return result;
}

std::vector<std::string> LinearReasons::labels(const DesignMatrix& design) {
  std::vector<std::string> labels;
  for (const DesignMatrix::Term& term : design.terms) {
    labels.push_back(term.name + " (+)");
    labels.push_back(term.name + " (-)");
  }
  return labels;
}

}  // namespace cohort
