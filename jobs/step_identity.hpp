// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "jobs/job_file.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// What a step's result depends on, by name, so that a difference can be told: the program and its instruction level,
/// the keys, the steps before (`previous` is the last one's fingerprint), size and time of the files it reads.
using StepIdentity = std::map<std::string, std::string>;
[[nodiscard]] StepIdentity identity_of(Step& step, const StepEntry& entry, const JobFile& job,
                                       const std::filesystem::path& out, const std::string& previous);

/// One word for all of it.
[[nodiscard]] std::string fingerprint(const StepIdentity& identity);

/// The names of what differs, separated by commas; what is missing on one side differs.
[[nodiscard]] std::string differences(const StepIdentity& now, const StepIdentity& then);

/// XXH3-128 of a dataset's manifest, which holds the hashes of all the rest; "none" without one.
[[nodiscard]] std::string dataset_state(const std::filesystem::path& dataset);

}  // namespace cohort
