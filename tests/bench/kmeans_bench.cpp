// SPDX-License-Identifier: Apache-2.0
// Times k-means on a raw float32 file of n rows by d columns, from the first k rows as centres, and its seeding:
//   kmeans_bench FILE N D K ITERATIONS THREADS [float32|float64] [SEED]
// Prints one JSON line. Seconds per iteration are the difference of runs of 2 I and I iterations, divided by I.
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "algorithms/kmeans_init.hpp"
#include "algorithms/kmeans_lloyd.hpp"
#include "algorithms/moments.hpp"
#include "core/communicator.hpp"
#include "core/context.hpp"
#include "core/metrics.hpp"
#include "tests/algorithms/memory_table.hpp"

namespace cohort {
namespace {

constexpr std::int64_t rows_per_block = 65536;

testing::MemoryTable read_table(const std::string& path, std::int64_t rows, std::int64_t columns,
                                const Communicator& comm) {
  std::vector<std::vector<double>> values(static_cast<std::size_t>(columns));
  std::vector<std::string> names;
  for (std::size_t j = 0; j < values.size(); ++j) {
    names.push_back(fmt::format("x{}", j));
    values[j].resize(static_cast<std::size_t>(rows));
  }
  std::ifstream file(path, std::ios::binary);
  std::vector<float> row(values.size());
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
    file.read(reinterpret_cast<char*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof(float)));
    for (std::size_t j = 0; j < row.size(); ++j) values[j][i] = static_cast<double>(row[j]);
  }
  return {names, std::move(values), rows_per_block, comm};
}

template <class Work>
double seconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <class T>
nlohmann::ordered_json measure(const testing::MemoryTable& table, std::int64_t k, std::int64_t iterations,
                               std::uint64_t seed, const Context& context) {
  LloydTask task{.max_iter = iterations, .squared_shift = -1};
  for (const ColumnMoments& column : moments_of(table, context)) {
    task.reach.push_back(std::max(std::abs(column.min), std::abs(column.max)));
    task.squared_diameter += (column.max - column.min) * (column.max - column.min);
  }
  PackedPoints<T> points(table, context);
  Matrix first(k, points.dimensions());
  for (std::int64_t c = 0; c < k; ++c) {
    for (std::size_t j = 0; j < first.row(c).size(); ++j)
      first.row(c)[j] = table.values(j)[static_cast<std::size_t>(c)];
  }
  nlohmann::ordered_json result;
  LloydResult fit;
  const double once = seconds([&] { fit = iterate_lloyd(points, first, task, context); });
  result["inertia"] = fit.inertia;
  task.max_iter = 2 * iterations;
  const double cpu_start = process_cpu_seconds();
  const double twice = seconds([&] { fit = iterate_lloyd(points, first, task, context); });
  result["cpu_seconds"] = process_cpu_seconds() - cpu_start;  // of 2 I iterations and the final pass
  result["seconds_per_iteration"] = (twice - once) / static_cast<double>(iterations);

  const SeedingTask seeding{
      .n_clusters = k, .random_state = seed, .restart = 0, .squared_diameter = task.squared_diameter};
  Matrix seeds;
  result["init_seconds"] = seconds([&] { seeds = scalable_seeds(points, seeding, context); });
  task.max_iter = 1;
  result["inertia_after_init_and_1"] = iterate_lloyd(points, seeds, task, context).inertia;
  task.max_iter = 300;
  task.squared_shift = 1e-4;
  fit = iterate_lloyd(points, seeds, task, context);
  result["inertia_after_fit"] = fit.inertia;
  result["n_iter"] = fit.n_iter;
  return result;
}

int run(int argc, char** argv) {
  if (argc < 7) {
    std::cerr << "usage: kmeans_bench FILE N D K ITERATIONS THREADS [float32|float64] [SEED]\n";
    return 64;
  }
  Communicator comm;
  Metrics metrics;
  const Context context{.comm = comm,
                        .metrics = metrics,
                        .threads = std::stoi(argv[6]),
                        .memory_per_rank = std::int64_t{1} << 36,
                        .show_progress = false};
  const testing::MemoryTable table = read_table(argv[1], std::stoll(argv[2]), std::stoll(argv[3]), comm);
  const std::int64_t k = std::stoll(argv[4]);
  const std::int64_t iterations = std::stoll(argv[5]);
  const std::uint64_t seed = argc > 8 ? std::stoull(argv[8]) : 0;
  const bool wide = argc > 7 && std::string(argv[7]) == "float64";
  std::cout << (wide ? measure<double>(table, k, iterations, seed, context)
                     : measure<float>(table, k, iterations, seed, context))
                   .dump()
            << '\n';
  return 0;
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  return cohort::run(argc, argv);
}
