// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "algorithms/linear/glm.hpp"

namespace cohort {

Glm::Scorer::Scorer(const Model& model, const std::vector<std::string>& columns,
                    const std::vector<std::vector<std::string>>& labels)
    : law_(model.law()),
      encoder_(model.design, columns, labels),
      predictor_(model.design, model.standardised),
      reasons_(model.design, model.standardised) {}

template <class EachRow>
void Glm::Scorer::for_rows(const NumericBlock& block, const EachRow& each) const {
  CodedChunk chunk;
  alignas(64) double eta[gram_rows];
  for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
    encoder_.encode(block, first, chunk);
    predictor_(chunk, eta);
    const auto rows = static_cast<std::size_t>(std::min(gram_rows, block.rows - first));
    for (std::size_t i = 0; i < rows; ++i) each(glm_mean(law_, eta[i]), chunk, i);
  }
}

std::vector<double> Glm::Scorer::means(const NumericBlock& block) const {
  std::vector<double> result;
  for_rows(block, [&](double mean, const CodedChunk&, std::size_t) { result.push_back(mean); });
  return result;
}

Glm::Scorer::Scores Glm::Scorer::explain(const NumericBlock& block) const {
  Scores scores;
  for_rows(block, [&](double mean, const CodedChunk& chunk, std::size_t i) {
    scores.means.push_back(mean);
    scores.reasons.push_back(reasons_(chunk, i));
  });
  return scores;
}

}  // namespace cohort
