// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "jobs/prediction/training_table.hpp"

namespace cohort {

/// A fitted model at work: the prediction or probability of each row of a block of the table it was made for; of
/// several classes, row by row the probability of each. Thread-safe.
using Predict = std::function<std::vector<double>(const NumericBlock& block)>;

/// A fitted model, to be put to work on the blocks of a table. Throws Error(bad_data) naming a column that does not
/// fit.
using Fitted = std::function<Predict(const TrainingTable& table)>;

/// Which rows of a table judge a model: those held out, or those it learned from.
enum class JudgedBy { held_out, learned_from };

/// Collective. A key of each customer, block by block as in a ShardNumericTable: the id, or a hash of it where it is a
/// text. 8 bytes a row.
[[nodiscard]] std::vector<std::vector<std::uint64_t>> customer_keys(const CustomerRows& rows, const Context& context);

/// The weights of a block's rows, by which they judge; throws Error(bad_data) for one below 0 or missing.
[[nodiscard]] std::span<const double> weights_of(const TrainingTable& table, const NumericBlock& block, JudgedBy by);

}  // namespace cohort
