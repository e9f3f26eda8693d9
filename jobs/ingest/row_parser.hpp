// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/label_table.hpp"
#include "core/repartition.hpp"
#include "io/text/csv_records.hpp"
#include "io/text/text_parse.hpp"
#include "jobs/ingest/balance_sheet.hpp"
#include "jobs/ingest/row_format.hpp"
#include "jobs/ingest/source_schema.hpp"

namespace cohort {

/// A row that could not be read.
struct BadRow {
  std::uint64_t position = 0;
  std::string file;
  std::int64_t line = 0;
  std::string reason, text;
};

/// What one file means to a parser.
struct FileLayout {
  std::string path;
  std::uint64_t rank = 0;              ///< among the files, by content hash
  std::vector<std::string> names;      ///< of all its columns
  std::vector<std::size_t> positions;  ///< of the schema's columns in the file
};

/// A row's digest on its way to where equal ones meet.
struct DigestRecord {
  RowDigest digest;
  std::int64_t first_rule;  ///< the rule that removed the row; -1: none
  std::int64_t table;
};

/// What a table's rows go through, shared by all threads.
struct TablePlan {
  SourceSchema schema;
  std::uint32_t table = 0;  ///< number of the table
  RowFormat format;
  std::vector<CleaningRule> rules;  ///< of this table, in declared order
  std::int64_t duplicates = -1;     ///< which of them looks for duplicates
};

/// Parses spans of one table's files, applies the cleaning rules and drops what is left into shards. One per worker and
/// table.
class RowParser {
 public:
  RowParser(const TablePlan& plan, int worker, std::int32_t shards, Repartition& rows, Repartition* digests,
            std::int64_t max_bad_rows);

  void parse(const CsvSpan& span, const FileLayout& file, char delimiter);

  [[nodiscard]] const BalanceSheet& sheet() const { return sheet_; }
  [[nodiscard]] const std::vector<BadRow>& bad_rows() const { return bad_rows_; }
  /// Labels of a category column, numbered as this parser met them.
  [[nodiscard]] const LabelTable& labels(std::size_t column) const { return labels_[column]; }
  [[nodiscard]] std::int64_t label_bytes() const;
  /// Bit k: a time of the table was no multiple of TimeUnit k.
  [[nodiscard]] std::int64_t inexact_units() const { return inexact_units_; }

 private:
  using Values = std::variant<std::vector<std::int32_t>, std::vector<std::int64_t>, std::vector<double>>;
  struct ParsedColumn {
    Values values;
    std::vector<ParseStatus> statuses;
    const std::vector<std::string_view>* texts = nullptr;
    std::size_t bad = 0;
  };
  static constexpr std::size_t batch_rows = 2048;
  static constexpr std::int16_t unreadable = -2, kept = -1;

  void parse_columns(const CsvBatch& batch, const FileLayout& file);
  void parse_one(std::size_t column, std::span<const std::string_view> fields);
  void note_times(const std::vector<std::int64_t>& times, std::size_t rows);
  void judge(const CsvBatch& batch);
  void apply(const CleaningRule& rule, std::int16_t index, std::size_t rows);
  [[nodiscard]] bool hits_column(const DropMissing& rule, std::size_t column, std::size_t row) const;
  [[nodiscard]] bool hits_column(const DropPrefix& rule, std::size_t column, std::size_t row) const;
  [[nodiscard]] bool hits_column(const DropNonPositive& rule, std::size_t column, std::size_t row) const;
  [[nodiscard]] static bool hits_column(const DropDuplicates&, std::size_t, std::size_t) { return false; }
  [[nodiscard]] bool is_missing(std::size_t column, std::size_t row) const {
    return columns_[column].statuses[row] == ParseStatus::missing;
  }
  void report_bad(CsvBatch& batch, const FileLayout& file);
  [[nodiscard]] std::string reason_of(std::size_t row) const;
  void emit(const CsvBatch& batch, const FileLayout& file);
  void emit_row(std::size_t row, std::uint64_t position, RowDigest digest);
  [[nodiscard]] RowDigest digest_of(const CsvBatch& batch, std::size_t row);

  const TablePlan& plan_;
  int worker_;
  std::int32_t shards_;
  Repartition& rows_;
  Repartition* digests_;
  std::int64_t max_bad_rows_;

  std::optional<CsvRecords> records_;
  std::vector<ParsedColumn> columns_;
  std::vector<LabelTable> labels_;  ///< by column; unused ones stay empty
  std::vector<std::vector<std::size_t>> rule_columns_;
  std::vector<std::int16_t> verdicts_;  ///< by row: unreadable, kept, or the rule that removes it
  std::string scratch_;
  BalanceSheet sheet_;
  std::vector<BadRow> bad_rows_;
  std::int64_t inexact_units_ = 0;
};

}  // namespace cohort
