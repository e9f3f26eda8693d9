// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/orphans.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace cohort {
namespace {

/// Base name of a table's file of this rank among the contents; the first where two files are equal.
std::string file_name(const OpenedSource& source, std::uint64_t rank) {
  for (const FileLayout& file : source.files) {
    if (file.rank == rank) return std::filesystem::path(file.path).filename().string();
  }
  return {};
}

}  // namespace

std::vector<BadRow> quarantined(const std::vector<OrphanRow>& orphans, const OpenedSources& sources) {
  std::vector<BadRow> rows;
  for (const OrphanRow& orphan : orphans) {
    const std::uint64_t file = orphan.place.position >> RowPlace::offset_bits;
    rows.push_back({.position = orphan.place.position,
                    .file = file_name(sources.sources[orphan.table], file),
                    .line = orphan.place.line,
                    .reason = fmt::format("customer '{}' is not in the customers table", quoted_begin(orphan.customer)),
                    .text = quoted_begin(orphan.customer)});
  }
  std::sort(rows.begin(), rows.end(), [](const BadRow& a, const BadRow& b) { return a.position < b.position; });
  return rows;
}

}  // namespace cohort
