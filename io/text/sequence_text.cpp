// SPDX-License-Identifier: Apache-2.0
#include "io/text/sequence_text.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <functional>
#include <string_view>

#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "io/text/gzip_stream.hpp"

namespace cohort {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;
constexpr std::int64_t lines_per_run = 1024;

/// The bytes of a file in order, unpacked if it begins like gzip.
std::function<std::size_t(std::span<char>)> open_text(const std::string& path) {
  auto file = std::make_shared<InputFile>(path);
  std::array<std::byte, 2> magic{};
  if (file->size() >= 2) file->read(0, magic);
  if (magic == std::array{std::byte{0x1f}, std::byte{0x8b}}) {
    return [stream = std::make_shared<GzipStream>(path)](std::span<char> out) { return stream->read(out); };
  }
  return [file, at = std::int64_t{0}](std::span<char> out) mutable {
    const std::int64_t bytes = std::min(std::ssize(out), file->size() - at);
    file->read(at, std::as_writable_bytes(out.first(static_cast<std::size_t>(bytes))));
    at += bytes;
    return static_cast<std::size_t>(bytes);
  };
}

/// Calls work(line, number from 1) for each line, without its end.
void for_each_line(const std::string& path, const std::function<void(std::string_view, std::int64_t)>& work) {
  const auto read = open_text(path);
  std::string buffer;
  std::int64_t number = 0;
  for (bool more = true; more;) {
    const std::size_t kept = buffer.size();
    buffer.resize(kept + piece_bytes);
    const std::size_t bytes = read(std::span(buffer).subspan(kept));
    buffer.resize(kept + bytes);
    more = bytes == piece_bytes;
    std::size_t begin = 0;
    for (std::size_t end = buffer.find('\n', kept); end != std::string::npos; end = buffer.find('\n', begin)) {
      work(std::string_view(buffer).substr(begin, end - begin), ++number);
      begin = end + 1;
    }
    buffer.erase(0, begin);
  }
  if (!buffer.empty()) work(buffer, ++number);
}

class LineParser {
 public:
  LineParser(const std::string& path, std::vector<std::int64_t>& tokens) : path_(path), tokens_(tokens) {}

  void parse(std::string_view line, std::int64_t number) {
    const std::size_t first = tokens_.size();
    bool marked = false, ended = false;
    for (std::size_t at = 0; (at = line.find_first_not_of(" \t\r", at)) != std::string_view::npos;) {
      if (ended) throw error(line, number, at, "stands after the end of the sequence, -2");
      const std::int64_t token = token_at(line, number, at);
      marked = marked || token < 0;
      ended = token == end_of_sequence;
      if (!ended) tokens_.push_back(token);
    }
    if (!marked) mark_each(first);
    if (tokens_.size() > first && tokens_.back() != end_of_element) tokens_.push_back(end_of_element);
    tokens_.push_back(end_of_sequence);
  }

 private:
  std::int64_t token_at(std::string_view line, std::int64_t number, std::size_t& at) const {
    std::int64_t token = 0;
    const char* const begin = line.data() + at;
    const auto [end, status] = std::from_chars(begin, line.data() + line.size(), token);
    const bool whole = end == line.data() + line.size() || std::strchr(" \t\r", *end) != nullptr;
    if (status != std::errc{} || !whole || token < end_of_sequence) {
      throw error(line, number, at, "is no item: a whole number from 0, or the marks -1 and -2");
    }
    at = static_cast<std::size_t>(end - line.data());
    return token;
  }

  /// A line without marks: each item is an element.
  void mark_each(std::size_t first) {
    const std::size_t items = tokens_.size() - first;
    tokens_.resize(first + 2 * items);
    for (std::size_t i = items; i-- > 0;) {
      tokens_[first + 2 * i] = tokens_[first + i];
      tokens_[first + 2 * i + 1] = end_of_element;
    }
  }

  [[nodiscard]] Error error(std::string_view line, std::int64_t number, std::size_t at, std::string_view why) const {
    const std::string_view rest = line.substr(at);
    return {ExitCode::bad_data,
            fmt::format("{}, line {}, column {}: '{}' {}", path_, number, at + 1,
                        rest.substr(0, std::min<std::size_t>(rest.find_first_of(" \t\r"), 40)), why),
            "write each sequence on a line in SPMF's format: 3 7 -1 5 -1 -2"};
  }

  const std::string& path_;
  std::vector<std::int64_t>& tokens_;
};

}  // namespace

SequenceText read_sequence_text(const std::string& path, int part, int parts) {
  SequenceText text;
  LineParser parser(path, text.tokens);
  for_each_line(path, [&](std::string_view line, std::int64_t number) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || std::strchr("#%@", line[first]) != nullptr) return;
    const std::int64_t index = text.lines++;
    if (index / lines_per_run % parts != part) return;
    parser.parse(line, number);
    text.rows.push_back(index);
  });
  return text;
}

}  // namespace cohort
