// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/quarantine.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/gather.hpp"
#include "io/durable_file.hpp"
#include "io/text/csv_field.hpp"

namespace cohort {
namespace {

/// Rows on rank 0 at once, of some hundred bytes each.
constexpr std::int64_t rows_at_once = 16'384;

struct LineHeader {
  std::int64_t place;
  std::uint64_t bytes;
};

/// A position as a signed number of the same order, which ranks can compare.
std::int64_t place_of(const BadRow& row) {
  return static_cast<std::int64_t>(row.position ^ std::uint64_t{1} << 63);
}

void append_line(const BadRow& row, Bytes& bytes) {
  const std::string line =
      fmt::format("{},{},{},{}\n", csv_field(row.file), row.line, csv_field(row.reason), csv_field(row.text));
  const LineHeader header{place_of(row), line.size()};
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof header + line.size());
  std::memcpy(bytes.data() + at, &header, sizeof header);
  std::memcpy(bytes.data() + at + sizeof header, line.data(), line.size());
}

/// The lines of all messages in the order of their places.
std::string merged(const std::vector<Bytes>& messages) {
  std::vector<std::pair<std::int64_t, std::string_view>> lines;
  for (const Bytes& message : messages) {
    for (std::size_t at = 0; at < message.size();) {
      LineHeader header{};
      std::memcpy(&header, message.data() + at, sizeof header);
      at += sizeof header;
      lines.emplace_back(header.place,
                         std::string_view(reinterpret_cast<const char*>(message.data()) + at, header.bytes));
      at += header.bytes;
    }
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const auto& [place, line] : lines) text += line;
  return text;
}

/// A text file of rank 0 that grows.
class GrowingFile {
 public:
  explicit GrowingFile(std::string path) : path_(std::move(path)), file_(path_, std::ios::binary) { check("create"); }
  void add(const std::string& text) {
    file_ << text;
    check("write");
  }
  void finish() {
    file_.close();
    check("write");
    sync_path(path_);
  }

 private:
  void check(const char* what) const {
    if (!file_) throw_system_error(errno, what, path_);
  }
  std::string path_;
  std::ofstream file_;
};

}  // namespace

void write_quarantine(const Context& context, const std::filesystem::path& path, std::vector<BadRow> mine) {
  std::ranges::sort(mine, {}, place_of);
  std::optional<GrowingFile> file;
  collectively(context.comm, [&] {
    if (context.comm.rank() != 0) return;
    file.emplace(path.string());
    file->add("file,line,reason,text\n");
  });
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(1, rows_at_once / context.comm.size()));
  for (std::size_t done = 0;;) {
    // Each round goes as far as the rank comes whose next rows end first.
    const std::size_t left = mine.size() - done;
    const std::int64_t mine_to =
        left > most ? place_of(mine[done + most - 1]) : std::numeric_limits<std::int64_t>::max();
    std::array<std::int64_t, 1> any{left > 0 ? 1 : 0}, least{~mine_to};  // ~ turns the order around
    context.comm.all_reduce(any, least);
    if (any[0] == 0) break;
    Bytes bytes;
    for (; done < mine.size() && place_of(mine[done]) <= ~least[0]; ++done) append_line(mine[done], bytes);
    const std::vector<Bytes> messages = gather_on_first(context.comm, std::move(bytes));
    collectively(context.comm, [&] {
      if (file) file->add(merged(messages));
    });
  }
  collectively(context.comm, [&] {
    if (file) file->finish();
  });
}

}  // namespace cohort
