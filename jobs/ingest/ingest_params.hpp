// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config_node.hpp"
#include "core/fields.hpp"
#include "jobs/ingest/cleaning_rules.hpp"

namespace cohort {

/// The byte that a `delimiter:` stands for.
[[nodiscard]] inline char delimiter_byte(const std::string& word) {
  return word == "tab" || word == "\\t" ? '\t' : word.front();
}

/// One source of an ingest: files of one shape that fill one table of the dataset.
struct SourceParams {
  std::vector<std::string> path;
  std::string format = "csv", delimiter = ",";
  std::string encoding = "utf-8", decimal = ".", thousands, time_zone = "UTC";
  std::map<std::string, std::string> joins;    ///< lookup table -> name in the dataset that holds its keys
  std::map<std::string, std::string> map;      ///< name in the dataset -> column of the file
  std::map<std::string, std::string> types;    ///< name in the dataset -> type
  std::map<std::string, std::string> formats;  ///< name in the dataset -> strptime-like format

  void describe(Fields& f);
  [[nodiscard]] bool is_json() const { return format == "json_lines"; }
};

/// A table of keys and what is known of each, joined to the rows of a source where they are read.
struct LookupParams {
  std::string path, delimiter = ",", encoding = "utf-8", key;

  void describe(Fields& f);
};

/// How many rows may be bad: a count, or a share of the rows read.
struct BadRowLimit {
  std::int64_t count = -1;  ///< -1: the share counts
  double share = 0;

  /// "100", "1%" or "0.01"; nothing for other text.
  [[nodiscard]] static std::optional<BadRowLimit> parse(const std::string& text);
};

struct IngestParams {
  std::map<std::string, SourceParams> sources;
  std::map<std::string, LookupParams> lookups;
  std::vector<CleaningRule> clean;
  std::string max_bad_rows = "0";  ///< a BadRowLimit
  std::string unknown_customers = "create";
  bool append = false;
  std::int64_t max_record_bytes = std::int64_t{16} << 20;

  void describe(Fields& f);
  /// Checks what no single key can show; `node` gives the place.
  void check(const ConfigNode& node) const;
};

}  // namespace cohort
