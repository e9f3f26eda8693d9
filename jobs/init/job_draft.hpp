// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace cohort {

/// A commented job file that runs on this export as it is: what each column seems to be, what to clean, and first
/// steps: features, RFM and segments where it has transactions, else segments and a model of the likeliest label.
[[nodiscard]] std::string draft_job(const std::string& export_path);

}  // namespace cohort
