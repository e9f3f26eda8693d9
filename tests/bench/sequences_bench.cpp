// SPDX-License-Identifier: Apache-2.0
// Times the mining of sequential patterns in a file of SPMF sequences:
//   sequences_bench FILE MIN_COUNT THREADS [REPEATS]
// Prints one JSON line; `seconds` is the best of the repeats, without reading the file.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "algorithms/sequences/sequences.hpp"
#include "core/communicator.hpp"
#include "core/context.hpp"
#include "core/metrics.hpp"
#include "io/text/sequence_text.hpp"

namespace cohort {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

SequenceDatabase read_database(const std::string& path, const Communicator& comm) {
  const SequenceText text = read_sequence_text(path, comm.rank(), comm.size());
  const std::vector<std::int32_t> codes(text.tokens.begin(), text.tokens.end());
  SequenceDatabase sequences;
  sequences.add_marked(codes, text.rows);
  sequences.n_items = codes.empty() ? 0 : *std::ranges::max_element(codes) + 1;
  return sequences;
}

int run(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: sequences_bench FILE MIN_COUNT THREADS [REPEATS]\n";
    return 64;
  }
  Communicator comm;
  Metrics metrics;
  const Context context{
      .comm = comm, .metrics = metrics, .threads = std::stoi(argv[3]), .memory_per_rank = std::int64_t{1} << 32};
  nlohmann::ordered_json result;
  auto start = std::chrono::steady_clock::now();
  SequenceDatabase sequences = read_database(argv[1], comm);
  result["read_seconds"] = seconds_since(start);
  std::int64_t n_items = sequences.n_items;
  comm.all_reduce({}, std::span(&n_items, 1));
  sequences.n_items = static_cast<std::int32_t>(n_items);
  double best = 1e300, best_cpu = 1e300;
  for (int repeat = argc > 4 ? std::stoi(argv[4]) : 1; repeat > 0; --repeat) {
    start = std::chrono::steady_clock::now();
    const double cpu = process_cpu_seconds();
    result["found"] = Sequences::mine({.min_count = std::stoll(argv[2])}, sequences, context).size();
    best = std::min(best, seconds_since(start));
    best_cpu = std::min(best_cpu, process_cpu_seconds() - cpu);
  }
  result["seconds"] = best;
  result["cpu_s"] = best_cpu;
  if (comm.rank() == 0) std::cout << result.dump() << '\n';
  return 0;
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  return cohort::run(argc, argv);
}
