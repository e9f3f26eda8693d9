// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jobs/ingest/source_files.hpp"

namespace cohort {

/// An event of a customer whom the customers table does not have.
struct OrphanRow {
  std::uint32_t table = 0;
  RowPlace place;
  std::string customer;
};

/// The orphans as rows for the quarantine, with the names of their files and why they are there.
[[nodiscard]] std::vector<BadRow> quarantined(const std::vector<OrphanRow>& orphans, const OpenedSources& sources);

}  // namespace cohort
