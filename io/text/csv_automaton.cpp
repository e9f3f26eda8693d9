// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_automaton.hpp"

#include <algorithm>
#include <bit>

namespace cohort {
namespace {

constexpr std::size_t window_bytes = 16 * 1024;
constexpr std::size_t window_blocks = window_bytes / csv_block_bytes;

/// Bit i is the parity of bits 0..i.
std::uint64_t prefix_xor(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

std::uint64_t lowest_bit(std::uint64_t bits) {
  return bits & (~bits + 1);
}

/// Calls `visit(marks, position, size)` for each block of `text` until it returns false.
template <typename Visit>
void for_each_block(std::string_view text, CsvDialect dialect, Visit visit) {
  std::array<CsvMarks, window_blocks> marks;
  for (std::size_t window = 0; window < text.size(); window += window_bytes) {
    const std::string_view bytes = text.substr(window, window_bytes);
    find_marks(bytes, dialect, marks.data());
    for (std::size_t at = 0; at < bytes.size(); at += csv_block_bytes) {
      if (!visit(marks[at / csv_block_bytes], window + at, std::min(csv_block_bytes, bytes.size() - at))) return;
    }
  }
}

/// Newlines of one block; updates whether the byte before the next block is a CR.
std::int64_t count_newlines(const CsvMarks& marks, std::size_t size, bool& after_return) {
  const std::uint64_t feeds = marks.newlines & ~marks.returns;
  const std::uint64_t second_half = feeds & (marks.returns << 1 | (after_return ? 1 : 0));
  after_return = marks.returns >> (size - 1) & 1;
  return std::popcount(marks.newlines & ~second_half);
}

/// Follows the automaton from all states at once. States that have met stay together: all but one of them then
/// `follow` it, so a block is usually seen once or, before the first quote, twice (outside and inside quotes).
class Scanner {
 public:
  void add(const CsvMarks& marks, std::int64_t position, std::size_t size) {
    for (std::size_t i = 0; i < leaders_; ++i) advance(transition_.paths[order_[i]], marks, position, size);
    if (leaders_ > 1) merge();
    transition_.newlines += count_newlines(marks, size, transition_.ends_with_return);
    transition_.bytes += static_cast<std::int64_t>(size);
  }

  /// Whole blocks without quotes and carriage returns at once; false, and nothing done, where there are some.
  bool add_plain(std::span<const CsvMarks> blocks, std::int64_t position) {
    const CsvLines lines = count_lines(blocks);
    if (!lines.plain || transition_.ends_with_return) return false;
    const bool begins_in_line = (blocks.front().newlines & 1) == 0;
    for (std::size_t i = 0; i < leaders_; ++i) {
      Path& path = transition_.paths[order_[i]];
      if (path.exit == CsvState::quoted) continue;
      const bool at_start = path.exit == CsvState::record_start && begins_in_line;
      if (at_start && path.records++ == 0) path.first_record = position;
      if (at_start) path.last_record = position;
      if (path.records == 0 && lines.records > 0) path.first_record = position + lines.first_record;
      if (lines.records > 0) path.last_record = position + lines.last_record;
      path.records += lines.records;
      path.exit = state_after(blocks.back(), 0, csv_block_bytes - 1);
    }
    if (leaders_ > 1) merge();
    transition_.newlines += lines.newlines;
    transition_.bytes += std::ssize(blocks) * static_cast<std::int64_t>(csv_block_bytes);
    return true;
  }

  [[nodiscard]] CsvTransition finish() {
    for (auto meeting = meetings_.rbegin(); meeting != meetings_.rend(); ++meeting) follow(*meeting);
    return transition_;
  }

 private:
  using Path = CsvTransition::Path;
  struct Meeting {
    std::size_t follower = 0, leader = 0;
    std::int64_t records = 0;  ///< of the leader when they met
  };

  static void advance(Path& path, const CsvMarks& raw, std::int64_t position, std::size_t size) {
    if (path.exit == CsvState::quoted && raw.quotes == 0) return;
    CsvMarks marks = raw;
    const std::uint64_t inside = inside_quotes(marks, path.exit);
    const std::uint64_t at_start = (marks.newlines & ~inside) << 1 | (path.exit == CsvState::record_start ? 1 : 0);
    const std::uint64_t starts = at_start & ~marks.newlines & ~std::uint64_t{0} >> (csv_block_bytes - size);
    if (starts != 0) {
      if (path.records == 0) path.first_record = position + std::countr_zero(starts);
      path.last_record = position + 63 - std::countl_zero(starts);
      path.records += std::popcount(starts);
    }
    path.exit = state_after(marks, inside, size - 1);
  }

  /// A path that has no first record yet goes on alone until it has one, unless neither has.
  void merge() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < leaders_; ++i) {
      const Path& path = transition_.paths[order_[i]];
      const auto met = std::find_if(order_.begin(), order_.begin() + kept, [&](std::size_t other) {
        const Path& leader = transition_.paths[other];
        return leader.exit == path.exit && (leader.records == 0) == (path.records == 0);
      });
      if (met == order_.begin() + kept) {
        order_[kept++] = order_[i];
      } else {
        meetings_[met_++] = {order_[i], *met, transition_.paths[*met].records};
      }
    }
    leaders_ = kept;
  }

