// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/context.hpp"

namespace cohort {

/// The fold of each row of this rank, block by block: 0 and up, or one of these.
using Folds = std::vector<std::vector<std::int32_t>>;
inline constexpr std::int32_t not_in_folds = -2, only_learned_from = -1;

/// How rows are dealt out: kfold and stratified (each class dealt out apart) by the order of a hash of the customer,
/// group by a hash of a value, time in order of a value: fold i is judged by what came before it.
enum class FoldRule { kfold, stratified, group, time };

/// A row to be dealt out.
struct FoldRow {
  std::uint64_t key = 0;  ///< of the customer, or of the group
  double order = 0;       ///< class (stratified) or time
  bool used = false;
};

/// Collective. Folds of equal size, but for group, whose rows stay together; rows of one time do too, and the earliest
/// of n_splits + 1 parts of the time is only_learned_from. A key travels once and its place comes back, 56 bytes.
/// Throws Error(bad_data) for a fold without rows.
[[nodiscard]] Folds deal_folds(const std::vector<std::vector<FoldRow>>& rows, FoldRule rule, std::int64_t n_splits,
                               std::uint64_t seed, const std::string& spill_folder, const Context& context);

/// Whether a row of `fold` is learned from when `judged` is judged.
[[nodiscard]] constexpr bool learns(FoldRule rule, std::int32_t fold, std::int32_t judged) {
  return fold != not_in_folds && (rule == FoldRule::time ? fold < judged : fold != judged);
}

}  // namespace cohort
