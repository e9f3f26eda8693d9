// SPDX-License-Identifier: Apache-2.0
#include "jobs/shard_gather.hpp"

#include <algorithm>
#include <iterator>

#include "core/collectively.hpp"
#include "core/gather.hpp"
#include "io/durable_file.hpp"
#include "io/store/dataset.hpp"
#include "io/store/dataset_view.hpp"
#include "io/store/manifest_pack.hpp"

namespace cohort {

Manifest gather_shards(Communicator& comm, const std::vector<TableSchema>& tables, std::vector<ShardEntry> mine) {
  const std::string text = manifest_text({.tables = tables, .shards = std::move(mine)});
  Manifest all{.tables = tables};
  for (const Bytes& bytes : gather_on_first(comm, to_bytes(std::span<const char>(text)))) {
    Manifest part = parse_manifest("a rank's shards", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    std::move(part.shards.begin(), part.shards.end(), std::back_inserter(all.shards));
  }
  std::sort(all.shards.begin(), all.shards.end(),
            // By number: names have five digits, or more where there are more shards.
            [](const ShardEntry& a, const ShardEntry& b) {
              return a.file.size() != b.file.size() ? a.file.size() < b.file.size() : a.file < b.file;
            });
  return all;
}

CustomerTableWriter::CustomerTableWriter(const Context& context, std::filesystem::path folder,
                                         std::vector<Column> columns)
    : context_(context), folder_(std::move(folder)), schema_{{std::string(customers_table), std::move(columns)}} {
  collectively(context.comm, [&] {
    if (context_.comm.rank() == 0) std::filesystem::create_directories(folder_);
  });
}

void CustomerTableWriter::write(std::int32_t shard, std::vector<ColumnData> columns) {
  const TableData table{.name = std::string(customers_table), .columns = std::move(columns)};
  ShardEntry entry = write_shard((folder_ / shard_name(shard)).string(), std::span(&table, 1));
  const std::lock_guard lock(mutex_);
  written_.push_back(std::move(entry));
}

Manifest CustomerTableWriter::finish(const Manifest& source, const std::vector<Dictionary>& dictionaries,
                                     const nlohmann::json& lineage) {
  collectively(context_.comm, [&] { sync_shards(folder_.string(), written_, context_.threads); });
  Manifest manifest = gather_shards(context_.comm, schema_, std::move(written_));
  collectively(context_.comm, [&] {
    if (context_.comm.rank() != 0) return;
    manifest.sources = source.sources;
    manifest.cleaning = source.cleaning;
    manifest.lineage = source.lineage;
    manifest.lineage.update(lineage);
    if (!dictionaries.empty()) write_dictionaries(folder_.string(), dictionaries, manifest);
    write_dataset_view(folder_.string(), manifest);
    save_manifest(folder_.string(), manifest);
  });
  return share_manifest(context_.comm, folder_);
}

Manifest share_manifest(Communicator& comm, const std::filesystem::path& folder) {
  Manifest manifest;
  std::string packed;
  collectively(comm, [&] {
    if (comm.rank() != 0) return;
    manifest = load_manifest(folder.string());
    packed = pack_manifest(manifest);
  });
  comm.broadcast(packed, 0);
  collectively(comm, [&] {
    if (comm.rank() != 0) manifest = unpack_manifest(std::move(packed));
  });
  return manifest;
}

}  // namespace cohort
