// SPDX-License-Identifier: Apache-2.0
// PROGRAM SECONDS [SEED]: feeds a target with mutations of its good inputs. PROGRAM --seeds FOLDER writes those, a
// corpus for libFuzzer. No coverage guides it; it shows the sanitizers what flipped, missing, doubled and foreign bytes
// do.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "tests/fuzz/fuzz_target.hpp"

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t count) {
  return static_cast<std::size_t>(random() % count);
}

void mutate(std::string& text, const std::vector<std::string>& seeds, Random& random) {
  static constexpr std::string_view words[] = {
      "\"", ",",  "\n",   "\r\n", "\0", "-",    "0", "99999999999999999999", "{", "[", "]", "\xff\xff",
      ":",  "  ", "\xc3", "null", "- ", "\"\"", "#", "\x7f\x80\x00"};
  const std::size_t at = text.empty() ? 0 : below(random, text.size());
  const std::size_t length = std::min<std::size_t>(text.size() - at, 1 + below(random, 16));
  switch (below(random, 6)) {
    case 0:
      if (!text.empty()) text[at] ^= static_cast<char>(1 << below(random, 8));
      return;
    case 1: text.erase(at, length); return;
    case 2: text.insert(at, text.substr(at, length)); return;
    case 3: text.insert(at, words[below(random, std::size(words))]); return;
    case 4: text.resize(at); return;
    default: {
      const std::string& other = seeds[below(random, seeds.size())];
      if (!other.empty()) text.insert(at, other, below(random, other.size()), 1 + below(random, 64));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> seeds = cohort::testing::fuzz_seeds();
  if (argc == 3 && argv[1] == std::string("--seeds")) {
    for (std::size_t i = 0; i < seeds.size(); ++i)
      std::ofstream(fmt::format("{}/seed-{}", argv[2], i), std::ios::binary) << seeds[i];
    return 0;
  }
  if (argc < 2) {
    std::cerr << "usage: " << argv[0] << " SECONDS [SEED] | --seeds FOLDER\n";
    return 64;
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(std::atof(argv[1]));
  Random random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  std::int64_t inputs = 0;
  for (; std::chrono::steady_clock::now() < end; ++inputs) {
    std::string text = seeds[below(random, seeds.size())];
    for (std::size_t changes = below(random, 8); changes > 0; --changes) mutate(text, seeds, random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
  fmt::print("{} inputs\n", inputs);
}
