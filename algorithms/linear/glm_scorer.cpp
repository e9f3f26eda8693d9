// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "algorithms/linear/glm.hpp"

namespace cohort {

Glm::Scorer::Scorer(const Model& model, const std::vector<std::string>& columns,
                    const std::vector<std::vector<std::string>>& labels)
    : model_(model), encoder_(model.design, columns, labels) {}

std::vector<double> Glm::Scorer::means(const NumericBlock& block) const {
  const std::size_t terms = model_.design.terms.size();
  std::vector<double> chunk(terms * static_cast<std::size_t>(gram_rows));
  std::vector<double> result(static_cast<std::size_t>(block.rows));
  for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
    encoder_.encode(block, first, chunk.data());
    for (std::int64_t i = 0; i < std::min(gram_rows, block.rows - first); ++i) {
      double eta = model_.standardised[0];
      for (std::size_t t = 0; t < terms; ++t) {
        eta +=
            model_.standardised[t + 1] * chunk[t * static_cast<std::size_t>(gram_rows) + static_cast<std::size_t>(i)];
      }
      result[static_cast<std::size_t>(first + i)] = glm_mean(model_.law(), eta);
    }
  }
  return result;
}

Glm::Scorer::Scores Glm::Scorer::explain(const NumericBlock& block) const {
  const std::size_t terms = model_.design.terms.size(), stride = static_cast<std::size_t>(gram_rows);
  std::vector<double> chunk(terms * stride);
  Scores scores{.means = means(block), .reasons = {}};
  for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
    encoder_.encode(block, first, chunk.data());
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::min(gram_rows, block.rows - first)); ++i) {
      std::array<double, most_reasons> largest{};
      std::array<std::int32_t, most_reasons> labels;
      labels.fill(-1);
      for (std::size_t t = 0; t < terms; ++t) {
        double contribution = model_.standardised[t + 1] * chunk[t * stride + i];
        auto label = static_cast<std::int32_t>(2 * t + (contribution < 0 ? 1 : 0));
        contribution = std::abs(contribution);
        for (std::size_t place = 0; place < most_reasons; ++place) {
          if (contribution <= largest[place]) continue;  // of equals, the earlier term
          std::swap(contribution, largest[place]);
          std::swap(label, labels[place]);
        }
      }
      scores.reasons.push_back(labels);
    }
  }
  return scores;
}

std::vector<std::string> Glm::Scorer::reason_labels() const {
  std::vector<std::string> labels;
  for (const DesignMatrix::Term& term : model_.design.terms) {
    labels.push_back(term.name + " (+)");
    labels.push_back(term.name + " (-)");
  }
  return labels;
}

}  // namespace cohort
