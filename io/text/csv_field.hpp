// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cohort {

/// A field as CSV writes it: quoted where it holds a comma, a quote or a newline.
[[nodiscard]] std::string csv_field(std::string_view text);

/// The names of columns as the first line of a CSV file.
[[nodiscard]] std::string csv_header_line(std::span<const std::string> names);

}  // namespace cohort
