// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/judged_table.hpp"

#include <xxhash.h>

#include <algorithm>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/threads.hpp"
#include "io/store/numeric_table.hpp"
#include "io/store/shard_reader.hpp"

namespace cohort {
namespace {

std::vector<std::uint64_t> keys_of(const ColumnValues& ids) {
  std::vector<std::uint64_t> keys;
  if (const auto* texts = std::get_if<TextValues>(&ids)) {
    for (std::size_t i = 0; i < texts->size(); ++i) keys.push_back(XXH3_64bits((*texts)[i].data(), (*texts)[i].size()));
  } else if (const auto* wide = std::get_if<std::vector<std::int64_t>>(&ids)) {
    keys.assign(wide->begin(), wide->end());
  } else {
    const auto& small = std::get<std::vector<std::int32_t>>(ids);
    for (const std::int32_t id : small) keys.push_back(static_cast<std::uint64_t>(static_cast<std::int64_t>(id)));
  }
  return keys;
}

}  // namespace

std::vector<std::vector<std::uint64_t>> customer_keys(const CustomerRows& rows, const Context& context) {
  std::vector<std::vector<std::uint64_t>> of_shard(rows.shards.size()), blocks;
  collectively(context.comm, [&] {
    parallel_for(context.threads, std::ssize(rows.shards), [&](int, std::int64_t i) {
      const auto shard = static_cast<std::size_t>(rows.shards[static_cast<std::size_t>(i)]);
      of_shard[static_cast<std::size_t>(i)] = keys_of(read_column(*rows.manifest, rows.folder.string(), shard,
                                                                  customers_table, rows.schema().columns.front().name));
    });
  });
  for (const std::vector<std::uint64_t>& keys : of_shard) {
    for (std::ptrdiff_t first = 0; first < std::ssize(keys); first += numeric_block_rows) {
      const std::ptrdiff_t last = std::min<std::ptrdiff_t>(std::ssize(keys), first + numeric_block_rows);
      blocks.emplace_back(keys.begin() + first, keys.begin() + last);
    }
  }
  return blocks;
}

std::span<const double> weights_of(const TrainingTable& table, const NumericBlock& block, JudgedBy by) {
  const std::span<const double> weight = by == JudgedBy::held_out ? table.held_out(block) : table.weight(block);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (weight[i] >= 0) continue;
    throw Error(ExitCode::bad_data,
                fmt::format("row {} has the weight {}", block.first_row + std::int64_t(i), weight[i]),
                "weights are numbers of at least 0; 0 leaves a row out");
  }
  return weight;
}

}  // namespace cohort
