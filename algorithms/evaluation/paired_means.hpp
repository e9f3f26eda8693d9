// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// A figure of a model that is a mean over rows, as of its losses, and whether it differs from the first model's by
/// more than chance: the mean of the differences row by row over its standard error (Diebold and Mariano, JBES 1995,
/// for independent rows).
struct PairedMean {
  double mean = 0;                     ///< NaN where a row has no such figure
  double difference = 0;               ///< from the first model's
  double standard_error = 0;           ///< of the difference, as of rows drawn with their weights; NaN for one row
  double p_value = 1;                  ///< two-sided, of no difference
  std::int64_t higher = 0, lower = 0;  ///< rows whose figure is above, and below, the first model's
};

/// Figures of the rows of a block.
struct RowFigures {
  std::vector<double> weights;  ///< above 0
  std::vector<double> values;   ///< row by row, of each model in turn; NaN where there is none
};
/// Thread-safe; a block is asked for twice and must then be the same.
using FiguresOfBlock = std::function<RowFigures(int worker, std::int64_t block)>;

struct PairedMeans {
  std::int64_t rows = 0;
  std::vector<PairedMean> figures;  ///< of each model in turn
};

/// Collective. The means of `figures` figures of each of `models` models over this rank's blocks. Two passes, for the
/// means and for the squares about them; 8 bytes a block and sum are kept, of which there are 5 a figure. Block
/// partials and exact sums across blocks. Throws Error(numerical) for a figure that is infinite.
[[nodiscard]] PairedMeans paired_means(std::int64_t blocks, std::size_t models, std::size_t figures,
                                       const FiguresOfBlock& figures_of, const Context& context);

}  // namespace cohort
