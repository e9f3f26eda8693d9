// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "io/report/report_text.hpp"

namespace cohort {

/// One table of a result.json as a figure: its chart, if it has one, and its first thousand rows, folded when long.
/// `id` becomes the anchor. Throws Error(internal) when a row or the chart does not fit the columns.
[[nodiscard]] std::string render_table(const Json& table, const std::string& id, const ReportWords& words);

/// An object as a table of two columns; nothing for an empty one. Values are shown exactly as they are.
[[nodiscard]] std::string render_settings(const std::string& heading, const Json& settings, const ReportWords& words);

}  // namespace cohort
