// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/row_parser.hpp"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "core/error.hpp"
#include "core/shard_hash.hpp"
#include "io/text/text_standard.hpp"

namespace cohort {
namespace {

constexpr std::size_t quoted_text_limit = 200;

/// Whether all bytes are ASCII other than NUL. Written so that the compiler uses vectors.
bool is_plain_ascii(std::string_view text) {
  unsigned char seen = 0, least = 0xFF;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    seen |= byte;
    least = byte < least ? byte : least;
  }
  return seen < 0x80 && least > 0;
}

}  // namespace

RowParser::RowParser(const TablePlan& plan, int worker, std::int32_t shards, Repartition& rows, Repartition* digests,
                     std::int64_t max_bad_rows)
    : plan_(plan),
      worker_(worker),
      shards_(shards),
      rows_(rows),
      digests_(digests),
      max_bad_rows_(max_bad_rows),
      columns_(plan.schema.columns.size()),
      labels_(plan.schema.columns.size()),
      rules_(plan.schema, plan.rules, plan.lookups.get()),
      texts_(plan.schema.columns.size()),
      looked_up_(plan.schema.columns.size()),
      lookup_fields_(plan.schema.columns.size(), -1) {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    switch (storage_of(plan.schema.columns[c].column.type)) {
      case Storage::int32: columns_[c].values = std::vector<std::int32_t>(batch_rows); break;
      case Storage::int64: columns_[c].values = std::vector<std::int64_t>(batch_rows); break;
      case Storage::float64: columns_[c].values = std::vector<double>(batch_rows); break;
      case Storage::text: break;
    }
    columns_[c].statuses.resize(batch_rows);
    if (c > 0 && storage_of(plan.schema.columns[c].column.type) != Storage::text)
      fixed_fields_.push_back(fixed_field(c));
    const SourceColumn& source = plan.schema.columns[c];
    auto texts = std::make_unique<ColumnTexts>(plan, c);
    if (!texts->is_identity()) texts_[c] = std::move(texts);
    if (!source.lookup.empty())
      lookup_fields_[c] = static_cast<std::int64_t>(plan.lookups->at(source.lookup).field(source.lookup_field));
  }
  for (const CleaningRule& rule : plan.rules) counts_.emplace_back(rule, plan.schema);
  sheet_.rules.resize(plan.rules.size());
}

std::int64_t RowParser::label_bytes() const {
  return std::accumulate(labels_.begin(), labels_.end(), std::int64_t{0},
                         [](std::int64_t sum, const LabelTable& table) { return sum + table.memory_bytes(); }) +
         std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0},
                         [](std::int64_t sum, const ValueCounts& counts) { return sum + counts.memory_bytes(); });
}

void RowParser::parse(const CsvSpan& span, const FileLayout& file, CsvDialect dialect) {
  // With digests every field of the file is needed, else those of the schema.
  std::vector<std::size_t> needed = file.positions;
  if (digests_ != nullptr) {
    needed.resize(file.names.size());
    std::iota(needed.begin(), needed.end(), std::size_t{0});
  }
  if (file.is_json) {
    records_.emplace(dialect, 1, std::vector<std::size_t>{0});
    objects_.emplace(file.names);
  } else {
    records_.emplace(dialect, file.names.size(), needed);
  }
  records_->start(span);
  is_plain_ = !file.is_json && is_plain_ascii(span.text);  // JSON escapes may stand for any character
  CsvBatch batch, lines;
  while (records_->next_batch(file.is_json ? lines : batch, batch_rows)) {
    if (file.is_json) objects_->split(lines, needed, batch);
    sheet_.read += static_cast<std::int64_t>(batch.rows + batch.ragged.size());
    parse_columns(batch, file);
    judge(batch);
    report_bad(batch, file);
    emit(batch, file.rank);
  }
}

void RowParser::parse_columns(const CsvBatch& batch, const FileLayout& file) {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (c == 0 && plan_.schema.numbered_customers) {
      auto& numbers = std::get<std::vector<std::int64_t>>(columns_[c].values);
      for (std::size_t row = 0; row < batch.rows; ++row)
        numbers[row] = records_->line_of(batch.offsets[row]) - (file.is_json ? 0 : 1);
      continue;
    }
    if (!plan_.schema.columns[c].in_file()) continue;
    const std::vector<std::string_view>& texts = batch.columns[digests_ != nullptr ? file.positions[c] : c];
    columns_[c].texts = &texts;
    parse_one(c, std::span(texts).first(batch.rows));
  }
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (lookup_fields_[c] >= 0) look_up(c, batch.rows);
    if (plan_.schema.columns[c].source_name == "$flag")
      std::fill_n(std::get<std::vector<std::int32_t>>(columns_[c].values).begin(), batch.rows, 0);
  }
}

