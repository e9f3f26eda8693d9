// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/context.hpp"
#include "io/store/manifest.hpp"
#include "io/text/csv_source.hpp"
#include "jobs/ingest/ingest_params.hpp"
#include "jobs/ingest/row_parser.hpp"

namespace cohort {

inline constexpr std::int64_t usual_ratio = 6;  ///< of text to its compressed bytes, where that is not known

/// A path with ${out} replaced.
[[nodiscard]] std::string with_out(std::string path, const std::filesystem::path& out);

/// Files that a `path:` stands for, sorted by name: globs expanded, ${out} replaced. Throws Error(input_missing).
[[nodiscard]] std::vector<std::string> expand_paths(const std::vector<std::string>& paths,
                                                    const std::filesystem::path& out);

/// One source ready to be parsed: its units and their plans, and what each of its files means.
struct OpenedSource {
  CsvSource csv;
  std::vector<CsvUnitPlan> plans;
  std::vector<FileLayout> files;
};

/// All sources of an ingest after the first pass, the same on all ranks but for the files no own unit needs.
struct OpenedSources {
  std::vector<OpenedSource> sources;                          ///< by table number
  std::vector<std::pair<std::size_t, std::size_t>> my_units;  ///< (source, unit) this rank parses
  std::vector<Source> contents;                               ///< for the manifest
  std::vector<std::string> passed_over;  ///< files whose content is known, or that of one before in their source
  std::int64_t raw_bytes = 0;            ///< text in all files; estimated for compressed ones
};

/// Collective. The files at `paths` as rank 0 finds them, so that all ranks cut them alike; a rank that reads another
/// one finds that it has changed.
[[nodiscard]] std::vector<CsvFile> look_together(const Context& context,
                                                 const std::function<std::vector<std::string>()>& paths,
                                                 bool json_lines = false);

/// Text in a unit: its bytes, or what is usual for compressed ones.
[[nodiscard]] std::int64_t estimated_text(const CsvSource& source, const CsvUnit& unit);

/// Collective. Looks at all files, scans every unit once (ranks and threads share the units) and plans the second pass,
/// without the files whose content hash is `known`, and of equal files of a source without all but the first.
[[nodiscard]] OpenedSources open_sources(const Context& context, const IngestParams& params,
                                         const std::vector<SourceSchema>& schemas, const std::filesystem::path& out,
                                         const std::set<std::string>& known = {});

/// Leaves one entry for each content, under the least of its names, sorted by hash.
void unite(std::vector<Source>& contents);

}  // namespace cohort
