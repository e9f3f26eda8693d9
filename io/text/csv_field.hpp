// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace cohort {

/// A field as CSV writes it: quoted where it holds a comma, a quote or a newline.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace cohort
