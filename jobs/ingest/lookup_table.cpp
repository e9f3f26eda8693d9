// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/lookup_table.hpp"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "core/error.hpp"
#include "io/text/csv_header.hpp"
#include "io/text/csv_unit_reader.hpp"
#include "io/text/text_standard.hpp"

namespace cohort {
namespace {

constexpr std::size_t batch_rows = 2048;

[[noreturn]] void fail_row(const std::string& path, std::int64_t line, const std::string& why) {
  throw Error(ExitCode::bad_data, fmt::format("{}:{}: {}", path, line, why),
              "mend the lookup table, which has one row a key, or declare its encoding");
}

}  // namespace

LookupTable::LookupTable(const CsvFile& file, const LookupParams& params, std::int64_t limit)
    : path_(file.path), delimiter_(delimiter_byte(params.delimiter)), limit_(limit) {
  const CsvSource csv({file}, {.delimiter = delimiter_});
  std::vector<CsvUnitScan> scans;
  for (std::size_t unit = 0; unit < csv.units().size(); ++unit) scans.push_back(csv.scan(unit));
  source_ = {.hash = hex(csv.content_hash(0, scans)),
             .name = std::filesystem::path(path_).filename().string(),
             .bytes = file.bytes};
  TextDecoder decoder(params.encoding);
  const CsvHeader header = read_header(csv, 0, params.encoding);
  names_ = header.names();
  key_ = header.find(std::vector{params.key}).front();
  const std::vector<CsvUnitPlan> plans = csv.plan(scans);
  for (std::size_t unit = 0; unit < plans.size(); ++unit) {
    CsvUnitReader reader(csv, unit, plans[unit]);
    std::string buffer;
    CsvSpan span;
    while (reader.next(buffer, span)) read_span(span, decoder);
  }
}

void LookupTable::read_span(const CsvSpan& span, TextDecoder& decoder) {
  std::vector<std::size_t> all(names_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  CsvRecords records(delimiter_, names_.size(), all);
  records.start(span);
  CsvBatch batch;
  while (records.next_batch(batch, batch_rows)) {
    if (!batch.ragged.empty()) {
      fail_row(path_, records.line_of(batch.ragged[0].offset),
               fmt::format("{} fields where the header has {}", batch.ragged[0].fields, names_.size()));
    }
    for (std::size_t row = 0; row < batch.rows; ++row) {
      const std::string why = add_row(batch, row, decoder);
      if (!why.empty()) fail_row(path_, records.line_of(batch.offsets[row]), why);
    }
    if (bytes_ <= limit_) continue;
    throw Error(ExitCode::plan_refused, fmt::format("lookup table {} outgrows {} bytes", path_, limit_),
                "give each rank more memory, or join the columns before");
  }
}

std::string LookupTable::add_row(const CsvBatch& batch, std::size_t row, TextDecoder& decoder) {
  std::vector<std::string> fields;
  for (const auto& column : batch.columns) {
    std::optional<std::string> text = decoder.decode(column[row]);
    if (!text || !is_clean_utf8(*text)) return "a field holds a NUL, or bytes that are not of the file's encoding";
    bytes_ += std::ssize(fields.emplace_back(std::move(*text)));
  }
  const std::string name = fields[key_];
  if (name.empty()) return "the key is empty";
  return rows_.emplace(name, std::move(fields)).second ? "" : fmt::format("the key '{}' stands twice", name);
}

std::size_t LookupTable::field(const std::string& name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
  const std::string near = nearest(name, names_);
  throw Error(ExitCode::bad_data, fmt::format("{}: there is no column '{}'", path_, name),
              near.empty() ? fmt::format("the columns are: {}", fmt::join(names_, ", "))
                           : fmt::format("did you mean '{}'?", near));
}

std::string_view LookupTable::find(std::string_view key, std::size_t index) const {
  const auto row = rows_.find(std::string(key));
  return row == rows_.end() ? std::string_view{} : std::string_view(row->second[index]);
}

}  // namespace cohort