void RowParser::look_up(std::size_t c, std::size_t rows) {
  const SourceColumn& source = plan_.schema.columns[c];
  const LookupTable& table = plan_.lookups->at(source.lookup);
  const std::vector<std::string_view>& keys = *columns_[source.lookup_key].texts;
  looked_up_[c].resize(rows);
  for (std::size_t row = 0; row < rows; ++row)
    looked_up_[c][row] = table.find(keys[row], static_cast<std::size_t>(lookup_fields_[c]));
  columns_[c].texts = &looked_up_[c];
  parse_one(c, looked_up_[c]);
}

void RowParser::parse_one(std::size_t c, std::span<const std::string_view> fields) {
  ParsedColumn& parsed = columns_[c];
  const SourceColumn& source = plan_.schema.columns[c];
  parsed.bad = 0;
  if (texts_[c] != nullptr) {
    parsed.texts = &texts_[c]->run(fields, sheet_);
    fields = std::span(*parsed.texts);
  }
  if (source.column.type == ColumnType::category || source.column.type == ColumnType::text) {
    for (std::size_t row = 0; row < fields.size(); ++row)
      parsed.statuses[row] = fields[row].empty() ? ParseStatus::missing : ParseStatus::ok;
    if (!is_plain_) refuse_bad_text(parsed, fields.size());
  } else {
    std::visit(
        [&](auto& values) {
          parsed.bad = parse_column(source.column, source.format, fields, values.data(), parsed.statuses.data());
        },
        parsed.values);
    if (source.column.type == ColumnType::timestamp)
      note_times(std::get<std::vector<std::int64_t>>(parsed.values), fields.size());
  }
  if (texts_[c] != nullptr) parsed.bad += texts_[c]->refuse(parsed.statuses);
}

void RowParser::refuse_bad_text(ParsedColumn& parsed, std::size_t rows) const {
  for (std::size_t row = 0; row < rows; ++row) {
    if (is_clean_utf8((*parsed.texts)[row])) continue;
    parsed.statuses[row] = ParseStatus::not_text;
    ++parsed.bad;
  }
}

void RowParser::note_times(const std::vector<std::int64_t>& times, std::size_t rows) {
  for (const TimeUnit unit :
       {TimeUnit::day, TimeUnit::hour, TimeUnit::minute, TimeUnit::second, TimeUnit::millisecond}) {
    const std::int64_t bit = std::int64_t{1} << static_cast<int>(unit);
    if ((inexact_units_ & bit) != 0) continue;
    const std::int64_t microseconds = microseconds_per(unit);
    for (std::size_t row = 0; row < rows; ++row) {
      if (times[row] != missing_int64 && times[row] % microseconds != 0) {
        inexact_units_ |= bit;
        break;
      }
    }
  }
}

/// Decides what becomes of each row: unreadable, removed by the first rule that hits, or kept.
void RowParser::judge(const CsvBatch& batch) {
  verdicts_.assign(batch.rows, kept);
  for (const ParsedColumn& column : columns_) {
    if (column.bad == 0) continue;
    for (std::size_t row = 0; row < batch.rows; ++row) {
      if (!is_good(column.statuses[row])) verdicts_[row] = unreadable;
    }
  }
  rules_.apply(columns_, verdicts_, sheet_);
  // An event without a customer or a time has no place; only a rule may remove it.
  const std::size_t keys = plan_.schema.events ? 2 : 1;
  for (std::size_t c = plan_.schema.numbered_customers ? 1 : 0; c < keys; ++c) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      if (verdicts_[row] == kept && is_missing(c, row)) verdicts_[row] = unreadable;
    }
  }
}

void RowParser::report_bad(CsvBatch& batch, const FileLayout& file) {
  std::vector<std::pair<std::int64_t, std::string>> found;  // offset and reason, in the order of the file
  for (const CsvBatch::Ragged& row : batch.ragged) {
    found.emplace_back(row.offset,
                       file.is_json ? "no JSON object of plain values, each key once"
                                    : fmt::format("{} fields where the header has {}", row.fields, file.names.size()));
  }
  for (std::size_t row = 0; row < batch.rows; ++row) {
    if (verdicts_[row] == unreadable) found.emplace_back(batch.offsets[row], reason_of(plan_.schema, columns_, row));
  }
  std::sort(found.begin(), found.end());
  for (auto& [offset, reason] : found) {
    ++sheet_.bad;
    const std::int64_t line = records_->line_of(offset);
    if (sheet_.bad > max_bad_rows_) {
      throw Error(ExitCode::bad_data, fmt::format("{}:{}: {}", file.path, line, reason),
                  max_bad_rows_ == 0 ? "mend the row, declare another type or format, or allow some with max_bad_rows"
                                     : fmt::format("more than max_bad_rows = {} rows are bad; mend them or allow more",
                                                   max_bad_rows_));
    }
    bad_rows_.push_back({.position = file.rank << RowPlace::offset_bits | static_cast<std::uint64_t>(offset),
                         .file = std::filesystem::path(file.path).filename().string(),
                         .line = line,
                         .reason = std::move(reason),
                         .text = std::string(records_->text_of(offset).substr(0, quoted_text_limit))});
  }
}

