// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/config_node.hpp"
#include "core/fields.hpp"

namespace cohort {

/// One source of an ingest: files of one shape that fill one table of the dataset.
struct SourceParams {
  std::vector<std::string> path;
  std::string delimiter = ",";
  std::map<std::string, std::string> map;      ///< name in the dataset -> column of the file
  std::map<std::string, std::string> types;    ///< name in the dataset -> type
  std::map<std::string, std::string> formats;  ///< name in the dataset -> strptime-like format

  void describe(Fields& f);
  [[nodiscard]] char delimiter_byte() const {
    return delimiter == "tab" || delimiter == "\\t" ? '\t' : delimiter.front();
  }
};

/// Cleaning rules. Each is hit by a row alone; the first one that hits removes it.
struct DropMissing {
  static constexpr std::string_view kind = "drop_missing";
  std::string table = "transactions";
  std::vector<std::string> columns;
  void describe(Fields& f);
};
struct DropPrefix {
  static constexpr std::string_view kind = "drop_prefix";
  std::string table = "transactions";
  std::string column, prefix;
  void describe(Fields& f);
};
struct DropNonPositive {
  static constexpr std::string_view kind = "drop_non_positive";
  std::string table = "transactions";
  std::vector<std::string> columns;
  void describe(Fields& f);
};
struct DropDuplicates {
  static constexpr std::string_view kind = "drop_duplicates";
  std::string table = "transactions";
  std::string action = "drop";
  void describe(Fields& f);
};
using CleaningRule = std::variant<DropMissing, DropPrefix, DropNonPositive, DropDuplicates>;

[[nodiscard]] const std::string& table_of(const CleaningRule& rule);
/// Names of the columns a rule looks at; none if it looks at the whole row.
[[nodiscard]] std::vector<std::string> columns_of(const CleaningRule& rule);
/// How the rule is called in the balance sheet: "drop_missing(customer)".
[[nodiscard]] std::string label_of(const CleaningRule& rule);

struct IngestParams {
  std::map<std::string, SourceParams> sources;
  std::vector<CleaningRule> clean;
  std::int64_t max_bad_rows = 0;
  std::int64_t max_record_bytes = std::int64_t{16} << 20;

  void describe(Fields& f);
  /// Checks what no single key can show; `node` gives the place.
  void check(const ConfigNode& node) const;
};

}  // namespace cohort
