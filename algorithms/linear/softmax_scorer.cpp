// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "algorithms/linear/softmax.hpp"
#include "algorithms/linear/softmax_rows.hpp"

namespace cohort {

Softmax::Scorer::Scorer(const Model& model, const std::vector<std::string>& columns,
                        const std::vector<std::vector<std::string>>& labels)
    : classes_(model.classes.size()), encoder_(model.design, columns, labels) {
  const std::size_t size = model.size();
  std::vector<double> average(size);
  for (std::size_t j = 0; j < model.standardised.size(); ++j) {
    average[j % size] += model.standardised[j] / static_cast<double>(classes_);
  }
  for (std::size_t k = 0; k < classes_; ++k) {
    std::vector<double> of_class(size);
    if (k > 0) {
      of_class.assign(model.standardised.begin() + static_cast<std::ptrdiff_t>((k - 1) * size),
                      model.standardised.begin() + static_cast<std::ptrdiff_t>(k * size));
      predictors_.emplace_back(model.design, of_class);
    }
    for (std::size_t j = 0; j < size; ++j) of_class[j] -= average[j];
    reasons_.emplace_back(model.design, of_class);
  }
}

template <class EachRow>
void Softmax::Scorer::for_rows(const NumericBlock& block, const EachRow& each) const {
  constexpr auto stride = static_cast<std::size_t>(gram_rows);
  CodedChunk chunk;
  std::vector<double> eta((classes_ - 1) * stride), probabilities(classes_ * stride), of_row(classes_);
  for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
    encoder_.encode(block, first, chunk);
    for (std::size_t k = 0; k + 1 < classes_; ++k) predictors_[k](chunk, eta.data() + k * stride);
    softmax_probabilities(static_cast<std::int64_t>(classes_), eta.data(), probabilities.data());
    const auto rows = static_cast<std::size_t>(std::min(gram_rows, block.rows - first));
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t k = 0; k < classes_; ++k) of_row[k] = probabilities[k * stride + i];
      each(of_row, chunk, i);
    }
  }
}

std::vector<double> Softmax::Scorer::probabilities(const NumericBlock& block) const {
  std::vector<double> result;
  for_rows(block, [&](const std::vector<double>& of_row, const CodedChunk&, std::size_t) {
    result.insert(result.end(), of_row.begin(), of_row.end());
  });
  return result;
}

Softmax::Scorer::Scores Softmax::Scorer::explain(const NumericBlock& block) const {
  Scores scores;
  for_rows(block, [&](const std::vector<double>& of_row, const CodedChunk& chunk, std::size_t i) {
    scores.probabilities.insert(scores.probabilities.end(), of_row.begin(), of_row.end());
    scores.reasons.push_back(reasons_[most_probable(of_row)](chunk, i));
  });
  return scores;
}

std::size_t Softmax::Scorer::most_probable(std::span<const double> probabilities) {
  return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

}  // namespace cohort
