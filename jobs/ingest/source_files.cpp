// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/source_files.hpp"

#include <glob.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/gather.hpp"
#include "core/progress.hpp"
#include "core/threads.hpp"
#include "io/text/csv_header.hpp"
#include "io/text/csv_unit_reader.hpp"
#include "io/text/json_records.hpp"

namespace cohort {
namespace {

/// What looking at a file tells beside its path, on its way to the other ranks.
struct Look {
  std::int64_t bytes, modified_ns, body;
  Compression compression;
};

std::string packed(const std::vector<CsvFile>& files) {
  std::string text;
  for (const CsvFile& file : files) {
    const Look look{file.bytes, file.modified_ns, file.body, file.compression};
    text.append(reinterpret_cast<const char*>(&look), sizeof look);
    text.append(file.path.c_str(), file.path.size() + 1);
  }
  return text;
}

std::vector<CsvFile> unpacked(const std::string& text) {
  std::vector<CsvFile> files;
  for (std::size_t at = 0; at < text.size();) {
    Look look{};
    std::memcpy(&look, text.data() + at, sizeof look);
    std::string path = text.data() + at + sizeof look;
    at += sizeof look + path.size() + 1;
    files.push_back({std::move(path), look.bytes, look.modified_ns, look.body, look.compression});
  }
  return files;
}

/// Units as one list over all sources, cut into as many consecutive parts as ranks, of nearly equal bytes.
std::vector<std::pair<std::size_t, std::size_t>> units_of_rank(const std::vector<OpenedSource>& sources, int rank,
                                                               int ranks) {
  std::int64_t total = 0;
  for (const OpenedSource& source : sources) {
    for (const CsvUnit& unit : source.csv.units()) total += unit.end - unit.begin;
  }
  std::vector<std::pair<std::size_t, std::size_t>> mine;
  std::int64_t before = 0;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const std::vector<CsvUnit>& units = sources[s].csv.units();
    for (std::size_t u = 0; u < units.size(); ++u) {
      const std::int64_t bytes = units[u].end - units[u].begin;
      const double middle = static_cast<double>(before) + static_cast<double>(bytes) / 2;
      const auto owner = static_cast<int>(middle / static_cast<double>(std::max<std::int64_t>(1, total)) * ranks);
      if (std::min(owner, ranks - 1) == rank) mine.emplace_back(s, u);
      before += bytes;
    }
  }
  return mine;
}

/// Collective. Scans of all units, by source: each rank scans its own, then all share.
std::vector<std::vector<CsvUnitScan>> scan_units(const Context& context, const OpenedSources& opened) {
  struct Scanned {
    std::int64_t source, unit;
    CsvUnitScan scan;
  };
  std::vector<Scanned> mine(opened.my_units.size());
  collectively(context.comm, [&] {
    Progress progress(context.show_progress, "scanning the sources", std::ssize(mine));
    parallel_for(context.threads, std::ssize(mine), [&](int, std::int64_t i) {
      const auto& [source, unit] = opened.my_units[static_cast<std::size_t>(i)];
      mine[static_cast<std::size_t>(i)] = {static_cast<std::int64_t>(source), static_cast<std::int64_t>(unit),
                                           opened.sources[source].csv.scan(unit)};
      progress.advance();
    });
  });
  std::vector<Scanned> all;
  for (const Bytes& bytes : context.comm.all_gather(to_bytes(std::span<const Scanned>(mine))))
    append_values(bytes, all);
  std::vector<std::vector<CsvUnitScan>> scans;
  for (const OpenedSource& source : opened.sources) scans.emplace_back(source.csv.units().size());
  for (const Scanned& one : all)
    scans[static_cast<std::size_t>(one.source)][static_cast<std::size_t>(one.unit)] = one.scan;
  return scans;
}

/// JSON lines have no header: the keys of the first record are what there is, those of the schema what is read.
FileLayout read_json_layout(const CsvSource& csv, std::int32_t file, const SourceSchema& schema) {
  FileLayout layout{
      .path = csv.files()[static_cast<std::size_t>(file)].path, .is_json = true, .names = {}, .positions = {}};
  const std::string first = read_csv_header(csv, file);
  const auto keys = json_keys(first);
  for (const SourceColumn& column : schema.columns) {
    const auto known = std::find(layout.names.begin(), layout.names.end(), column.source_name);
    layout.positions.push_back(column.in_file() ? static_cast<std::size_t>(known - layout.names.begin()) : 0);
    if (column.in_file() && known == layout.names.end()) layout.names.push_back(column.source_name);
  }
  if (first.empty()) return layout;
  if (!keys)
    throw Error(ExitCode::bad_data, fmt::format("{}:1: the first line is no JSON object", layout.path),
                "write one object a line, or declare `format: csv`");
  for (const std::string& name : layout.names) {
    if (std::find(keys->begin(), keys->end(), name) != keys->end()) continue;
    throw Error(
        ExitCode::bad_data,
        fmt::format("{}: the first record has no key '{}'; it has: {}", layout.path, name, fmt::join(*keys, ", ")),
        "map another key, or write null where a value is missing");
  }
  return layout;
}

FileLayout read_layout(const CsvSource& csv, std::int32_t file, const SourceSchema& schema) {
  if (!csv.options().header) return read_json_layout(csv, file, schema);
  const CsvHeader header = read_header(csv, file, schema.form.encoding);
  std::vector<std::string> wanted;
  for (const SourceColumn& column : schema.columns) {
    if (column.in_file()) wanted.push_back(column.source_name);
  }
  const std::vector<std::size_t> found = header.find(wanted);
  FileLayout layout{.path = csv.files()[static_cast<std::size_t>(file)].path, .names = header.names(), .positions = {}};
  // What is not in the file has no position; any will do.
  std::size_t next = 0;
  for (const SourceColumn& column : schema.columns) layout.positions.push_back(column.in_file() ? found[next++] : 0);
  return layout;
}

/// Drops the units of files whose content is known. Their rows would count twice, whether the file with that content
/// was read in another run or in this one.
void pass_over(const std::set<std::string>& known, OpenedSources& opened) {
  std::set<std::pair<std::size_t, std::int32_t>> files;  // source and number in it
  std::size_t i = 0;
  for (std::size_t s = 0; s < opened.sources.size(); ++s) {
    std::set<std::string> seen = known;
    for (std::int32_t f = 0; f < std::ssize(opened.sources[s].files); ++f, ++i) {
      if (seen.insert(opened.contents[i].hash).second) continue;
      files.emplace(s, f);
      opened.passed_over.push_back(opened.contents[i].name);
    }
  }
  std::erase_if(opened.my_units, [&](const auto& unit) {
    return files.contains({unit.first, opened.sources[unit.first].csv.units()[unit.second].file});
  });
}

}  // namespace

