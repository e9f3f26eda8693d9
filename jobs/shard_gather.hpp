// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/context.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/manifest.hpp"
#include "io/store/shard_writer.hpp"

namespace cohort {

/// Collective. On rank 0 a manifest of these tables with the shards that all ranks wrote, in order; elsewhere without.
[[nodiscard]] Manifest gather_shards(Communicator& comm, const std::vector<TableSchema>& tables,
                                     std::vector<ShardEntry> mine);

/// A table with one row a customer that a step leaves in its folder: written shard by shard by the ranks that own
/// them, it reads like a dataset.
class CustomerTableWriter {
 public:
  /// Collective. Makes the folder.
  CustomerTableWriter(const Context& context, std::filesystem::path folder, std::vector<Column> columns);

  /// Writes one shard. Thread-safe.
  void write(std::int32_t shard, std::vector<ColumnData> columns);
  /// Collective. Writes dictionaries and the manifest, with the sources, cleaning and lineage of the table it was made
  /// from and `lineage` added; every rank returns the whole of it.
  Manifest finish(const Manifest& source, const std::vector<Dictionary>& dictionaries = {},
                  const nlohmann::json& lineage = nlohmann::json::object());

 private:
  const Context& context_;
  std::filesystem::path folder_;
  std::vector<TableSchema> schema_;
  std::mutex mutex_;
  std::vector<ShardEntry> written_;
};

/// Collective. The manifest of a folder, read by rank 0.
[[nodiscard]] Manifest share_manifest(Communicator& comm, const std::filesystem::path& folder);

}  // namespace cohort
