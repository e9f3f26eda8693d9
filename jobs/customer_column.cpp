// SPDX-License-Identifier: Apache-2.0
#include "jobs/customer_column.hpp"

#include "core/error.hpp"
#include "io/store/shard_reader.hpp"

namespace cohort {
namespace {

std::vector<std::int64_t> as_integers(const ColumnValues& values) {
  if (const auto* wide = std::get_if<std::vector<std::int64_t>>(&values)) return *wide;
  std::vector<std::int64_t> integers;
  for (const std::int32_t value : std::get<std::vector<std::int32_t>>(values))
    integers.push_back(value == missing_int32 ? missing_int64 : value);
  return integers;
}

ColumnValues read(const CustomerRows& rows, std::int32_t shard, const std::string& column) {
  return read_column(*rows.manifest, rows.folder.string(), static_cast<std::size_t>(shard), customers_table, column);
}

bool same_customers(const CustomerRows& a, const CustomerRows& b, std::int32_t shard) {
  if (a.folder == b.folder) return true;
  return a.manifest->shards.size() == b.manifest->shards.size() &&
         read(a, shard, a.schema().columns.front().name) == read(b, shard, b.schema().columns.front().name);
}

}  // namespace

CustomerValues customer_values(const CustomerRows& table, const CustomerRows& dataset, const std::string& column,
                               const std::string& where) {
  CustomerValues values;
  for (const std::int32_t shard : dataset.shards) {
    if (!same_customers(table, dataset, shard))
      throw Error(ExitCode::bad_config, fmt::format("{}: its customers are not those of the dataset", where),
                  "name a step that reads this dataset");
    values[shard] = as_integers(read(table, shard, column));
  }
  return values;
}

}  // namespace cohort
