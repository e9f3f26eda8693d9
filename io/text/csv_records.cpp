// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_records.hpp"

#include <algorithm>
#include <utility>

namespace cohort {
namespace {

constexpr std::size_t window_bytes = 32 * 1024;
constexpr std::size_t window_blocks = window_bytes / csv_block_bytes;
constexpr std::uint32_t position_bits = csv_record_end - 1;
constexpr std::size_t last_bit = csv_block_bytes - 1;

/// Where the field after the one that ends at `end` begins; 0 for the end "before" a text, all position bits set.
std::uint32_t begin_after(std::uint32_t end) {
  return (end + 1) & position_bits;
}

}  // namespace

CsvRecords::CsvRecords(CsvDialect dialect, std::size_t fields, std::vector<std::size_t> needed)
    : dialect_(dialect), fields_(fields), needed_(std::move(needed)), marks_(window_blocks), blocks_(window_blocks) {
  start({});
}

void CsvRecords::start(const CsvSpan& span) {
  span_ = span;
  ends_.assign({position_bits, csv_record_end});
  taken_ = 0;
  listed_ = 1;
  window_ = 0;
  previous_ = {.quotes = 0, .delimiters = 0, .newlines = std::uint64_t{1} << last_bit, .returns = 0};
  previous_inside_ = 0;
  quoted_ = false;
  counted_to_ = 0;
  line_ = span.line;
}

bool CsvRecords::next_batch(CsvBatch& batch, std::size_t rows) {
  unquoted_.release();
  batch.columns.resize(needed_.size());
  for (auto& column : batch.columns) column.resize(std::max(column.size(), rows));
  batch.offsets.resize(std::max(batch.offsets.size(), rows));
  batch.ragged.clear();
  batch.rows = 0;
  do {
    quoted_ ? take_records<true>(batch, rows) : take_records<false>(batch, rows);
  } while (batch.rows + batch.ragged.size() < rows && list_window());
  return batch.rows > 0 || !batch.ragged.empty();
}

template <bool quoted>
void CsvRecords::take_records(CsvBatch& batch, std::size_t rows) {
  const char* const text = span_.text.data();
  while (batch.rows + batch.ragged.size() < rows) {
    const std::uint32_t* const ends = ends_.data() + taken_;
    std::size_t fields = 1;
    while (ends[fields] < csv_record_end) ++fields;
    if (taken_ + fields >= listed_) return;
    taken_ += fields;
    const std::uint32_t begin = begin_after(ends[0]);
    if (fields == 1 && (ends[1] & position_bits) == begin) continue;  // a blank line
    const std::int64_t offset = span_.offset + begin;
    if (fields != fields_) {
      batch.ragged.push_back({offset, fields});
      continue;
    }
    for (std::size_t i = 0; i < needed_.size(); ++i) {
      const std::uint32_t from = begin_after(ends[needed_[i]]);
      const std::uint32_t to = ends[needed_[i] + 1] & position_bits;
      const std::string_view field(text + from, to - from);
      batch.columns[i][batch.rows] = quoted && from < to && text[from] == '"' ? unquote(field) : field;
    }
    batch.offsets[batch.rows++] = offset;
  }
}

/// Lists the field ends of the next window behind those not taken yet; false at the end of the span.
bool CsvRecords::list_window() {
  const std::string_view window = span_.text.substr(window_, window_bytes);
  if (window.empty()) return false;
  std::copy(ends_.begin() + static_cast<std::ptrdiff_t>(taken_), ends_.begin() + static_cast<std::ptrdiff_t>(listed_),
            ends_.begin());
  listed_ -= std::exchange(taken_, 0);
  ends_.resize(std::max(ends_.size(), listed_ + window_bytes + csv_block_bytes));

  const std::size_t blocks = (window.size() + csv_block_bytes - 1) / csv_block_bytes;
  find_marks(window, dialect_, marks_.data());
  for (std::size_t i = 0; i < blocks; ++i) blocks_[i] = resolve(marks_[i]);
  std::uint32_t* end =
      list_ends(std::span(blocks_).first(blocks), static_cast<std::uint32_t>(window_), ends_.data() + listed_);
  window_ += window.size();
  const bool at_end = window_ == span_.text.size();
  if (at_end &&
      state_after(previous_, previous_inside_, (window.size() - 1) % csv_block_bytes) != CsvState::record_start) {
    *end++ = static_cast<std::uint32_t>(window_) | csv_record_end;
  }
  listed_ = static_cast<std::size_t>(end - ends_.data());
  *end = csv_record_end;
  return true;
}

CsvEnds CsvRecords::resolve(const CsvMarks& raw) {
  CsvMarks marks = raw;
  quoted_ = quoted_ || raw.quotes != 0;
  std::uint64_t inside = 0 - (previous_inside_ >> last_bit);
  if (marks.quotes != 0) inside = inside_quotes(marks, state_after(previous_, previous_inside_, last_bit));
  previous_ = marks;
  previous_inside_ = inside;
  return {(marks.delimiters | marks.newlines) & ~inside, marks.newlines & ~inside};
}

std::string_view CsvRecords::unquote(std::string_view raw) {
  if (raw.find('"', 1) == raw.size() - 1 && raw.size() > 1) return raw.substr(1, raw.size() - 2);
  char* const copy = static_cast<char*>(unquoted_.allocate(raw.size(), 1));
  char* out = copy;
  bool inside = true;
  for (std::size_t i = 1; i < raw.size(); ++i) {
    const bool doubled = i + 1 < raw.size() && raw[i + 1] == '"';
    if (inside && raw[i] == '"' && !doubled) {
      inside = false;
      continue;
    }
    if (inside && raw[i] == '"') ++i;
    *out++ = raw[i];
  }
  return {copy, static_cast<std::size_t>(out - copy)};
}

std::int64_t CsvRecords::line_of(std::int64_t offset) {
  const auto position = static_cast<std::size_t>(offset - span_.offset);
  if (position < counted_to_) {
    counted_to_ = 0;
    line_ = span_.line;
  }
  const bool after_return = counted_to_ > 0 && span_.text[counted_to_ - 1] == '\r';
  line_ += count_newlines(span_.text.substr(counted_to_, position - counted_to_), after_return);
  counted_to_ = position;
  return line_;
}

std::string_view CsvRecords::text_of(std::int64_t offset) const {
  const std::string_view rest = span_.text.substr(static_cast<std::size_t>(offset - span_.offset));
  return rest.substr(0, find_record_end(rest, CsvState::record_start, dialect_));
}

}  // namespace cohort
