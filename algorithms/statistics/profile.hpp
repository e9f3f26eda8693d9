// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "algorithms/statistics/moments.hpp"
#include "core/block.hpp"
#include "core/context.hpp"

namespace cohort {

/// One column within one segment, against the whole population. NaN where there is nothing to divide by.
struct ColumnProfile {
  std::int64_t count = 0;  ///< values that are not missing
  double mean = 0;
  double sd = 0;     ///< of the segment's values, by count
  double z = 0;      ///< (mean - population mean) / population sd
  double index = 0;  ///< 100 * mean / population mean
  double total = 0;  ///< sum of the values: revenue, where the column is money
};

/// What a segmentation means: each segment described by columns, whether it was made from them or not.
struct SegmentProfiles {
  std::vector<std::string> columns;
  std::vector<ColumnMoments> population;             ///< [column]
  std::vector<std::int64_t> sizes;                   ///< [segment], rows
  std::vector<double> shares;                        ///< of all rows
  std::vector<std::vector<ColumnProfile>> segments;  ///< [segment][column]
  std::int64_t unassigned = 0;                       ///< rows without a segment (label -1)
};

/// The segment of each row of a block, -1 for none. Called from several threads at once.
using Labeller = std::function<std::vector<std::int32_t>(const NumericBlock&)>;

/// Collective. Profiles of `segments` segments by every column of the table; sums are exact over ranks.
[[nodiscard]] SegmentProfiles profile_segments(const NumericTable& table, std::int64_t segments,
                                               const Labeller& labels_of, const Context& context);

}  // namespace cohort
