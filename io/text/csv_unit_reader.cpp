// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_unit_reader.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/fault_points.hpp"
#include "io/durable_file.hpp"

namespace cohort {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view newline_bytes = "\r\n";
constexpr std::int64_t extension_bytes = 256 * 1024;
constexpr std::int64_t first_extension_bytes = 4096;  // nearly always enough for the rest of a record

/// Appends up to `bytes` decompressed bytes; returns how many there were.
std::size_t append(CompressedStream& stream, std::size_t bytes, std::string& buffer) {
  const std::size_t before = buffer.size();
  buffer.resize(before + bytes);
  buffer.resize(before + stream.read(std::span(buffer).subspan(before)));
  return buffer.size() - before;
}

void append(const InputFile& file, std::int64_t at, std::int64_t bytes, std::string& buffer) {
  const std::size_t before = buffer.size();
  buffer.resize(before + static_cast<std::size_t>(bytes));
  file.read(at, std::as_writable_bytes(std::span(buffer).subspan(before)));
}

/// Throws for a record that starts in line `line` and has no end, in the file or below the limit on its length.
[[noreturn]] void fail_record(std::string_view record, std::int64_t line, const CsvFile& file,
                              const CsvOptions& options) {
  // What is read behind the limit differs with the split of the file; the message must not.
  const auto limit = static_cast<std::size_t>(options.max_record_bytes);
  const bool too_long = record.size() > limit;
  record = record.substr(0, limit + 1);
  CsvState state = CsvState::record_start;
  std::size_t opened = 0;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const CsvState after = step(state, record[i], options.dialect());
    if (after == CsvState::quoted && state <= CsvState::field_start) opened = i;
    state = after;
  }
  if (state == CsvState::quoted) {
    const std::string where = too_long ? fmt::format("{} bytes into its record", limit) : "at the end of the file";
    throw Error(ExitCode::bad_data,
                fmt::format("{}:{}: a quote opened in this line is still open {}", file.path,
                            line + count_newlines(record.substr(0, opened)), where),
                "close the quote; inside quotes write a quote twice");
  }
  throw Error(ExitCode::bad_data,
              fmt::format("{}:{}: the record that starts here is longer than {} bytes", file.path, line, limit),
              "check that the file is CSV text");
}

/// Cuts newlines off the front of a span that starts between records.
void skip_newlines(CsvSpan& span, bool after_return) {
  const std::size_t blank = std::min(span.text.find_first_not_of(newline_bytes), span.text.size());
  span.line += count_newlines(span.text.substr(0, blank), after_return);
  span.offset += static_cast<std::int64_t>(blank);
  span.text.remove_prefix(blank);
}

}  // namespace

CsvUnitReader::CsvUnitReader(const CsvSource& source, std::size_t unit, const CsvUnitPlan& plan)
    : source_(source),
      file_(source.files()[static_cast<std::size_t>(source.units().at(unit).file)]),
      unit_(source.units()[unit]),
      plan_(plan),
      header_ahead_(plan.starts_file && source.options().header),
      line_(1 + plan.newlines_before) {
  if (file_.is_compressed()) stream_ = open_compressed(file_.path, file_.compression);
}

bool CsvUnitReader::next(std::string& buffer, CsvSpan& span) {
  fault_point("csv.read");
  while (!done_) {
    span = file_.is_compressed() ? read_compressed(buffer) : read_plain(buffer);
    if (header_ahead_ && !span.text.empty()) drop_header(span);
    if (done_) file_.check_unchanged();
    if (!span.text.empty()) return true;
  }
  return false;
}

CsvSpan CsvUnitReader::read_plain(std::string& buffer) {
  done_ = true;
  if (plan_.first_record < 0) return {};
  const auto bytes = static_cast<std::size_t>(unit_.end - unit_.begin);
  buffer.reserve(bytes + extension_bytes);  // or the rest of a record would have all of it copied
  buffer.resize(bytes);                     // not cleared: what is there need not be zeroed
  InputFile(file_.path).read(unit_.begin, std::as_writable_bytes(std::span(buffer)));
  if (plan_.exit != CsvState::record_start) read_rest_of_record(buffer);
  const auto first = static_cast<std::size_t>(plan_.first_record);
  const std::string_view text(buffer);
  return {text.substr(first), unit_.begin + plan_.first_record,
          line_ + count_newlines(text.substr(0, first), plan_.after_return)};
}

void CsvUnitReader::read_rest_of_record(std::string& buffer) const {
  const InputFile input(file_.path);
  const auto record = static_cast<std::size_t>(plan_.last_record);
  const auto longest = static_cast<std::size_t>(source_.options().max_record_bytes);
  const CsvDialect dialect = source_.options().dialect();
  CsvState state = plan_.exit;
  std::int64_t more = first_extension_bytes;
  for (std::int64_t at = unit_.end; at < file_.bytes; more = extension_bytes) {
    const std::size_t before = buffer.size();
    append(input, at, std::min(more, file_.bytes - at), buffer);
    const std::string_view fresh = std::string_view(buffer).substr(before);
    const std::size_t end = find_record_end(fresh, state, dialect);
    if (end != std::string_view::npos) buffer.resize(before + end);
    if (buffer.size() - record > longest) fail(buffer, record);
    if (end != std::string_view::npos) return;
    state = cohort::scan(fresh, dialect).from(state).exit;
    at += static_cast<std::int64_t>(fresh.size());
  }
  if (state == CsvState::quoted) fail(buffer, record);
}

