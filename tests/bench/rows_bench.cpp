// SPDX-License-Identifier: Apache-2.0
// Writes a table of customers that were never there, of any size: D whole numbers each and a yes or no that follows
// them.
//   rows_bench FOLDER THREADS ROWS D
// Prints one JSON line: {"columns": the planted coefficients}.
#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "core/communicator.hpp"
#include "core/context.hpp"
#include "core/elementary.hpp"
#include "core/metrics.hpp"
#include "core/random.hpp"
#include "core/threads.hpp"
#include "jobs/shard_gather.hpp"

namespace cohort {
namespace {

constexpr std::int64_t rows_per_shard = 1'000'000;
constexpr double steps = 32;  // of a standard deviation: whole numbers are packed into 9 bits or so

double planted(std::size_t column) {
  return 0.4 * std::cos(static_cast<double>(column)) / steps;
}

std::vector<ColumnData> shard_rows(std::int64_t first, std::int64_t rows, const std::vector<Column>& schema) {
  std::vector<std::int64_t> ids;
  std::vector<std::vector<std::int32_t>> values(schema.size() - 1);
  for (std::int64_t i = first; i < first + rows; ++i) {
    RandomStream stream(1, "rows_bench", static_cast<std::uint64_t>(i));
    double eta = -0.5;
    for (std::size_t j = 0; j + 1 < values.size(); ++j) {
      const double x = std::nearbyint(steps * stream.normal());
      eta += planted(j) * x;
      values[j].push_back(static_cast<std::int32_t>(x));
    }
    values.back().push_back(stream.uniform() < 1 / (1 + cohort::exp(-eta)) ? 1 : 0);
    ids.push_back(i);
  }
  std::vector<ColumnData> columns{{schema.front(), std::move(ids)}};
  for (std::size_t j = 0; j < values.size(); ++j) columns.push_back({schema[j + 1], std::move(values[j])});
  return columns;
}

int write_rows(const std::string& folder, int threads, std::int64_t rows, std::size_t numbers) {
  Communicator comm;
  Metrics metrics;
  const Context context{.comm = comm, .metrics = metrics, .threads = threads};
  std::vector<Column> schema{{.name = "customer_id", .type = ColumnType::int64}};
  nlohmann::ordered_json line;
  for (std::size_t j = 0; j < numbers; ++j) {
    schema.push_back({.name = fmt::format("x{}", j), .type = ColumnType::int32});
    line["columns"][schema.back().name] = planted(j);
  }
  schema.push_back({.name = "label", .type = ColumnType::int32});
  CustomerTableWriter writer(context, folder, schema);
  parallel_for(threads, (rows + rows_per_shard - 1) / rows_per_shard, [&](int, std::int64_t shard) {
    const std::int64_t first = shard * rows_per_shard;
    writer.write(static_cast<std::int32_t>(shard), shard_rows(first, std::min(rows_per_shard, rows - first), schema));
  });
  (void)writer.finish({});
  std::cout << line << std::endl;
  return 0;
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  if (words.size() == 5)
    return cohort::write_rows(words[1], std::stoi(words[2]), std::stoll(words[3]), std::stoul(words[4]));
  std::cerr << "usage: rows_bench FOLDER THREADS ROWS D\n";
  return 64;
}
