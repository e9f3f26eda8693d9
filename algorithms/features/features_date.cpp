// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/features_date.hpp"

#include <charconv>

#include "core/column.hpp"
#include "core/error.hpp"

namespace cohort {

std::int32_t date_from_iso(std::string_view text, std::string_view key) {
  unsigned year = 0, month = 0, day = 0;
  if (text.size() == 10) {
    std::from_chars(text.data(), text.data() + 4, year);
    std::from_chars(text.data() + 5, text.data() + 7, month);
    std::from_chars(text.data() + 8, text.data() + 10, day);
  }
  if (month >= 1 && month <= 12 && day >= 1 && day <= 31) {
    const std::int32_t days = days_from_civil(static_cast<int>(year), month, day);
    if (iso_date(days) == text) return days;  // February 30 comes back as March 1 or 2
  }
  throw Error(ExitCode::bad_config, fmt::format("{}: '{}' is not a date", key, text),
              fmt::format("write {} as YYYY-MM-DD, for example 2011-12-10", key));
}

}  // namespace cohort
