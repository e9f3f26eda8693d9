// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_source.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "core/error.hpp"
#include "core/fault_points.hpp"
#include "core/signals.hpp"
#include "io/durable_file.hpp"
#include "io/store/wide_xxhash.hpp"

namespace cohort {
namespace {

constexpr std::int64_t read_bytes = 256 * 1024;  // stays in cache between the hash and the scan

struct stat status_of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw_system_error(errno, "look at", path);
  return status;
}

std::int64_t modified_ns(const struct stat& status) {
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

CsvHash canonical(XXH128_hash_t hash) {
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, hash);
  CsvHash bytes;
  std::memcpy(bytes.data(), digest.digest, bytes.size());
  return bytes;
}

void check(const CsvOptions& options) {
  const std::string_view reserved("\"\r\n\0", 4);
  if (reserved.find(options.delimiter) != std::string_view::npos) {
    throw Error(ExitCode::bad_config, "a quote, a newline or NUL cannot be the delimiter of a CSV file",
                "use a comma, a semicolon, a tab or a bar");
  }
  const bool sizes_fit = 0 < options.unit_bytes && options.unit_bytes <= options.max_record_bytes &&
                         options.max_record_bytes < std::int64_t{1} << 30;
  if (sizes_fit) return;
  throw Error(ExitCode::bad_config,
              fmt::format("CSV units of {} bytes with records of at most {} bytes cannot be read", options.unit_bytes,
                          options.max_record_bytes),
              "keep 0 < unit_bytes <= max_record_bytes < 1 GiB");
}

/// Formats that come instead of delimited text, each with what turns it into some.
void refuse_other_formats(const std::string& path, std::string_view magic, bool json_lines) {
  struct Format {
    std::string_view magic, name, reader;
  };
  static constexpr std::array<Format, 3> formats{{{"PAR1", "Parquet", "read_parquet"},
                                                  {"{", "JSON lines", "read_json_auto"},
                                                  {"PK\x03\x04", "a spreadsheet or zip archive", ""}}};
  for (const Format& format : formats) {
    const bool is_json = format.magic == "{";
    if (!magic.starts_with(format.magic) || (is_json && json_lines)) continue;
    const std::string convert = format.reader.empty()
                                    ? "save it as CSV"
                                    : fmt::format("convert it: duckdb -c \"COPY (FROM {}('{}')) TO '{}.csv' (HEADER)\"",
                                                  format.reader, path, path);
    if (is_json) {
      throw Error(ExitCode::bad_data, fmt::format("{} is JSON lines, not delimited text", path),
                  "declare `format: json_lines` for the source, or " + convert);
    }
    throw Error(ExitCode::bad_data, fmt::format("{} is {}, which is not read yet", path, format.name), convert);
  }
}

}  // namespace

CsvFile CsvFile::look_at(std::string path, bool json_lines) {
  const struct stat status = status_of(path);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ExitCode::input_missing, fmt::format("{} is not a regular file", path),
                "give files, or a glob that matches files");
  }
  CsvFile file{std::move(path), status.st_size, cohort::modified_ns(status)};
  std::array<char, 4> start{};
  const std::size_t size = std::min<std::size_t>(start.size(), static_cast<std::size_t>(file.bytes));
  InputFile(file.path).read(0, std::as_writable_bytes(std::span(start).first(size)));
  const std::string_view magic(start.data(), size);
  if (magic.starts_with("\xFF\xFE") || magic.starts_with("\xFE\xFF")) {
    throw Error(ExitCode::bad_data, fmt::format("{} is UTF-16 text", file.path),
                "convert it: iconv -f UTF-16 -t UTF-8");
  }
  refuse_other_formats(file.path, magic, json_lines);
  file.compression = compression_of(magic);
  file.body = magic.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  return file;
}

void CsvFile::check_unchanged() const {
  const struct stat status = status_of(path);
  if (status.st_size == bytes && cohort::modified_ns(status) == modified_ns) return;
  throw Error(ExitCode::bad_data,
              status.st_size == bytes
                  ? fmt::format("{} changed while it was read: it was written again", path)
                  : fmt::format("{} changed while it was read: it had {} bytes, now {}", path, bytes, status.st_size),
              "wait until nobody writes to it, then run again");
}

CsvSource::CsvSource(std::vector<CsvFile> files, CsvOptions options) : files_(std::move(files)), options_(options) {
  check(options_);
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const CsvFile& file = files_[i];
    const std::int64_t step = file.is_compressed() ? file.bytes : options_.unit_bytes;
    for (std::int64_t begin = file.body; begin < file.bytes; begin += step) {
      units_.push_back({static_cast<std::int32_t>(i), begin, std::min(begin + step, file.bytes)});
    }
  }
}

CsvUnitScan CsvSource::scan(std::size_t unit) const {
  const auto [number, begin, end] = units_.at(unit);
  const CsvFile& file = files_[static_cast<std::size_t>(number)];
  const InputFile input(file.path);
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> hash(XXH3_createState(), &XXH3_freeState);
  XXH3_128bits_reset(hash.get());
  // The byte order mark is in no unit, but it is in the hash of the first.
  if (begin == file.body && file.body > 0) XXH3_128bits_update(hash.get(), "\xEF\xBB\xBF", 3);
  CsvUnitScan found;
  std::string buffer;
  for (std::int64_t at = begin; at < end; at += static_cast<std::int64_t>(buffer.size())) {
    buffer.resize(static_cast<std::size_t>(std::min(read_bytes, end - at)));
    input.read(at, std::as_writable_bytes(std::span(buffer)));
    fault_point("csv.scan");
    Stoppable::poll();
    XXH3_128bits_update(hash.get(), buffer.data(), buffer.size());
    if (!file.is_compressed()) found.transition = compose(found.transition, cohort::scan(buffer, options_.dialect()));
  }
  found.hash = canonical(XXH3_128bits_digest(hash.get()));
  file.check_unchanged();
  return found;
}

std::vector<CsvUnitPlan> CsvSource::plan(std::span<const CsvUnitScan> scans) const {
  std::vector<CsvUnitPlan> plans;
  CsvTransition before;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (i == 0 || units_[i].file != units_[i - 1].file) before = CsvTransition();
    const CsvTransition& unit = scans[i].transition;
    const CsvTransition::Path& whole = before.from(CsvState::record_start);
    const CsvTransition::Path& path = unit.from(whole.exit);
    plans.push_back(
        {path.first_record, path.last_record, path.exit, whole.records == 0, before.ends_with_return, before.newlines});
    before = compose(before, unit);
  }
  return plans;
}

CsvHash CsvSource::content_hash(std::int32_t file, std::span<const CsvUnitScan> scans) const {
  std::string hashes;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (units_[i].file == file)
      hashes.append(reinterpret_cast<const char*>(scans[i].hash.data()), scans[i].hash.size());
  }
  return canonical(XXH3_128bits(hashes.data(), hashes.size()));
}

std::string hex(const CsvHash& hash) {
  std::string digits;
  for (const std::uint8_t byte : hash) digits += fmt::format("{:02x}", byte);
  return digits;
}

}  // namespace cohort
