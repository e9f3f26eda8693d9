// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/scored_table.hpp"

#include <memory>

#include "core/collectively.hpp"
#include "core/threads.hpp"
#include "io/store/dataset.hpp"
#include "io/store/shard_reader.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

/// A shard's blocks are consecutive in the table, shard after shard.
std::vector<std::int64_t> first_blocks(const CustomerRows& rows) {
  std::vector<std::int64_t> first{0};
  for (const std::int32_t shard : rows.shards) {
    const std::int64_t in_shard = rows.manifest->shards[static_cast<std::size_t>(shard)].tables.front().rows;
    first.push_back(first.back() + (in_shard + numeric_block_rows - 1) / numeric_block_rows);
  }
  return first;
}

}  // namespace

void write_scored_table(const StepContext& step, const CustomerRows& rows, const std::vector<Column>& columns,
                        const std::vector<Dictionary>& dictionaries, const ScoresOfBlocks& score) {
  const Context& context = step.context;
  const Column& id = rows.schema().columns.front();
  std::vector<Column> all{id};
  all.insert(all.end(), columns.begin(), columns.end());
  CustomerRows written{.folder = step.folder / "table"};
  CustomerTableWriter writer(context, written.folder, all);
  collectively(context.comm, [&] {
    const std::vector<std::int64_t> first = first_blocks(rows);
    parallel_for(context.threads, std::ssize(rows.shards), [&](int, std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      const std::int32_t shard = rows.shards[at];
      std::vector<ColumnData> scored = score(first[at], first[at + 1]);
      scored.insert(scored.begin(), {id, read_column(*rows.manifest, rows.folder.string(),
                                                     static_cast<std::size_t>(shard), customers_table, id.name)});
      writer.write(shard, std::move(scored));
    });
  });
  written.manifest = std::make_unique<const Manifest>(writer.finish(*rows.manifest, dictionaries));
  written.shards = shards_of_rank(*written.manifest, context.comm.rank(), context.comm.size());
  write_customers_csv(context, written, step.folder / "scores.csv");
}

}  // namespace cohort
