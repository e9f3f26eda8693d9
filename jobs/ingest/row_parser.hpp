// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/label_table.hpp"
#include "core/repartition.hpp"
#include "io/text/csv_records.hpp"
#include "io/text/json_records.hpp"
#include "io/text/text_parse.hpp"
#include "jobs/ingest/bad_row.hpp"
#include "jobs/ingest/column_texts.hpp"
#include "jobs/ingest/row_rules.hpp"
#include "jobs/ingest/value_counts.hpp"

namespace cohort {

/// What one file means to a parser.
struct FileLayout {
  std::string path;
  std::uint64_t rank = 0;  ///< among the files, by content hash
  bool is_json = false;
  std::vector<std::string> names;      ///< of all its columns; of JSON, of those that are read
  std::vector<std::size_t> positions;  ///< of the schema's columns in the file
};

/// A row's digest on its way to where equal ones meet.
struct DigestRecord {
  RowDigest digest;
  std::int64_t first_rule;  ///< the rule that removed the row; -1: none
  std::int64_t table;
};

/// Parses spans of one table's files, applies the cleaning rules and drops what is left into shards. One per worker and
/// table.
class RowParser {
 public:
  RowParser(const TablePlan& plan, int worker, std::int32_t shards, Repartition& rows, Repartition* digests,
            std::int64_t max_bad_rows);

  void parse(const CsvSpan& span, const FileLayout& file, CsvDialect dialect);

  [[nodiscard]] const BalanceSheet& sheet() const { return sheet_; }
  [[nodiscard]] const std::vector<BadRow>& bad_rows() const { return bad_rows_; }
  /// Labels of a category column, numbered as this parser met them.
  [[nodiscard]] const LabelTable& labels(std::size_t column) const { return labels_[column]; }
  /// What labels and value counts take.
  [[nodiscard]] std::int64_t label_bytes() const;
  [[nodiscard]] const ValueCounts& counts(std::size_t rule) const { return counts_[rule]; }
  /// Bit k: a time of the table was no multiple of TimeUnit k.
  [[nodiscard]] std::int64_t inexact_units() const { return inexact_units_; }

 private:
  static constexpr std::size_t batch_rows = 2048;
  static constexpr std::int16_t unreadable = RowRules::unreadable, kept = RowRules::kept;

  /// Where a column's parsed values lie, and where one of them goes in a row.
  struct FixedField {
    const std::byte* values;
    bool is_wide;  ///< 8 bytes, else 4
    std::size_t offset;
  };
  [[nodiscard]] FixedField fixed_field(std::size_t column) const;

  void parse_columns(const CsvBatch& batch, const FileLayout& file);
  void parse_one(std::size_t column, std::span<const std::string_view> fields);
  void note_times(const std::vector<std::int64_t>& times, std::size_t rows);
  void judge(const CsvBatch& batch);
  void refuse_bad_text(ParsedColumn& parsed, std::size_t rows) const;
  void look_up(std::size_t column, std::size_t rows);
  void number_labels(std::size_t rows);
  [[nodiscard]] bool is_missing(std::size_t column, std::size_t row) const { return columns_[column].is_missing(row); }
  void report_bad(CsvBatch& batch, const FileLayout& file);
  void emit(const CsvBatch& batch, std::uint64_t file);
  std::byte* emit_row(std::size_t row, RowDigest digest);
  [[nodiscard]] RowDigest digest_of(const CsvBatch& batch, std::size_t row);

  const TablePlan& plan_;
  int worker_;
  std::int32_t shards_;
  Repartition& rows_;
  Repartition* digests_;
  std::int64_t max_bad_rows_;

  std::optional<CsvRecords> records_;
  std::optional<JsonRecords> objects_;  ///< of JSON lines
  std::vector<ParsedColumn> columns_;
  std::vector<FixedField> fixed_fields_;
  std::vector<LabelTable> labels_;  ///< by column; unused ones stay empty
  RowRules rules_;
  std::vector<std::unique_ptr<ColumnTexts>> texts_;       ///< by column; none where the file's text is taken as it is
  std::vector<std::vector<std::string_view>> looked_up_;  ///< texts of joined columns
  std::vector<std::int64_t> lookup_fields_;
  bool is_plain_ = true;                ///< the span is ASCII without NUL
  std::vector<ValueCounts> counts_;     ///< by rule; what rules over all values need
  std::vector<std::int16_t> verdicts_;  ///< by row: unreadable, kept, or the rule that removes it
  std::string scratch_;
  BalanceSheet sheet_;
  std::vector<BadRow> bad_rows_;
  std::int64_t inexact_units_ = 0;
};

}  // namespace cohort
