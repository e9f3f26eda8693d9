// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/quarantine.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "core/collectively.hpp"
#include "core/gather.hpp"
#include "io/durable_file.hpp"
#include "io/text/csv_field.hpp"

namespace cohort {
namespace {

struct LineHeader {
  std::uint64_t position;
  std::uint64_t bytes;
};

void append_line(Bytes& bytes, std::uint64_t position, const std::string& line) {
  const LineHeader header{position, line.size()};
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof header + line.size());
  std::memcpy(bytes.data() + at, &header, sizeof header);
  std::memcpy(bytes.data() + at + sizeof header, line.data(), line.size());
}

}  // namespace

void write_quarantine(const Context& context, const std::filesystem::path& path, const std::vector<BadRow>& mine) {
  Bytes bytes;
  for (const BadRow& row : mine) {
    append_line(
        bytes, row.position,
        fmt::format("{},{},{},{}\n", csv_field(row.file), row.line, csv_field(row.reason), csv_field(row.text)));
  }
  const std::vector<Bytes> from = gather_on_first(context.comm, std::move(bytes));
  collectively(context.comm, [&] {
    if (context.comm.rank() != 0) return;
    std::vector<std::pair<std::uint64_t, std::string>> lines;
    for (const Bytes& message : from) {
      for (std::size_t at = 0; at < message.size();) {
        LineHeader header{};
        std::memcpy(&header, message.data() + at, sizeof header);
        at += sizeof header;
        lines.emplace_back(header.position,
                           std::string(reinterpret_cast<const char*>(message.data()) + at, header.bytes));
        at += header.bytes;
      }
    }
    std::sort(lines.begin(), lines.end());
    std::string text = "file,line,reason,text\n";
    for (const auto& [position, line] : lines) text += line;
    write_file(path.string(), text);
  });
}

}  // namespace cohort
