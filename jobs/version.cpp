// SPDX-License-Identifier: Apache-2.0
#include "jobs/version.hpp"

#include <fmt/format.h>

#include "io/store/manifest.hpp"

namespace cohort {

std::string version_text() {
  return fmt::format("cohort {} (dataset format {})", COHORT_VERSION, manifest_version);
}

}  // namespace cohort
