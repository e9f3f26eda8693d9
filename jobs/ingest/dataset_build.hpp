// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/repartition.hpp"
#include "io/store/dataset.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/manifest.hpp"
#include "jobs/ingest/shard_builder.hpp"

namespace cohort {

class StoredRows;

/// A dataset that all ranks write together: rank 0 holds the lock and publishes, each rank writes the shards whose rows
/// come to it. Every call is collective but those that say otherwise, and the destructor.
class DatasetBuild {
 public:
  /// With `stored` its shards are extended: what has no new rows is linked where it stays as it is, not written.
  DatasetBuild(const Context& context, const std::filesystem::path& folder, bool replace, std::int32_t shards,
               const StoredRows* stored = nullptr);

  /// Delivers `rows` and writes every shard, empty ones too. Throws Error(plan_refused) where one would not fit.
  /// Returns what rules that compare rows did, by layout, and events without a customer, on this rank.
  ShardFindings write_shards(Repartition& rows, const Repartition::Patch& patch,
                             const std::vector<TableLayout>& layouts);
  /// Not collective, from several threads: writes a shard of which all `rows` are here. Each is one rank's to write.
  /// Throws Error(plan_refused) where it would not fit.
  void write_rows(std::int64_t shard, const std::vector<TableLayout>& layouts, std::span<const std::byte> rows);
  /// Writes dictionaries and manifest, which brings sources, cleaning and lineage. Returns the finished manifest on
  /// rank 0.
  Manifest seal(const std::vector<TableLayout>& layouts, const std::vector<Dictionary>& dictionaries,
                Manifest manifest);
  /// Gives the sealed dataset its name.
  void publish();
  /// Where the dataset is until then.
  [[nodiscard]] const std::string& staging() const { return staging_; }

 private:
  void start(const std::vector<TableLayout>& layouts);
  void check_shards(std::vector<std::int64_t> bytes, const std::vector<TableLayout>& layouts) const;
  void check_fits(std::int64_t bytes, const std::vector<TableLayout>& layouts) const;
  void link_one(std::int64_t shard);
  void write_one(std::int64_t shard, const std::vector<TableLayout>& layouts,
                 std::span<const std::span<const std::byte>> pieces);

  const Context& context_;
  std::int32_t shards_;
  const StoredRows* stored_;
  std::unique_ptr<DatasetWriter> writer_;  ///< on rank 0
  std::string staging_;
  std::mutex mutex_;
  std::vector<ShardEntry> written_;
  ShardFindings found_;
};

/// Tables of a dataset with these layouts, as its manifest lists them.
[[nodiscard]] std::vector<TableSchema> schema_of(const std::vector<TableLayout>& layouts);

}  // namespace cohort
