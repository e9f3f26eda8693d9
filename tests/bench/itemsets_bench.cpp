// SPDX-License-Identifier: Apache-2.0
// itemsets_bench FILE|t40:BASKETS|t10:BASKETS SUPPORT [THREADS] [REPEATS] [MIB]: mines one file, or baskets made anew
// in each pass, with MIB as memory_per_rank. Prints a line of JSON: sets found, the best of the repeats (as many more
// as half a second holds, if there is more than one) in seconds and the most memory of a rank. Baskets of numbers are
// in memory before; counting and coding of items is within. t40 and t10 are made as IBM's Quest generator makes
// T40I10D100K and T10I4D500K (Agrawal and Srikant, VLDB 1994); itemsets_bench t40:BASKETS FILE writes them.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <optional>
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

/// What fills the baskets; each is drawn from its own number alone.
class Shop {
 public:
  explicit Shop(const Quest& quest) : quest_(quest), patterns_(make_patterns(quest)) {}

  [[nodiscard]] std::int64_t size() const { return quest_.baskets; }
  void fill(std::int64_t number, std::vector<std::int64_t>& basket) const {
    RandomStream random(1, "baskets", static_cast<std::uint64_t>(number));
    const std::int64_t length = std::max<std::int64_t>(1, random.poisson(quest_.basket_length));
    basket.clear();
    for (int tries = 0; std::ssize(basket) < length && tries < 1000; ++tries) {
      const auto drawn = std::lower_bound(patterns_.begin(), patterns_.end(), random.uniform(),
                                          [](const Pattern& p, double u) { return p.weight < u; });
      const Pattern& pattern = drawn == patterns_.end() ? patterns_.back() : *drawn;
      std::vector<std::int64_t> items = pattern.items;
      while (!items.empty() && random.uniform() < pattern.corruption)
        items.erase(items.begin() + random.below(std::ssize(items)));
      // One that does not fit goes in anyway half of the time.
      if (std::ssize(basket) + std::ssize(items) > length && random.uniform() < 0.5) break;
      basket.insert(basket.end(), items.begin(), items.end());
    }
  }

 private:
  Quest quest_;
  std::vector<Pattern> patterns_;
};

Shop open_shop(const std::string& what) {
  const std::int64_t baskets = std::atoll(what.c_str() + 4);
  return Shop(what.starts_with("t40:") ? Quest{baskets, 1000, 2000, 40, 10} : Quest{baskets, 20'000, 2000, 10, 4});
}

bool is_shop(const std::string& what) {
  return what.starts_with("t40:") || what.starts_with("t10:");
}

Baskets load(const std::string& what) {
  Baskets baskets;
  BasketFile(what, BasketDialect::fimi).read(0, 1, 1, [&](int, std::int64_t, std::span<const std::int64_t> items) {
    baskets.emplace_back(items.begin(), items.end());
  });
  return baskets;
}

void write(const Shop& shop, const std::string& path) {
  std::ofstream file(path);
  std::vector<std::int64_t> basket;
  for (std::int64_t b = 0; b < shop.size(); ++b) {
    shop.fill(b, basket);
    std::sort(basket.begin(), basket.end());
    basket.erase(std::unique(basket.begin(), basket.end()), basket.end());
    file << fmt::format("{}\n", fmt::join(basket, " "));
  }
}

/// Calls work(worker, first, end) for the runs of baskets of this rank on several threads.
void in_blocks(const Context& context, std::int64_t baskets, const auto& work) {
  constexpr std::int64_t block = 4096;
  const std::int64_t blocks = (baskets + block - 1) / block, rank = context.comm.rank(), ranks = context.comm.size();
  parallel_for(context.threads, (blocks - rank + ranks - 1) / ranks, [&](int worker, std::int64_t i) {
    const std::int64_t first = (rank + i * ranks) * block;
    work(worker, first, std::min(baskets, first + block));
  });
}

BasketPass pass_over(const Baskets& baskets, const Context& context) {
  return [&](const BasketSink& sink) {
    in_blocks(context, std::ssize(baskets), [&](int worker, std::int64_t first, std::int64_t end) {
      for (std::int64_t b = first; b < end; ++b) sink(worker, b, baskets[static_cast<std::size_t>(b)]);
    });
  };
}

/// Made anew in each pass: nothing of their number is held.
BasketPass pass_through(const Shop& shop, const Context& context) {
  return [&](const BasketSink& sink) {
    in_blocks(context, shop.size(), [&](int worker, std::int64_t first, std::int64_t end) {
      std::vector<std::int64_t> basket;
      for (std::int64_t b = first; b < end; ++b) {
        shop.fill(b, basket);
        sink(worker, b, basket);
      }
    });
  };
}

int bench(int argc, char** argv) {
  const std::string what = argv[1];
  const std::optional<Shop> shop = is_shop(what) ? std::optional(open_shop(what)) : std::nullopt;
  if (argc == 3 && std::atof(argv[2]) == 0) {
    write(shop.value(), argv[2]);
    return 0;
  }
  const int threads = argc > 3 ? std::atoi(argv[3]) : 1;
  const std::int64_t mebibytes = argc > 5 ? std::atoll(argv[5]) : 8192;
  Itemsets::Params params{.min_support = argv[2]};
  params.max_itemsets = std::int64_t{1} << 40;
  Communicator comm;
  Metrics metrics;
  const Context context{.comm = comm, .metrics = metrics, .threads = threads, .memory_per_rank = mebibytes << 20};
  const Baskets baskets = shop ? Baskets() : load(what);
  const BasketPass pass = shop ? pass_through(*shop, context) : pass_over(baskets, context);
  const int repeats = argc > 4 ? std::atoi(argv[4]) : 1;
  const double warm = repeats > 1 && comm.size() == 1 ? 0.5 : 0;
  double best = 1e300, best_cpu = 1e300, all = 0;
  std::int64_t sets = 0;
  for (int repeat = 0; repeat < repeats || all < warm; ++repeat) {
    const double cpu_before = process_cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    sets = Itemsets::mine(params, pass, context, false).total;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    all += elapsed.count();
    best = std::min(best, elapsed.count());
    best_cpu = std::min(best_cpu, process_cpu_seconds() - cpu_before);
  }
  std::array<std::int64_t, 1> peak{peak_resident_bytes()};
  comm.all_reduce({}, peak);
  if (comm.rank() != 0) return 0;
  fmt::print("{{\"found\": {}, \"seconds\": {:.5f}, \"cpu_s\": {:.5f}, \"peak_rss_bytes\": {}}}\n", sets, best,
             best_cpu, peak[0]);
  return 0;
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  return cohort::bench(argc, argv);
}