  void follow(const Meeting& meeting) {
    if (meeting.follower == meeting.leader) return;
    const Path& leader = transition_.paths[meeting.leader];
    Path& path = transition_.paths[meeting.follower];
    path.exit = leader.exit;
    if (leader.records == meeting.records) return;
    if (path.records == 0) path.first_record = leader.first_record;
    path.last_record = leader.last_record;
    path.records += leader.records - meeting.records;
  }

  CsvTransition transition_;
  std::array<std::size_t, csv_states> order_{0, 1, 2, 3, 4};
  std::size_t leaders_ = csv_states;
  std::array<Meeting, csv_states> meetings_{};
  std::size_t met_ = 0;
};

}  // namespace

CsvTransition::CsvTransition() : paths{} {
  for (std::size_t i = 0; i < csv_states; ++i) paths[i].exit = static_cast<CsvState>(i);
}

CsvTransition compose(const CsvTransition& a, const CsvTransition& b) {
  CsvTransition both;
  for (std::size_t i = 0; i < csv_states; ++i) {
    const CsvTransition::Path& first = a.paths[i];
    const CsvTransition::Path& second = b.from(first.exit);
    CsvTransition::Path& path = both.paths[i];
    path.exit = second.exit;
    path.records = first.records + second.records;
    path.first_record = first.records > 0    ? first.first_record
                        : second.records > 0 ? a.bytes + second.first_record
                                             : -1;
    path.last_record = second.records > 0 ? a.bytes + second.last_record : first.last_record;
  }
  both.bytes = a.bytes + b.bytes;
  both.newlines = a.newlines + b.newlines - (a.ends_with_return && b.starts_with_feed ? 1 : 0);
  both.starts_with_feed = a.bytes > 0 ? a.starts_with_feed : b.starts_with_feed;
  both.ends_with_return = b.bytes > 0 ? b.ends_with_return : a.ends_with_return;
  return both;
}

CsvTransition scan(std::string_view text, CsvDialect dialect) {
  Scanner scanner;
  std::array<CsvMarks, window_blocks> marks;
  for (std::size_t window = 0; window < text.size(); window += window_bytes) {
    const std::string_view bytes = text.substr(window, window_bytes);
    find_marks(bytes, dialect, marks.data());
    const std::size_t whole = bytes.size() / csv_block_bytes;
    const bool plain = whole > 0 && scanner.add_plain(std::span(marks).first(whole), static_cast<std::int64_t>(window));
    for (std::size_t at = plain ? whole * csv_block_bytes : 0; at < bytes.size(); at += csv_block_bytes) {
      const std::size_t size = std::min(csv_block_bytes, bytes.size() - at);
      scanner.add(marks[at / csv_block_bytes], static_cast<std::int64_t>(window + at), size);
    }
  }
  CsvTransition transition = scanner.finish();
  transition.starts_with_feed = text.starts_with('\n');
  return transition;
}

std::size_t find_record_end(std::string_view text, CsvState state, CsvDialect dialect) {
  std::size_t found = std::string_view::npos;
  for_each_block(text, dialect, [&](CsvMarks marks, std::size_t position, std::size_t size) {
    const std::uint64_t inside = inside_quotes(marks, state);
    const std::uint64_t ends = marks.newlines & ~inside;
    if (ends != 0) found = position + static_cast<std::size_t>(std::countr_zero(ends));
    state = state_after(marks, inside, size - 1);
    return ends == 0;
  });
  return found;
}

std::int64_t count_newlines(std::string_view text, bool after_return) {
  std::int64_t newlines = 0;
  for_each_block(text, ',', [&](const CsvMarks& marks, std::size_t, std::size_t size) {
    newlines += count_newlines(marks, size, after_return);
    return true;
  });
  return newlines;
}

std::uint64_t inside_quotes(CsvMarks& marks, CsvState state) {
  const std::uint64_t entered_inside = state == CsvState::quoted ? ~std::uint64_t{0} : 0;
  if (marks.quotes == 0) return entered_inside;
  const std::uint64_t first_may_open = state == CsvState::unquoted ? 0 : 1;
  // Up to the lowest quote that opens where none may open, the parity of quotes is right; that one is text.
  for (;;) {
    const std::uint64_t inside = prefix_xor(marks.quotes) ^ entered_inside;
    const std::uint64_t closing = marks.quotes & ~inside;
    const std::uint64_t may_open = (marks.delimiters | marks.newlines | closing) << 1 | first_may_open;
    const std::uint64_t stray = marks.quotes & inside & ~may_open;
    if (stray == 0) return inside;
    marks.quotes &= ~lowest_bit(stray);
  }
}

}  // namespace cohort
