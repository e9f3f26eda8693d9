// SPDX-License-Identifier: Apache-2.0
#include "io/store/shard_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/error.hpp"
#include "core/isa.hpp"

namespace cohort {
namespace {

constexpr std::int64_t strip = 1024;  // values converted at a time: stays in the first cache

/// Stored integers as values: `quotient(x)` is x / divisor.
template <typename T, class Quotient>
[[gnu::always_inline]] inline void convert(const T* stored, std::int64_t count, const Quotient& quotient, double* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = quotient(static_cast<double>(stored[i]));
    out[i] = stored[i] == std::numeric_limits<T>::min() ? missing_float64 : value;
  }
}

/// Division takes longest of all that reading does. A product with the reciprocal, put right by its remainder, is the
/// correctly rounded quotient too (P. Markstein, "Computation of elementary functions on the IBM RISC System/6000
/// processor", 1990, theorem 3.4), so the bits are the same at all levels.
template <typename T>
[[gnu::always_inline]] inline void convert_fused(const T* stored, std::int64_t count, double divisor, double* out) {
  if (divisor == 1)
    return convert(
        stored, count, [](double x) __attribute__((always_inline)) { return x; }, out);
  const double reciprocal = 1 / divisor;
  convert(
      stored, count,
      [=](double x) __attribute__((always_inline)) {
        const double near = x * reciprocal;
        return __builtin_fma(__builtin_fma(-near, divisor, x), reciprocal, near);
      },
      out);
}

template <typename T>
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,fma,prefer-vector-width=512")]] void convert_avx512(
    const T* stored, std::int64_t count, double divisor, double* out) {
  convert_fused(stored, count, divisor, out);
}
template <typename T>
[[gnu::target("avx2,fma")]] void convert_avx2(const T* stored, std::int64_t count, double divisor, double* out) {
  convert_fused(stored, count, divisor, out);
}

template <typename T>
void convert_integers(const T* stored, std::int64_t count, double divisor, double* out) {
  switch (active_isa()) {
    case Isa::avx512: return convert_avx512(stored, count, divisor, out);
    case Isa::avx2: return convert_avx2(stored, count, divisor, out);
    case Isa::x86_64:
      return convert(
          stored, count, [=](double x) { return x / divisor; }, out);
  }
}

template <typename T>
void read_integers(StreamReader<T>& reader, std::int64_t begin, std::int64_t end, double divisor, double* out) {
  alignas(64) std::array<T, strip> stored;
  for (; begin < end; begin += strip, out += strip) {
    const std::int64_t count = std::min(strip, end - begin);
    reader.read(begin, begin + count, stored.data());
    convert_integers(stored.data(), count, divisor, out);
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

ColumnReader::ColumnReader(const std::string& table, Column column)
    : column_(std::move(column)), reader_(reader_of({table, column_.name}, storage_of(column_.type))) {}

ColumnReader::Reader ColumnReader::reader_of(StreamName name, Storage storage) {
  switch (storage) {
    case Storage::int32: return StreamReader<std::int32_t>(std::move(name));
    case Storage::int64: return StreamReader<std::int64_t>(std::move(name));
    case Storage::float64: return StreamReader<double>(std::move(name));
    case Storage::text: break;
  }
  throw Error(ExitCode::bad_config,
              fmt::format("column {} of {} is text and cannot be computed with", name.column, name.table),
              "declare it as a category at ingest, or leave it out");
}

void ColumnReader::attach(const InputFile& file, const ColumnEntry& entry) {
  std::visit([&](auto& reader) { reader.attach(file, entry[0]); }, reader_);
}

void ColumnReader::read_values(std::int64_t begin, std::int64_t end, double* out) {
  const double divisor = divisor_of(column_);
  switch (storage_of(column_.type)) {
    case Storage::int32: read_integers(std::get<StreamReader<std::int32_t>>(reader_), begin, end, divisor, out); break;
    case Storage::int64: read_integers(std::get<StreamReader<std::int64_t>>(reader_), begin, end, divisor, out); break;
    default: read(begin, end, out);
  }
}

void ColumnReader::will_need(std::int64_t begin, std::int64_t end) const {
  std::visit([&](const auto& reader) { reader.will_need(begin, end); }, reader_);
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
