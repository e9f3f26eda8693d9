// SPDX-License-Identifier: Apache-2.0
#include "io/text/fimi.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "core/error.hpp"
#include "core/threads.hpp"
#include "io/durable_file.hpp"
#include "io/text/gzip_stream.hpp"

namespace cohort {
namespace {

constexpr std::int64_t block_bytes = std::int64_t{4} << 20;
constexpr std::int64_t look_back = 1;  // the byte before a block tells whether a line starts with it

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

std::string read_range(const InputFile& file, std::int64_t begin, std::int64_t end) {
  std::string text(static_cast<std::size_t>(end - begin), '\0');
  file.read(begin, std::as_writable_bytes(std::span(text)));
  return text;
}

/// The lines that start in [begin, end), whole; `begin` becomes where they start.
std::string read_lines(const InputFile& file, std::int64_t& begin, std::int64_t end) {
  const std::int64_t from = std::max<std::int64_t>(0, begin - look_back);
  std::string text = read_range(file, from, std::min(end, file.size()));
  if (begin > 0) {
    const std::size_t newline = text.find('\n');
    if (newline == std::string::npos) return {};
    begin = from + static_cast<std::int64_t>(newline) + 1;
    text.erase(0, newline + 1);
  }
  for (std::int64_t at = end; !text.empty() && text.back() != '\n' && at < file.size(); at += block_bytes) {
    const std::string more = read_range(file, at, std::min(file.size(), at + block_bytes));
    text += std::string_view(more).substr(0, std::min(more.find('\n'), more.size() - 1) + 1);
  }
  return text;
}

/// Whole lines of a compressed file, about `block_bytes` of them; "" at the end. `carry` keeps the cut line.
std::string next_lines(GzipStream& stream, std::string& carry) {
  std::string text = std::exchange(carry, {});
  for (;;) {
    const std::size_t begin = text.size();
    text.resize(begin + static_cast<std::size_t>(block_bytes));
    const std::size_t got = stream.read(std::span(text).subspan(begin));
    text.resize(begin + got);
    if (got == 0) return text;
    const std::size_t newline = text.rfind('\n');
    if (newline == std::string::npos) continue;
    carry = text.substr(newline + 1);
    text.resize(newline + 1);
    return text;
  }
}

}  // namespace

BasketFile::BasketFile(std::string path, BasketDialect dialect) : path_(std::move(path)), dialect_(dialect) {
  static_cast<void>(InputFile(path_));
}

void BasketFile::read(int rank, int ranks, int threads, const Sink& sink) const {
  if (path_.ends_with(".gz")) return read_gzip(rank, ranks, threads, sink);
  read_plain(rank, ranks, threads, sink);
}

void BasketFile::read_plain(int rank, int ranks, int threads, const Sink& sink) const {
  const InputFile file(path_);
  // Small files too are shared by all ranks and threads.
  const std::int64_t bytes =
      std::clamp<std::int64_t>(file.size() / (std::int64_t{4} * ranks * threads) + 1, 4096, block_bytes);
  const std::int64_t blocks = (file.size() + bytes - 1) / bytes;
  parallel_for(threads, (blocks - rank + ranks - 1) / ranks, [&](int worker, std::int64_t i) {
    std::int64_t begin = (rank + i * ranks) * bytes;
    const std::string text = read_lines(file, begin, begin + bytes);
    parse(text, begin, worker, sink);
  });
}

void BasketFile::read_gzip(int rank, int ranks, int threads, const Sink& sink) const {
  struct Piece {
    std::string text;
    std::int64_t offset;
  };
  GzipStream stream(path_);
  std::string carry;
  std::vector<Piece> batch;
  const auto parse_batch = [&] {
    parallel_for(threads, std::ssize(batch), [&](int worker, std::int64_t i) {
      const Piece& piece = batch[static_cast<std::size_t>(i)];
      parse(piece.text, piece.offset, worker, sink);
    });
    batch.clear();
  };
  std::int64_t offset = 0;
  for (std::int64_t number = 0;; ++number) {
    std::string text = next_lines(stream, carry);
    if (text.empty()) break;
    const std::int64_t begin = offset;
    offset += std::ssize(text);
    if (number % ranks == rank) batch.push_back({std::move(text), begin});
    if (std::ssize(batch) == threads) parse_batch();
  }
  parse_batch();
}

void BasketFile::parse(std::string_view text, std::int64_t offset, int worker, const Sink& sink) const {
  const bool spmf = dialect_ == BasketDialect::spmf;
  std::vector<std::int64_t> items;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const std::int64_t place = offset + (at - text.data());
    const char* const line_end = std::find(at, end, '\n');
    const bool comment = spmf && (*at == '#' || *at == '%' || *at == '@');
    bool blank = true;
    items.clear();
    while (at < line_end && !comment) {
      if (is_blank(*at)) {
        ++at;
        continue;
      }
      blank = false;
      std::int64_t item = 0;
      const auto [rest, error] = std::from_chars(at, line_end, item);
      const bool separator = spmf && (item == -1 || item == -2);
      if (error != std::errc() || (rest < line_end && !is_blank(*rest)) || (item < 0 && !separator))
        fail_at(offset + (at - text.data()), {at, std::find_if(at, line_end, is_blank)});
      if (!separator) items.push_back(item);
      at = rest;
    }
    if (!(spmf && (blank || comment))) sink(worker, place, items);
    at = line_end + 1;
  }
}

/// Finds the line by reading the file again up to the place.
void BasketFile::fail_at(std::int64_t offset, std::string_view found) const {
  std::string before;
  if (path_.ends_with(".gz")) {
    GzipStream stream(path_);
    before.resize(static_cast<std::size_t>(offset));
    stream.read(before);
  } else {
    before = read_range(InputFile(path_), 0, offset);
  }
  throw Error(ExitCode::bad_data,
              fmt::format("{}, line {}, column {}: '{}' is no item: a whole number from 0 is expected", path_,
                          std::count(before.begin(), before.end(), '\n') + 1,
                          before.size() - (before.rfind('\n') + 1) + 1, found.substr(0, 40)),
              "correct the line, or say which format the file has (format: fimi or spmf)");
}

}  // namespace cohort
