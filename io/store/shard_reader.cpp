// SPDX-License-Identifier: Apache-2.0
#include "io/store/shard_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/error.hpp"

namespace cohort {
namespace {

constexpr std::int64_t strip = 1024;  // values converted at a time: stays in the first cache

template <typename T>
void read_integers(StreamReader<T>& reader, std::int64_t begin, std::int64_t end, double divisor, double* out) {
  alignas(64) std::array<T, strip> stored;
  for (; begin < end; begin += strip, out += strip) {
    const std::int64_t count = std::min(strip, end - begin);
    reader.read(begin, begin + count, stored.data());
    for (std::int64_t i = 0; i < count; ++i) {
      const T value = stored[static_cast<std::size_t>(i)];
      const double quotient = static_cast<double>(value) / divisor;
      out[i] = value == std::numeric_limits<T>::min() ? missing_float64 : quotient;
    }
  }
}

template <typename T>
std::vector<T> read_all(const InputFile& file, const StreamEntry& stream, StreamName name) {
  std::vector<T> values(static_cast<std::size_t>(stream.values));
  StreamReader<T>(file, stream, std::move(name)).read(0, stream.values, values.data());
  return values;
}

TextValues read_texts(const InputFile& file, const ColumnEntry& streams, const StreamName& name) {
  TextValues texts{read_all<std::int64_t>(file, streams[0], name), read_all<char>(file, streams[1], name)};
  const bool sound = texts.offsets.front() == 0 && texts.offsets.back() == std::ssize(texts.bytes) &&
                     std::is_sorted(texts.offsets.begin(), texts.offsets.end());
  if (sound) return texts;
  throw Error(
      ExitCode::bad_data,
      fmt::format("{}: offsets of table {}, column {} do not fit its bytes", file.path(), name.table, name.column),
      "ingest again");
}

}  // namespace

ColumnReader::ColumnReader(std::string table, Column column) : table_(std::move(table)), column_(std::move(column)) {
  if (storage_of(column_.type) != Storage::text) return;
  throw Error(ExitCode::bad_config,
              fmt::format("column {} of {} is text and cannot be computed with", column_.name, table_),
              "declare it as a category at ingest, or leave it out");
}

void ColumnReader::attach(const InputFile& file, const ColumnEntry& entry) {
  const StreamName name{table_, column_.name};
  switch (storage_of(column_.type)) {
    case Storage::int32: reader_.emplace<StreamReader<std::int32_t>>(file, entry[0], name); break;
    case Storage::int64: reader_.emplace<StreamReader<std::int64_t>>(file, entry[0], name); break;
    default: reader_.emplace<StreamReader<double>>(file, entry[0], name);
  }
}

void ColumnReader::read_values(std::int64_t begin, std::int64_t end, double* out) {
  const double divisor = column_.type == ColumnType::decimal ? static_cast<double>(power_of_ten(column_.scale)) : 1.0;
  switch (storage_of(column_.type)) {
    case Storage::int32: read_integers(std::get<StreamReader<std::int32_t>>(reader_), begin, end, divisor, out); break;
    case Storage::int64: read_integers(std::get<StreamReader<std::int64_t>>(reader_), begin, end, divisor, out); break;
    default: read(begin, end, out);
  }
}

void ColumnReader::will_need(std::int64_t begin, std::int64_t end) const {
  std::visit(
      [&](const auto& reader) {
        if constexpr (requires { reader.will_need(begin, end); }) reader.will_need(begin, end);
      },
      reader_);
}

ColumnValues read_column(const InputFile& file, const TableEntry& table, const std::string& table_name,
                         const Column& column, std::size_t index) {
  const ColumnEntry& streams = table.columns[index];
  const StreamName name{table_name, column.name};
  switch (storage_of(column.type)) {
    case Storage::int32: return read_all<std::int32_t>(file, streams[0], name);
    case Storage::int64: return read_all<std::int64_t>(file, streams[0], name);
    case Storage::float64: return read_all<double>(file, streams[0], name);
    case Storage::text: break;
  }
  return read_texts(file, streams, name);
}

ColumnValues read_column(const Manifest& manifest, const std::string& folder, std::size_t shard, std::string_view table,
                         std::string_view column) {
  const std::size_t t = table_index(manifest, table), c = column_index(manifest.tables[t], column);
  const ShardEntry& entry = manifest.shards[shard];
  return read_column(open_shard(folder, entry), entry.tables[t], manifest.tables[t].name, manifest.tables[t].columns[c],
                     c);
}

}  // namespace cohort
