// SPDX-License-Identifier: Apache-2.0
// What the machine can do now: machine_probe THREADS prints {"read_gb_s", "fma_gflop_s"} of all threads together, from
// a sum over more memory than the caches hold and float32 multiply-adds that stay in registers.
#include <fmt/format.h>
#include <immintrin.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "core/isa.hpp"

namespace cohort {
namespace {

constexpr std::size_t words = std::size_t{16} << 20;  // 128 MiB a thread
constexpr std::int64_t steps = 10'000'000;
constexpr int chains = 10;  // hide the latency of an FMA on two ports
constexpr int repeats = 5;

volatile std::int64_t sink_of_sums;
volatile float sink_of_products;

/// The best time of `work` done by all threads at once.
template <class Prepare>
double best_seconds(int threads, const Prepare& prepare) {
  std::vector<double> starts(static_cast<std::size_t>(threads * repeats)), ends(starts.size());
  std::barrier together(threads);
  const auto now = [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()); };
  {
    std::vector<std::jthread> all;
    for (int t = 0; t < threads; ++t) {
      all.emplace_back([&, t] {
        const auto work = prepare();
        for (int r = 0; r < repeats; ++r) {
          together.arrive_and_wait();
          starts[static_cast<std::size_t>(r * threads + t)] = now().count();
          work();
          ends[static_cast<std::size_t>(r * threads + t)] = now().count();
        }
      });
    }
  }
  double best = 1e300;
  for (int r = 0; r < repeats; ++r) {
    const auto first = starts.begin() + r * threads, last = ends.begin() + r * threads;
    best = std::min(best, *std::max_element(last, last + threads) - *std::min_element(first, first + threads));
  }
  return best;
}

__attribute__((target("avx512f"))) void multiply_add_avx512() {
  const __m512 factor = _mm512_set1_ps(0.5F), term = _mm512_set1_ps(1.0F);
  __m512 x[chains] = {};
  for (std::int64_t i = 0; i < steps; ++i) {
    for (__m512& chain : x) chain = _mm512_fmadd_ps(chain, factor, term);
  }
  for (const __m512& chain : x) sink_of_products = _mm512_cvtss_f32(chain);
}

__attribute__((target("avx2,fma"))) void multiply_add_avx2() {
  const __m256 factor = _mm256_set1_ps(0.5F), term = _mm256_set1_ps(1.0F);
  __m256 x[chains] = {};
  for (std::int64_t i = 0; i < steps; ++i) {
    for (__m256& chain : x) chain = _mm256_fmadd_ps(chain, factor, term);
  }
  for (const __m256& chain : x) sink_of_products = _mm256_cvtss_f32(chain);
}

double read_gb_s(int threads) {
  const double seconds = best_seconds(threads, [] {
    return [memory = std::vector<std::int64_t>(words, 1)] {
      std::int64_t sums[16] = {};
      for (std::size_t i = 0; i < words; i += 16) {
        for (std::size_t lane = 0; lane < 16; ++lane) sums[lane] += memory[i + lane];
      }
      for (const std::int64_t sum : sums) sink_of_sums = sum;
    };
  });
  return threads * static_cast<double>(words * sizeof(std::int64_t)) / seconds * 1e-9;
}

double fma_gflop_s(int threads) {
  if (host_isa() == Isa::x86_64) return 0;
  const bool wide = host_isa() == Isa::avx512;
  const double seconds = best_seconds(threads, [&] { return wide ? multiply_add_avx512 : multiply_add_avx2; });
  return threads * 2.0 * (wide ? 16 : 8) * chains * static_cast<double>(steps) / seconds * 1e-9;
}

}  // namespace
}  // namespace cohort

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::stoi(argv[1]) : 1;
  fmt::print("{{\"read_gb_s\": {:.2f}, \"fma_gflop_s\": {:.1f}}}\n", cohort::read_gb_s(threads),
             cohort::fma_gflop_s(threads));
}