CsvSpan CsvUnitReader::read_compressed(std::string& buffer) {
  const auto chunk = static_cast<std::size_t>(source_.options().unit_bytes);
  buffer = carried_;  // copied: the buffer keeps its memory
  std::size_t whole = 0;
  while (whole == 0 && !done_) {
    const std::size_t before = buffer.size();
    // The first read takes at least what tells a byte order mark.
    const std::size_t wanted = std::max(chunk, byte_order_mark.size());
    done_ = append(*stream_, wanted, buffer) < wanted;
    if (offset_ == 0 && before == 0 && buffer.starts_with(byte_order_mark)) {
      buffer.erase(0, byte_order_mark.size());
      offset_ = static_cast<std::int64_t>(byte_order_mark.size());
    }
    whole = whole_records(buffer, before);
  }
  carried_.assign(buffer, whole);
  buffer.resize(whole);
  CsvSpan span{buffer, offset_, line_};
  offset_ += static_cast<std::int64_t>(whole);
  line_ += count_newlines(buffer, after_return_);
  const bool after_return = std::exchange(after_return_, buffer.ends_with('\r'));
  skip_newlines(span, after_return);
  return span;
}

/// Bytes of `text` up to the record that goes on behind it; `text` starts between records, `fresh` is where it is new.
std::size_t CsvUnitReader::whole_records(std::string_view text, std::size_t fresh) {
  const CsvOptions& options = source_.options();
  const std::string_view added = text.substr(fresh);
  if (fresh > 0) {
    const std::size_t end = find_record_end(added, state_, options.dialect());
    const std::size_t record_bytes = end == std::string_view::npos ? text.size() : fresh + end;
    if (static_cast<std::int64_t>(record_bytes) > options.max_record_bytes) fail(text.substr(0, record_bytes), 0);
  }
  const CsvTransition transition = cohort::scan(added, options.dialect());
  const CsvTransition::Path& path = transition.from(state_);
  state_ = path.exit;
  const std::size_t last = path.records > 0 ? fresh + static_cast<std::size_t>(path.last_record) : 0;
  if (done_ && state_ == CsvState::quoted) fail(text, last);
  return done_ || state_ == CsvState::record_start ? text.size() : last;
}

void CsvUnitReader::fail(std::string_view text, std::size_t record) const {
  const std::int64_t before =
      count_newlines(text.substr(0, record), file_.is_compressed() ? after_return_ : plan_.after_return);
  fail_record(text.substr(record), line_ + before, file_, source_.options());
}

void CsvUnitReader::drop_header(CsvSpan& span) {
  header_ahead_ = false;
  const std::size_t end =
      std::min(find_record_end(span.text, CsvState::record_start, source_.options().dialect()), span.text.size());
  span.line += count_newlines(span.text.substr(0, end));
  span.offset += static_cast<std::int64_t>(end);
  span.text.remove_prefix(end);
  skip_newlines(span, false);
}

std::string read_csv_header(const CsvSource& source, std::int32_t number) {
  const CsvFile& file = source.files().at(static_cast<std::size_t>(number));
  const CsvOptions& options = source.options();
  const InputFile input(file.path);
  std::unique_ptr<CompressedStream> stream;
  if (file.is_compressed()) stream = open_compressed(file.path, file.compression);
  std::string text;
  // Doubling keeps the repeated search for the end of the header linear.
  for (std::int64_t wanted = 64 * 1024;; wanted *= 2) {
    const auto size = static_cast<std::int64_t>(text.size());
    const std::int64_t left = stream ? wanted : std::min(wanted, file.bytes - size);
    if (stream)
      append(*stream, static_cast<std::size_t>(wanted), text);
    else
      append(input, size, left, text);
    const bool ended = static_cast<std::int64_t>(text.size()) < size + wanted;
    CsvSpan span{text, 0, 1};
    if (span.text.starts_with(byte_order_mark)) span.text.remove_prefix(byte_order_mark.size());
    skip_newlines(span, false);
    const std::size_t end = find_record_end(span.text, CsvState::record_start, options.dialect());
    const std::string_view record = span.text.substr(0, end);
    const bool open = cohort::scan(record, options.dialect()).from(CsvState::record_start).exit == CsvState::quoted;
    if (static_cast<std::int64_t>(record.size()) > options.max_record_bytes || (ended && open)) {
      fail_record(record, span.line, file, options);
    }
    if (end != std::string_view::npos || ended) return std::string(record);
  }
}

}  // namespace cohort
