// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/level_labels.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/linear/used_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

struct Counts {
  std::vector<std::int64_t> rows;
  void parts(Parts& parts) { parts.sum(rows); }
};

}  // namespace

LevelLabels::LevelLabels(std::int64_t classes, const LabelledRows& rows, const DesignMatrix& design,
                         const Context& context)
    : classes_(static_cast<std::size_t>(classes)) {
  for (const DesignMatrix::Term& term : design.terms) is_level_.push_back(term.level >= 0 ? 1 : 0);
  const DesignEncoder encoder(design, rows.feature_names(), rows.labels, RecipeUse::learn);
  const Counts identity{.rows = std::vector<std::int64_t>(design.terms.size() * classes_)};
  rows_ = aggregate_table(context, rows.table, identity, [&](Counts& state, const NumericBlock& block) {
            CodedChunk chunk;
            GlmRows of_chunk{};
            for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
              load_rows(rows, {1}, block, first, of_chunk);
              encoder.encode(block, first, chunk);
              for (std::size_t at = 0; at < chunk.terms.size(); ++at) {
                const std::size_t i = at % static_cast<std::size_t>(gram_rows);
                if (chunk.terms[at] < 0 || !(of_chunk.weight[i] > 0)) continue;
                const auto label =
                    static_cast<std::size_t>(std::min(std::ceil(of_chunk.label[i]), static_cast<double>(classes - 1)));
                ++state.rows[static_cast<std::size_t>(chunk.terms[at]) * classes_ + label];
              }
            }
          }).rows;
}

}  // namespace cohort
