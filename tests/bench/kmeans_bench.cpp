// SPDX-License-Identifier: Apache-2.0
// Times k-means on a raw float32 file of N rows by D columns.
//   kmeans_bench lloyd THREADS FILE N D K ITERATIONS  an iteration from the first K rows as centres: the difference of
//                                                     runs of 2 I and I iterations, divided by I
//   kmeans_bench init  THREADS FILE N D K SEED        the seeding, and the inertia of a fit of at most 50 iterations
//   from it
// Prints one JSON line: {"seconds", "cpu_s", "inertia"}.
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "algorithms/segments/kmeans_init.hpp"
#include "algorithms/segments/kmeans_lloyd.hpp"
#include "algorithms/statistics/moments.hpp"
#include "core/communicator.hpp"
#include "core/context.hpp"
#include "core/metrics.hpp"
#include "tests/algorithms/memory_table.hpp"

namespace cohort {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t rows_per_block = 65536;
constexpr std::int64_t iterations_of_fit = 50;

testing::MemoryTable read_table(const std::string& path, std::size_t rows, std::size_t columns,
                                const Communicator& comm) {
  std::vector<std::vector<double>> values(columns, std::vector<double>(rows));
  std::ifstream file(path, std::ios::binary);
  std::vector<float> row(columns);
  for (std::size_t i = 0; i < rows; ++i) {
    file.read(reinterpret_cast<char*>(row.data()), static_cast<std::streamsize>(columns * sizeof(float)));
    for (std::size_t j = 0; j < columns; ++j) values[j][i] = static_cast<double>(row[j]);
  }
  return {std::vector<std::string>(columns, "x"), std::move(values), rows_per_block, comm};
}

struct Cost {
  double seconds = 0, cpu_s = 0;
};

template <class Work>
Cost cost_of(const Work& work) {
  const double cpu_start = process_cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  work();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {seconds, process_cpu_seconds() - cpu_start};
}

LloydTask task_of(const NumericTable& table, const Context& context) {
  LloydTask task{.squared_shift = -1};  // never converged: every run has all its iterations
  for (const ColumnMoments& column : moments_of(table, context)) {
    task.reach.push_back(std::max(std::abs(column.min), std::abs(column.max)));
    task.squared_diameter += (column.max - column.min) * (column.max - column.min);
  }
  return task;
}

Json time_lloyd(const testing::MemoryTable& table, LloydTask task, std::int64_t k, std::int64_t iterations,
                const Context& context) {
  PackedPoints<float> points(table, context);
  Matrix first(k, points.dimensions());
  for (std::int64_t c = 0; c < k; ++c) {
    for (std::size_t j = 0; j < first.row(c).size(); ++j)
      first.row(c)[j] = table.values(j)[static_cast<std::size_t>(c)];
  }
  LloydResult fit;
  const auto run = [&](std::int64_t count) {
    task.max_iter = count;
    return cost_of([&] { fit = iterate_lloyd(points, first, task, context); });
  };
  const Cost once = run(iterations);
  const double inertia = fit.inertia;
  const Cost twice = run(2 * iterations);
  const auto count = static_cast<double>(iterations);
  return {{"seconds", (twice.seconds - once.seconds) / count},
          {"cpu_s", (twice.cpu_s - once.cpu_s) / count},
          {"inertia", inertia}};
}

Json time_seeding(const NumericTable& table, LloydTask task, std::int64_t k, std::uint64_t seed,
                  const Context& context) {
  PackedPoints<float> points(table, context);
  const SeedingTask seeding{
      .n_clusters = k, .random_state = seed, .restart = 0, .squared_diameter = task.squared_diameter};
  Matrix seeds;
  const Cost cost = cost_of([&] { seeds = scalable_seeds(points, seeding, context); });
  task.max_iter = iterations_of_fit;
  const LloydResult fit = iterate_lloyd(points, seeds, task, context);
  return {{"seconds", cost.seconds}, {"cpu_s", cost.cpu_s}, {"inertia", fit.inertia}};
}

int run(int argc, char** argv) {
  if (argc != 8) {
    std::cerr << "usage: kmeans_bench lloyd|init THREADS FILE N D K ITERATIONS|SEED\n";
    return 64;
  }
  Communicator comm;
  Metrics metrics;
  const Context context{
      .comm = comm, .metrics = metrics, .threads = std::stoi(argv[2]), .memory_per_rank = std::int64_t{1} << 36};
  const testing::MemoryTable table = read_table(argv[3], std::stoull(argv[4]), std::stoull(argv[5]), comm);
  const LloydTask task = task_of(table, context);
  const std::int64_t k = std::stoll(argv[6]), last = std::stoll(argv[7]);
  const Json result = argv[1] == std::string("init")
                          ? time_seeding(table, task, k, static_cast<std::uint64_t>(last), context)
                          : time_lloyd(table, task, k, last, context);
  std::cout << result.dump() << '\n';
  return 0;
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  return cohort::run(argc, argv);
}
