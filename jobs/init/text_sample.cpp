// SPDX-License-Identifier: Apache-2.0
#include "jobs/init/text_sample.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "io/text/compressed_stream.hpp"
#include "io/text/csv_automaton.hpp"
#include "io/text/csv_header.hpp"
#include "io/text/csv_source.hpp"
#include "io/text/text_encoding.hpp"
#include "io/text/text_standard.hpp"

namespace cohort {
namespace {

constexpr std::size_t rows_to_tell_delimiter = 100;

std::string read_text(const CsvFile& file, std::size_t sample_bytes, bool& whole) {
  std::string text(sample_bytes, '\0');
  if (file.is_compressed()) {
    text.resize(open_compressed(file.path, file.compression)->read(std::span(text)));
    whole = text.size() < sample_bytes;
  } else {
    text.resize(std::min(sample_bytes, static_cast<std::size_t>(file.bytes)));
    InputFile(file.path).read(0, std::as_writable_bytes(std::span(text)));
    whole = static_cast<std::int64_t>(text.size()) == file.bytes;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (!whole) text.resize(std::min(text.size(), text.rfind('\n') + 1));  // a cut record tells nothing
  return text;
}

/// Bytes above ASCII come in pairs in GB18030 and mostly alone in Latin text.
std::string guess_encoding(std::string_view text) {
  if (is_clean_utf8(text)) return "utf-8";
  std::size_t even = 0, odd = 0, run = 0;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      ++run;
    } else if (run > 0) {
      ++(run % 2 == 0 ? even : odd);
      run = 0;
    }
  }
  const bool gb18030 = even > 4 * odd && TextDecoder("gb18030").decode(text).has_value();
  return gb18030 ? "gb18030" : "latin-1";
}

/// The records of `text`, up to `limit` of them; blank lines are none.
std::vector<std::string_view> split_records(std::string_view text, char delimiter, std::size_t limit) {
  std::vector<std::string_view> records;
  while (!text.empty() && records.size() < limit) {
    text.remove_prefix(std::min(text.find_first_not_of("\r\n"), text.size()));
    const std::size_t end = std::min(find_record_end(text, CsvState::record_start, delimiter), text.size());
    if (end > 0) records.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return records;
}

/// The mark that splits the first records into the most fields, as many in each as in the header.
char guess_delimiter(std::string_view text) {
  char best = ',';
  std::size_t most = 1;
  for (const char mark : {',', ';', '\t', '|'}) {
    const std::vector<std::string_view> records = split_records(text, mark, rows_to_tell_delimiter);
    if (records.empty()) continue;
    const std::size_t fields = split_csv_record(records.front(), mark).size();
    const auto equal = std::count_if(records.begin(), records.end(), [&](std::string_view record) {
      return split_csv_record(record, mark).size() == fields;
    });
    if (fields <= most || equal * 10 < std::ssize(records) * 9) continue;
    most = fields;
    best = mark;
  }
  return best;
}

}  // namespace

TextSample read_sample(const std::string& path, std::size_t most_bytes) {
  bool whole = false;
  const std::string raw = read_text(CsvFile::look_at(path), most_bytes, whole);
  return sample_of(path, raw, whole);
}

TextSample sample_of(const std::string& path, const std::string& raw, bool whole) {
  TextSample sample{.path = path, .whole = whole, .bytes = raw.size()};
  sample.encoding = guess_encoding(raw);
  const std::optional<std::string> text = TextDecoder(sample.encoding).decode(raw);
  if (!text) {
    throw Error(ExitCode::bad_data, fmt::format("{} is no text: neither UTF-8 nor GB18030 nor Windows-1252", path),
                "convert it with iconv");
  }
  sample.delimiter = guess_delimiter(*text);
  const std::vector<std::string_view> records = split_records(*text, sample.delimiter, std::string::npos);
  sample.names = CsvHeader(path, records.empty() ? std::string_view{} : records.front(), sample.delimiter).names();
  sample.columns.resize(sample.names.size());
  for (std::size_t i = 1; i < records.size(); ++i) {
    std::vector<std::string> fields = split_csv_record(records[i], sample.delimiter);
    if (fields.size() != sample.names.size()) {
      ++sample.ragged;
      continue;
    }
    ++sample.rows;
    for (std::size_t c = 0; c < fields.size(); ++c) sample.columns[c].push_back(std::move(fields[c]));
  }
  return sample;
}

}  // namespace cohort
