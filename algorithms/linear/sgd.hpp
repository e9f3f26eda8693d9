// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/block.hpp"
#include "core/context.hpp"

namespace cohort {

/// Stochastic gradient descent with the average of its second half (Polyak and Juditsky, SIAM J. Control Optim. 1992;
/// Bottou, Large-Scale Machine Learning 2010). A batch is a fixed list of chunks of gram_rows rows, drawn over all
/// shards by (seed, epoch, row): the same on any number of ranks.
struct Sgd {
  struct Params {
    std::int64_t epochs = 20, batch_size = 1024;
    double learning_rate = 0.5;  ///< first step, by the gradient of a row's mean loss in standardised columns
    double decay = 1;            ///< a step in epoch t, counted in fractions, is the first / (1 + decay x t)
    std::uint64_t seed = 0;
  };
  struct Epoch {
    double loss = 0;           ///< of all rows at the average, or at the last point where there is none yet
    double learning_rate = 0;  ///< at the end

    template <class Archive>
    void archive(Archive& members) {
      members("loss", loss);
      members("learning_rate", learning_rate);
    }
  };
  /// Collective. What a table's rows say at a point: their mean loss with its penalty, and minus its gradient.
  struct Here {
    double loss = 0;
    std::vector<double> downhill;
  };
  using Evaluate = std::function<Here(const std::vector<double>&, const NumericTable&)>;

  std::vector<double> at;
  std::vector<Epoch> epochs;

  /// Collective. Reads the rows twice an epoch, and holds the blocks of a window in memory: about 262,144 rows of all
  /// ranks. Ends early where the loss is no number. Goes on from a checkpoint at the end of an epoch.
  static Sgd run(const Params& params, const NumericTable& rows, const Evaluate& evaluate, std::vector<double> start,
                 const Context& context);
};

}  // namespace cohort
