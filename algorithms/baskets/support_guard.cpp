// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/support_guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/error.hpp"
#include "core/random.hpp"

namespace cohort {
namespace {

/// Count in the sample that stands for min_support: one register of bits.
constexpr std::int64_t sample_support = 256;
/// Measured: with fewer rows to a row of the sample, mining the sample takes more than 5 % of mining all.
constexpr std::int64_t least_one_in = 128;
constexpr double doubt = 1e-9;     ///< of a wrong refusal
constexpr double safe_side = 0.8;  ///< of the limit that the support named leaves

}  // namespace

void refuse(const Explosion& e) {
  const std::string sample =
      e.one_in > 1 ? fmt::format(": so many of those frequent in one of {} {} are frequent in all", e.one_in, e.rows)
                   : "";
  const std::string share =
      e.total > 0 ? fmt::format(" (a share of {:.6f})", static_cast<double>(e.fits) / static_cast<double>(e.total))
                  : "";
  throw Error(
      ExitCode::plan_refused,
      fmt::format("more than {} {} are in at least {} {}{}", e.limit, e.things, e.min_count, e.rows, sample),
      fmt::format("set min_support to {}{}{}, or raise {}", e.one_in > 1 ? "about " : "", e.fits, share, e.limit_key));
}

std::optional<SupportSample> SupportSample::of(std::int64_t min_count) {
  const std::int64_t one_in = min_count / sample_support;
  if (one_in < least_one_in) return std::nullopt;
  return SupportSample{one_in, (min_count + one_in - 1) / one_in};
}

bool draws_row(std::string_view purpose, std::int64_t row, std::int64_t one_in) {
  return RandomStream(0, purpose, static_cast<std::uint64_t>(row)).below(one_in) == 0;
}

std::optional<std::int64_t> support_instead(std::int64_t candidates, std::vector<std::int64_t> counts,
                                            std::int64_t min_count, std::int64_t limit) {
  if (counts.empty()) return std::nullopt;
  const auto drawn = static_cast<double>(counts.size());
  const auto frequent = std::ranges::count_if(counts, [&](std::int64_t count) { return count >= min_count; });
  const double surely = static_cast<double>(frequent) / drawn - std::sqrt(-std::log(doubt) / (2 * drawn));
  const double wanted = static_cast<double>(limit) / static_cast<double>(candidates);
  if (surely <= wanted) return std::nullopt;
  std::ranges::sort(counts, std::greater());
  return std::max(min_count, counts[static_cast<std::size_t>(safe_side * wanted * drawn)]) + 1;
}

}  // namespace cohort
