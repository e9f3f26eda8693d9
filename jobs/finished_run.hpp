// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "core/fields.hpp"
#include "io/report/report.hpp"

namespace cohort {

/// What a finished step left as result.json or run.json; none where the file is missing or torn.
[[nodiscard]] std::optional<Json> read_json(const std::filesystem::path& path);

/// Writes report.html of a finished run again, from the result.json and run.json of its steps, into the folder of its
/// last step; returns its path.
std::filesystem::path rewrite_report(const std::filesystem::path& out, const ReportOptions& options);

}  // namespace cohort
