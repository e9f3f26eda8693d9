// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace cohort {

/// Days since 1970-01-01 of a date written YYYY-MM-DD, the value of the parameter `key`. Throws Error(bad_config) for
/// any other spelling and for days no calendar has.
[[nodiscard]] std::int32_t date_from_iso(std::string_view text, std::string_view key);

}  // namespace cohort
