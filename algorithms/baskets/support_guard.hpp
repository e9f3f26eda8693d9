// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace cohort {

/// What is refused because there would be too much of it.
struct Explosion {
  std::string_view things, rows, limit_key;  ///< "itemsets", "baskets", "max_itemsets"
  std::int64_t limit, min_count;             ///< more than `limit` things are in at least `min_count` rows
  std::int64_t fits;                         ///< the least count that would do
  std::int64_t total = 0;                    ///< rows that shares are of; 0: not known
  std::int64_t one_in = 1;                   ///< above 1: a sample of one row in so many said so
};

/// Throws Error(plan_refused) that names the support to ask for.
[[noreturn]] void refuse(const Explosion& explosion);

/// The least count above `low` at which too_many(count) no longer holds: doubled until then, and halved in. It is known
/// to hold at `low`.
template <class TooMany>
std::int64_t least_support(std::int64_t low, const TooMany& too_many) {
  std::int64_t high = 2 * low;
  while (too_many(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (too_many(middle) ? low : high) = middle;
  }
  return high;
}

/// A look at one row in `one_in` before all of them are mined. It only ever refuses what it has seen to be too much:
/// what is frequent in the sample, `limit` x `widest` things at most, are candidates; some hundreds of these, drawn by
/// a hash, are counted in all rows, and these counts decide. So a sample that misleads costs time, not a wrong refusal.
struct SupportSample {
  std::int64_t one_in;
  std::int64_t min_count;  ///< in the sample

  static constexpr std::int64_t widest = 4;   ///< candidates looked for, in limits
  static constexpr std::int64_t drawn = 512;  ///< candidates counted, of `widest` limits

  /// None for a support whose rows are soon mined: there the exact count is as cheap as a sample.
  [[nodiscard]] static std::optional<SupportSample> of(std::int64_t min_count);
};

/// Whether a sample of one row in `one_in` holds a row: by a hash of its number, for each purpose another.
[[nodiscard]] bool draws_row(std::string_view purpose, std::int64_t row, std::int64_t one_in);

/// From the counts, in all rows, of things drawn among `candidates`: the support to ask for instead where more than
/// `limit` candidates are in `min_count` rows, which is wrong once in a billion times (Hoeffding, JASA 1963).
[[nodiscard]] std::optional<std::int64_t> support_instead(std::int64_t candidates, std::vector<std::int64_t> counts,
                                                          std::int64_t min_count, std::int64_t limit);

}  // namespace cohort
