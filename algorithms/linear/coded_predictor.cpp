// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/coded_predictor.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/linear/chunk_products.hpp"

namespace cohort {

CodedPredictor::CodedPredictor(const DesignMatrix& design, std::span<const double> standardised)
    : constant_(standardised[0]), largest_(0), steps_(design.terms.size() + 1) {
  std::vector<double> largest_step(design.features.size());
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    const DesignMatrix::Term& term = design.terms[t];
    const double coefficient = standardised[t + 1];
    if (term.level < 0) {
      numbers_.push_back(coefficient);
      largest_ += std::abs(coefficient) * term.reach;
      continue;
    }
    const double step = term.sd > 0 ? coefficient / term.sd : 0;
    steps_[t + 1] = step;
    constant_ -= step * term.mean;
    double& largest = largest_step[static_cast<std::size_t>(term.feature)];
    largest = std::max(largest, std::abs(step));
  }
  largest_ += std::abs(constant_);
  for (const double step : largest_step) largest_ += step;
}

void CodedPredictor::operator()(const CodedChunk& chunk, double* eta) const {
  std::fill_n(eta, gram_rows, constant_);
  add_predictor(chunk.numbers.data(), std::ssize(numbers_), numbers_.data(), eta);
  for (std::size_t first = 0; first < chunk.terms.size(); first += static_cast<std::size_t>(gram_rows)) {
    const std::int32_t* terms = chunk.terms.data() + first;
    for (std::int64_t i = 0; i < gram_rows; ++i) eta[i] += steps_[static_cast<std::size_t>(terms[i] + 1)];
  }
}

}  // namespace cohort
