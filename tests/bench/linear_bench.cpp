// SPDX-License-Identifier: Apache-2.0
// Times a linear model on a raw float64 file: D columns of N values, then the label.
//   linear_bench logistic|ridge THREADS FILE N D PENALTY
//   linear_bench data logistic|ridge FILE N D      writes such a file, with a planted model
// Prints one JSON line: {"seconds", "cpu_s", "objective"}. Time runs from the columns in memory to the model.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "algorithms/linear/glm.hpp"
#include "core/communicator.hpp"
#include "core/context.hpp"
#include "core/elementary.hpp"
#include "core/metrics.hpp"
#include "core/random.hpp"
#include "tests/algorithms/memory_table.hpp"

namespace cohort {
namespace {

constexpr std::int64_t rows_per_block = 16384;

testing::MemoryTable read_table(const std::string& path, std::size_t rows, std::size_t columns,
                                const Communicator& comm) {
  std::vector<std::vector<double>> values(columns + 1, std::vector<double>(rows));
  std::vector<std::string> names;
  std::ifstream file(path, std::ios::binary);
  for (std::vector<double>& column : values) {
    names.push_back(fmt::format("x{}", names.size()));
    file.read(reinterpret_cast<char*>(column.data()), static_cast<std::streamsize>(rows * sizeof(double)));
  }
  if (!file)
    throw Error(ExitCode::input_missing, fmt::format("{} does not hold {} columns", path, columns + 1), "make it anew");
  values.emplace_back(rows, 1.0);
  names.emplace_back("weight");
  return {std::move(names), std::move(values), rows_per_block, comm};
}

/// Normal columns of unequal scale, and a label that follows them.
void write_table(bool classes, const std::string& path, std::size_t rows, std::size_t columns) {
  std::vector<std::vector<double>> values(columns + 1, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    RandomStream stream(1, "linear_bench", i);
    double eta = -0.5;
    for (std::size_t j = 0; j < columns; ++j) {
      const double x = stream.normal();
      eta += 0.4 * std::cos(static_cast<double>(j)) * x;
      values[j][i] = j % 3 == 0 ? 100 + 10 * x : x;
    }
    values[columns][i] = classes ? (stream.uniform() < 1 / (1 + cohort::exp(-eta)) ? 1 : 0) : eta + stream.normal();
  }
  std::ofstream file(path, std::ios::binary);
  for (const std::vector<double>& column : values) {
    file.write(reinterpret_cast<const char*>(column.data()), static_cast<std::streamsize>(rows * sizeof(double)));
  }
}

int run(const std::vector<std::string>& words) {
  Communicator comm;
  Metrics metrics;
  const Context context{
      .comm = comm, .metrics = metrics, .threads = std::stoi(words[2]), .memory_per_rank = std::int64_t{1} << 34};
  const auto columns = std::stoul(words[5]);
  const testing::MemoryTable table = read_table(words[3], std::stoul(words[4]), columns, comm);
  const LabelledRows rows{.table = table, .labels = std::vector<std::vector<std::string>>(columns)};
  const Glm::Params params{.family = words[1] == "ridge" ? GlmFamily::gaussian : GlmFamily::binomial,
                           .penalty = std::stod(words[6])};
  const double cpu = process_cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  const Glm::Model model = Glm::fit(params, rows, context);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const nlohmann::ordered_json line{
      {"seconds", seconds.count()}, {"cpu_s", process_cpu_seconds() - cpu}, {"objective", model.loss}};
  if (comm.rank() == 0) std::cout << line << std::endl;
  return 0;
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  if (words.size() == 6 && words[1] == "data") {
    cohort::write_table(words[2] == "logistic", words[3], std::stoul(words[4]), std::stoul(words[5]));
    return 0;
  }
  if (words.size() == 7) return cohort::run(words);
  std::cerr << "usage: linear_bench logistic|ridge THREADS FILE N D PENALTY\n";
  return 64;
}
