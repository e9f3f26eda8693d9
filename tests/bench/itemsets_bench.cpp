// SPDX-License-Identifier: Apache-2.0
// itemsets_bench FILE|t40|t10 SUPPORT [THREADS] [REPEATS] [KIND] [keep]: mines one file and prints a line of JSON:
// sets, and the best of the repeats in seconds, from baskets of numbers in memory: counting and coding of items is
// within. t40 and t10 are made as IBM's Quest generator makes T40I10D100K and T10I4D500K (Agrawal and Srikant, VLDB
// 1994); itemsets_bench BASKETS FILE writes them for other programs.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <string>

#include "algorithms/baskets/itemsets.hpp"
#include "core/random.hpp"
#include "core/threads.hpp"
#include "io/text/fimi.hpp"

namespace cohort {
namespace {

using Baskets = std::vector<std::vector<std::int64_t>>;

struct Quest {
  std::int64_t baskets, items, patterns;
  double basket_length, pattern_length;
};

struct Pattern {
  std::vector<std::int64_t> items;
  double weight, corruption;
};

/// Patterns share items with the one before, exponentially many; weights are exponential, corruption is normal.
std::vector<Pattern> make_patterns(const Quest& quest) {
  std::vector<Pattern> patterns;
  double total = 0;
  for (std::int64_t p = 0; p < quest.patterns; ++p) {
    RandomStream random(1, "patterns", static_cast<std::uint64_t>(p));
    Pattern pattern{{}, random.exponential(1), std::clamp(0.5 + 0.1 * random.normal(), 0.0, 1.0)};
    const auto length =
        static_cast<std::size_t>(std::max<std::int64_t>(1, random.poisson(quest.pattern_length - 1) + 1));
    const double shared = std::min(1.0, random.exponential(2));
    while (pattern.items.size() < length) {
      const bool copies = p > 0 && static_cast<double>(pattern.items.size()) < shared * static_cast<double>(length);
      const std::vector<std::int64_t>& before = patterns.empty() ? pattern.items : patterns.back().items;
      pattern.items.push_back(copies ? before[static_cast<std::size_t>(random.below(std::ssize(before)))]
                                     : random.below(quest.items));
    }
    total += pattern.weight;
    patterns.push_back(std::move(pattern));
  }
  for (double sum = 0; Pattern & pattern : patterns) pattern.weight = sum += pattern.weight / total;
  return patterns;
}

Baskets make_baskets(const Quest& quest) {
  const std::vector<Pattern> patterns = make_patterns(quest);
  Baskets baskets(static_cast<std::size_t>(quest.baskets));
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    RandomStream random(1, "baskets", b);
    const std::int64_t length = std::max<std::int64_t>(1, random.poisson(quest.basket_length));
    for (int tries = 0; std::ssize(baskets[b]) < length && tries < 1000; ++tries) {
      const auto drawn = std::lower_bound(patterns.begin(), patterns.end(), random.uniform(),
                                          [](const Pattern& p, double u) { return p.weight < u; });
      const Pattern& pattern = drawn == patterns.end() ? patterns.back() : *drawn;
      std::vector<std::int64_t> items = pattern.items;
      while (!items.empty() && random.uniform() < pattern.corruption)
        items.erase(items.begin() + random.below(std::ssize(items)));
      // One that does not fit goes in anyway half of the time.
      if (std::ssize(baskets[b]) + std::ssize(items) > length && random.uniform() < 0.5) break;
      baskets[b].insert(baskets[b].end(), items.begin(), items.end());
    }
  }
  return baskets;
}

Baskets load(const std::string& what) {
  if (what == "t40") return make_baskets({100'000, 1000, 2000, 40, 10});
  if (what == "t10") return make_baskets({500'000, 20'000, 2000, 10, 4});
  Baskets baskets;
  BasketFile(what, BasketDialect::fimi).read(0, 1, 1, [&](int, std::span<const std::int64_t> items) {
    baskets.emplace_back(items.begin(), items.end());
  });
  return baskets;
}

void write(const Baskets& baskets, const std::string& path) {
  std::ofstream file(path);
  for (std::vector<std::int64_t> basket : baskets) {
    std::sort(basket.begin(), basket.end());
    basket.erase(std::unique(basket.begin(), basket.end()), basket.end());
    file << fmt::format("{}\n", fmt::join(basket, " "));
  }
}

int bench(int argc, char** argv) {
  const Baskets baskets = load(argv[1]);
  if (argc == 3 && std::atof(argv[2]) == 0) {
    write(baskets, argv[2]);
    return 0;
  }
  const int threads = argc > 3 ? std::atoi(argv[3]) : 1;
  Itemsets::Params params{.min_support = argv[2], .kind = argc > 5 ? argv[5] : "frequent"};
  params.max_itemsets = std::int64_t{1} << 40;
  Communicator comm;
  Metrics metrics;
  const Context context{.comm = comm, .metrics = metrics, .threads = threads, .memory_per_rank = std::int64_t{1} << 33};
  const BasketPass pass = [&](const BasketSink& sink) {
    constexpr std::int64_t block = 4096;
    parallel_for(threads, (std::ssize(baskets) + block - 1) / block, [&](int worker, std::int64_t i) {
      for (std::int64_t b = i * block; b < std::min(std::ssize(baskets), (i + 1) * block); ++b)
        sink(worker, baskets[static_cast<std::size_t>(b)]);
    });
  };
  double best = 1e300, best_cpu = 1e300;
  std::int64_t sets = 0;
  for (int repeat = argc > 4 ? std::atoi(argv[4]) : 1; repeat > 0; --repeat) {
    const double cpu_before = process_cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    sets = Itemsets::mine(params, pass, context, argc > 6).total;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    best = std::min(best, elapsed.count());
    best_cpu = std::min(best_cpu, process_cpu_seconds() - cpu_before);
  }
  fmt::print("{{\"sets\": {}, \"seconds\": {:.5f}, \"cpu_seconds\": {:.5f}}}\n", sets, best, best_cpu);
  return 0;
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  return cohort::bench(argc, argv);
}
