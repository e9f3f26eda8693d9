// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/column.hpp"

namespace cohort {

/// A span written 45s, 30m, 12h, 7d or 2w, in units of a column of times. Throws Error(bad_config) naming `key` for
/// another spelling, and for a span that the column's times do not resolve.
[[nodiscard]] std::int64_t span_in_units(const std::string& key, const std::string& text, const Column& times);

/// Units of a column of dates or timestamps from 1970-01-01 to the start of a day.
[[nodiscard]] std::int64_t day_in_units(std::int32_t day, const Column& times);

}  // namespace cohort
