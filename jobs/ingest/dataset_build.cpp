// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/dataset_build.hpp"

#include <algorithm>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/threads.hpp"
#include "jobs/ingest/stored_rows.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

/// Share of memory_per_rank in which a shard is built; rows that wait and labels have the other half.
constexpr double shard_share = 0.5;
constexpr std::int64_t index_bytes = 60;  // of a row, while a shard is sorted

}  // namespace

DatasetBuild::DatasetBuild(const Context& context, const std::filesystem::path& folder, bool replace,
                           std::int32_t shards, const StoredRows* stored)
    : context_(context), shards_(shards), stored_(stored) {
  collectively(context.comm, [&] {
    if (context.comm.rank() != 0) return;
    writer_ = std::make_unique<DatasetWriter>(folder.string(), replace);
    if (stored_ != nullptr) stored_->check_unchanged();  // nobody else can change it from here on
    staging_ = writer_->staging();
  });
  context.comm.broadcast(staging_, 0);
}

void DatasetBuild::write_one(std::int64_t shard, const std::vector<TableLayout>& layouts,
                             std::span<const std::span<const std::byte>> pieces) {
  ShardFindings found;
  std::vector<std::span<const std::byte>> all(pieces.begin(), pieces.end());
  std::vector<std::byte> before;
  if (stored_ != nullptr) before = stored_->rows(static_cast<std::size_t>(shard));
  all.emplace_back(before);
  const std::vector<TableData> tables = build_shard(layouts, all, found);
  ShardEntry entry = write_shard(staging_ + "/" + shard_name(static_cast<std::int32_t>(shard)), tables);
  const std::lock_guard lock(mutex_);
  written_.push_back(std::move(entry));
  for (std::size_t t = 0; t < layouts.size(); ++t) found_.sheets[t].add(found.sheets[t]);
  found_.orphans.insert(found_.orphans.end(), found.orphans.begin(), found.orphans.end());
}

void DatasetBuild::link_one(std::int64_t shard) {
  const ShardEntry& entry = stored_->manifest().shards[static_cast<std::size_t>(shard)];
  const std::filesystem::path from = std::filesystem::path(stored_->folder()) / entry.file;
  const std::filesystem::path to = std::filesystem::path(staging_) / entry.file;
  std::error_code no_links;
  std::filesystem::create_hard_link(from, to, no_links);
  if (no_links) std::filesystem::copy_file(from, to);
  const std::lock_guard lock(mutex_);
  written_.push_back(entry);
}

/// Collective. All rows of a customer lie in one shard, which comes together on one rank.
void DatasetBuild::check_shards(std::vector<std::int64_t> bytes, const std::vector<TableLayout>& layouts) const {
  for (std::size_t shard = 0; stored_ != nullptr && shard < bytes.size(); ++shard)
    if (bytes[shard] > 0 || !stored_->untouched_stay()) bytes[shard] += stored_->packed_bytes(shard);
  const std::int64_t largest = *std::ranges::max_element(bytes);
  collectively(context_.comm, [&] { check_fits(largest, layouts); });
}

/// A shard in the making takes its rows as they came, an index to sort them by, and the columns they become.
void DatasetBuild::check_fits(std::int64_t bytes, const std::vector<TableLayout>& layouts) const {
  std::size_t row_bytes = layouts.front().format.fixed_bytes();
  for (const TableLayout& layout : layouts) row_bytes = std::min(row_bytes, layout.format.fixed_bytes());
  const std::int64_t rows = bytes / static_cast<std::int64_t>(row_bytes);
  const std::int64_t needed = 2 * bytes + rows * index_bytes;
  const auto limit = static_cast<std::int64_t>(shard_share * static_cast<double>(context_.memory_per_rank));
  if (needed <= limit) return;
  throw Error(ExitCode::plan_refused,
              fmt::format("the customers' rows of one shard, up to {} in {} bytes, take {} bytes to sort and write, "
                          "more than {}, half of memory_per_rank = {}",
                          rows, bytes, needed, limit, context_.memory_per_rank),
              "ask for more `shards`; where one customer has most of the rows, leave it out or give each rank more "
              "memory");
}

void DatasetBuild::start(const std::vector<TableLayout>& layouts) {
  found_.sheets.assign(layouts.size(), {});
  for (std::size_t t = 0; t < layouts.size(); ++t) found_.sheets[t].rules.resize(layouts[t].rules);
}

void DatasetBuild::write_rows(std::int64_t shard, const std::vector<TableLayout>& layouts,
                              std::span<const std::byte> rows) {
  check_fits(std::ssize(rows), layouts);
  {
    const std::lock_guard lock(mutex_);
    if (found_.sheets.empty()) start(layouts);
  }
  write_one(shard, layouts, {{rows}});
}

ShardFindings DatasetBuild::write_shards(Repartition& rows, const Repartition::Patch& patch,
                                         const std::vector<TableLayout>& layouts) {
  start(layouts);
  const std::vector<std::int64_t> bytes = rows.partition_bytes();
  check_shards(bytes, layouts);
  Progress progress(context_.show_progress, "writing shards", shards_ / context_.comm.size());
  rows.deliver(patch, [&](std::int64_t shard, std::span<const std::span<const std::byte>> pieces) {
    write_one(shard, layouts, pieces);
    progress.advance();
  });
  collectively(context_.comm, [&] {
    parallel_for(context_.threads, shards_, [&](int, std::int64_t shard) {
      const bool mine = shard % context_.comm.size() == context_.comm.rank();
      if (!mine || bytes[static_cast<std::size_t>(shard)] > 0) return;
      if (stored_ != nullptr && stored_->untouched_stay())
        link_one(shard);
      else
        write_one(shard, layouts, {});
    });
  });
  return std::move(found_);
}

Manifest DatasetBuild::seal(const std::vector<TableLayout>& layouts, const std::vector<Dictionary>& dictionaries,
                            Manifest manifest) {
  collectively(context_.comm, [&] { sync_shards(staging_, written_, context_.threads); });
  Manifest shards = gather_shards(context_.comm, schema_of(layouts), std::move(written_));
  collectively(context_.comm, [&] {
    if (context_.comm.rank() != 0) return;
    manifest.tables = std::move(shards.tables);
    manifest.shards = std::move(shards.shards);
    if (!dictionaries.empty()) write_dictionaries(staging_, dictionaries, manifest);
    writer_->seal(manifest);
  });
  return manifest;
}

void DatasetBuild::publish() {
  collectively(context_.comm, [&] {
    if (context_.comm.rank() == 0) writer_->publish();
  });
  writer_.reset();
}

std::vector<TableSchema> schema_of(const std::vector<TableLayout>& layouts) {
  std::vector<TableSchema> schemas;
  ShardFindings unused;
  for (const TableData& table : build_shard(layouts, {}, unused)) schemas.push_back(schema_of(table));
  return schemas;
}

}  // namespace cohort