RowDigest RowParser::digest_of(const CsvBatch& batch, std::size_t row) {
  scratch_.clear();
  for (const auto& column : batch.columns) {
    const auto length = static_cast<std::uint32_t>(column[row].size());
    scratch_.append(reinterpret_cast<const char*>(&length), sizeof length);  // so that ("a", "bc") is not ("ab", "c")
    scratch_.append(column[row]);
  }
  const XXH128_hash_t hash = XXH3_128bits(scratch_.data(), scratch_.size());
  return RowDigest{hash.high64} << 64 | hash.low64;
}

/// Numbers the labels of the rows that stay, so that no dictionary holds a label of removed rows.
void RowParser::number_labels(std::size_t rows) {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (plan_.schema.columns[c].column.type != ColumnType::category) continue;
    auto& codes = std::get<std::vector<std::int32_t>>(columns_[c].values);
    const std::vector<std::string_view>& texts = *columns_[c].texts;
    for (std::size_t row = 0; row < rows; ++row) {
      if (verdicts_[row] == kept) codes[row] = texts[row].empty() ? missing_int32 : labels_[c].number_of(texts[row]);
    }
  }
}

void RowParser::emit(const CsvBatch& batch, std::uint64_t file) {
  number_labels(batch.rows);
  for (std::size_t row = 0; row < batch.rows; ++row) {
    if (verdicts_[row] == unreadable) continue;
    RowDigest digest = 0;
    if (digests_ != nullptr) {
      digest = digest_of(batch, row);
      const DigestRecord record{.digest = digest, .first_rule = verdicts_[row], .table = plan_.table};
      const std::int64_t partition = detail::shard_of_hash(static_cast<std::uint64_t>(digest), shards_);
      std::memcpy(digests_->append(worker_, partition, sizeof record), &record, sizeof record);
    }
    if (verdicts_[row] != kept) continue;
    std::byte* out = emit_row(row, digest);
    if (plan_.format.with_place()) {
      const RowPlace place{.position = file << RowPlace::offset_bits | static_cast<std::uint64_t>(batch.offsets[row]),
                           .line = records_->line_of(batch.offsets[row])};
      RowFormat::store(out, plan_.format.place_offset(), place);
    }
    for (ValueCounts& counts : counts_) counts.add(columns_, row);
  }
}

RowParser::FixedField RowParser::fixed_field(std::size_t column) const {
  return std::visit(
      [&](const auto& values) {
        return FixedField{.values = reinterpret_cast<const std::byte*>(values.data()),
                          .is_wide = sizeof(values[0]) == sizeof(std::int64_t),
                          .offset = plan_.format.offset(column)};
      },
      columns_[column].values);
}

std::byte* RowParser::emit_row(std::size_t row, RowDigest digest) {
  const RowFormat& format = plan_.format;
  std::size_t bytes = format.fixed_bytes();
  for (const std::size_t c : format.texts()) bytes += sizeof(std::uint32_t) + (*columns_[c].texts)[row].size();
  bytes = (bytes + 7) / 8 * 8;

  const bool text_customer = plan_.schema.columns[0].column.type == ColumnType::text;
  const std::string_view id = text_customer ? (*columns_[0].texts)[row] : std::string_view{};
  const std::int64_t number = text_customer ? 0 : std::get<std::vector<std::int64_t>>(columns_[0].values)[row];
  const RowHeader header{
      .bytes = static_cast<std::uint32_t>(bytes),
      .table = plan_.table,
      .customer = text_customer ? XXH3_64bits(id.data(), id.size()) : static_cast<std::uint64_t>(number)};
  const std::int32_t shard = text_customer ? shard_of_customer(id, shards_) : shard_of_customer(number, shards_);
  std::byte* out = rows_.append(worker_, shard, bytes);
  RowFormat::store(out, 0, header);
  if (format.with_digest()) RowFormat::store(out, sizeof header, digest);
  for (const FixedField& field : fixed_fields_) {
    if (field.is_wide)
      std::memcpy(out + field.offset, field.values + row * 8, 8);
    else
      std::memcpy(out + field.offset, field.values + row * 4, 4);
  }
  std::size_t at = format.fixed_bytes();
  for (const std::size_t c : format.texts()) {
    const std::string_view text = (*columns_[c].texts)[row];
    RowFormat::store(out, at, static_cast<std::uint32_t>(text.size()));
    std::copy(text.begin(), text.end(), reinterpret_cast<char*>(out) + at + sizeof(std::uint32_t));
    at += sizeof(std::uint32_t) + text.size();
  }
  return out;
}

}  // namespace cohort