std::string with_out(std::string path, const std::filesystem::path& out) {
  constexpr std::string_view variable = "${out}";
  const std::size_t at = path.find(variable);
  return at == std::string::npos ? path : path.replace(at, variable.size(), out.string());
}

std::vector<std::string> expand_paths(const std::vector<std::string>& paths, const std::filesystem::path& out) {
  std::set<std::string> files;
  for (const std::string& written : paths) {
    const std::string path = with_out(written, out);
    glob_t found{};
    const int failed = ::glob(path.c_str(), GLOB_NOSORT, nullptr, &found);
    for (std::size_t i = 0; failed == 0 && i < found.gl_pathc; ++i) files.emplace(found.gl_pathv[i]);
    ::globfree(&found);
    if (failed != 0) {
      throw Error(ExitCode::input_missing, fmt::format("no file matches {}", path),
                  "check the path; relative ones start at the working directory, and ${out} is the job's --out");
    }
  }
  return {files.begin(), files.end()};
}

std::vector<CsvFile> look_together(const Context& context, const std::function<std::vector<std::string>()>& paths,
                                   bool json_lines) {
  std::string text;
  collectively(context.comm, [&] {
    if (context.comm.rank() != 0) return;
    std::vector<CsvFile> files;
    for (const std::string& path : paths()) files.push_back(CsvFile::look_at(path, json_lines));
    text = packed(files);
  });
  context.comm.broadcast(text, 0);
  return unpacked(text);
}

std::int64_t estimated_text(const CsvSource& source, const CsvUnit& unit) {
  const bool compressed = source.files()[static_cast<std::size_t>(unit.file)].is_compressed();
  return (unit.end - unit.begin) * (compressed ? usual_ratio : 1);
}

OpenedSources open_sources(const Context& context, const IngestParams& params, const std::vector<SourceSchema>& schemas,
                           const std::filesystem::path& out, const std::set<std::string>& known) {
  OpenedSources opened;
  for (const SourceSchema& schema : schemas) {
    const SourceParams& source = params.sources.at(schema.table);
    std::vector<CsvFile> files = look_together(
        context, [&] { return expand_paths(source.path, out); }, source.is_json());
    collectively(context.comm, [&] {
      if (schema.numbered_customers && files.size() > 1) {
        throw Error(ExitCode::bad_config,
                    fmt::format("source {} numbers its records but has {} files", schema.table, files.size()),
                    "name one file, or map a column to `customer`");
      }
      const CsvOptions options{
          .delimiter = source.is_json() ? json_lines_dialect.delimiter : delimiter_byte(source.delimiter),
          .has_quotes = !source.is_json(),
          .header = !source.is_json(),
          .max_record_bytes = params.max_record_bytes};
      opened.sources.push_back({.csv = CsvSource(std::move(files), options), .plans = {}, .files = {}});
      const CsvSource& csv = opened.sources.back().csv;
      for (const CsvUnit& unit : csv.units()) opened.raw_bytes += estimated_text(csv, unit);
    });
  }
  opened.my_units = units_of_rank(opened.sources, context.comm.rank(), context.comm.size());
  const std::vector<std::vector<CsvUnitScan>> scans = scan_units(context, opened);

  collectively(context.comm, [&] {
    std::map<std::string, std::uint64_t> ranks;  // files by content hash
    for (std::size_t s = 0; s < schemas.size(); ++s) {
      OpenedSource& source = opened.sources[s];
      source.plans = source.csv.plan(scans[s]);
      for (std::int32_t f = 0; f < std::ssize(source.csv.files()); ++f) {
        const std::string hash = hex(source.csv.content_hash(f, scans[s]));
        const CsvFile& file = source.csv.files()[static_cast<std::size_t>(f)];
        opened.contents.push_back(
            {.hash = hash, .name = std::filesystem::path(file.path).filename().string(), .bytes = file.bytes});
        ranks[hash] = 0;
        source.files.push_back(read_layout(source.csv, f, schemas[s]));
      }
    }
    std::uint64_t rank = 0;
    for (auto& [hash, number] : ranks) number = rank++;
    std::size_t i = 0;
    for (OpenedSource& source : opened.sources) {
      for (FileLayout& file : source.files) file.rank = ranks[opened.contents[i++].hash];
    }
    pass_over(known, opened);
  });
  if (context.comm.rank() == 0 && !opened.passed_over.empty())
    fmt::print(stderr, "note: {} files hold what has been read already and are passed over, {} the first\n",
               opened.passed_over.size(), opened.passed_over.front());
  return opened;
}

void unite(std::vector<Source>& contents) {
  std::ranges::sort(contents, {}, [](const Source& source) { return std::tie(source.hash, source.name); });
  const auto copies = std::ranges::unique(contents, {}, &Source::hash);
  contents.erase(copies.begin(), copies.end());
}

}  // namespace cohort
