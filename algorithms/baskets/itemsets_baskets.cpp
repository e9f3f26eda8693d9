// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "algorithms/baskets/eclat.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

/// Above this share of ones, and below this many items, rows of bits beat lists: a pair costs baskets / 512 register
/// operations against baskets x density^2 increments (measured: they meet near 1/50).
constexpr double dense_share = 1.0 / 50;
constexpr std::int64_t most_dense_items = 4096;
/// Items of a block of pairs, and lines of a tile: two blocks stay in half a MiB of cache.
constexpr std::int64_t block_items = 32, tile_lines = 128;
constexpr std::int64_t run_baskets = 8 * 512;  ///< whose bits a thread sets at a time

}  // namespace

ClassBaskets::ClassBaskets(Transactions all, const std::vector<char>& mined, bool rarer, int threads)
    : size_(all.size()) {
  const std::int64_t items = std::ssize(mined);
  const double cells = static_cast<double>(size_) * static_cast<double>(items);
  if (items <= most_dense_items && cells > 0 && static_cast<double>(all.items.size()) >= dense_share * cells) {
    set_bits(all, items, threads);
    count_pairs(items, threads);
  } else {
    list_places(std::move(all), mined, rarer);
  }
}

void ClassBaskets::list_places(Transactions all, const std::vector<char>& mined, bool rarer) {
  offsets_.assign(mined.size() + 1, 0);
  items_ = std::move(all.items);
  for (std::size_t b = 0; b + 1 < all.offsets.size(); ++b) {
    std::int32_t& first = items_[static_cast<std::size_t>(all.offsets[b])];
    first = ~first;
  }
  all = {};
  const auto each = [&](const auto& work) {
    for (std::size_t place = 0; place < items_.size(); ++place) {
      const std::int32_t item = items_[place];
      if (item < 0 && !rarer) continue;
      const auto i = static_cast<std::size_t>(item < 0 ? ~item : item);
      if (mined[i] != 0) work(i, place);
    }
  };
  each([&](std::size_t i, std::size_t) { ++offsets_[i + 1]; });
  for (std::size_t i = 0; i < mined.size(); ++i) offsets_[i + 1] += offsets_[i];
  places_.resize(static_cast<std::size_t>(offsets_.back()));
  std::vector<std::int64_t> next(offsets_.begin(), offsets_.end() - 1);
  each([&](std::size_t i, std::size_t place) {
    places_[static_cast<std::size_t>(next[i]++)] = static_cast<std::uint32_t>(place);
  });
  items_.push_back(-1);  // an end for the last basket
}

/// Runs of baskets end with a line, so that no two threads write to one.
void ClassBaskets::set_bits(const Transactions& all, std::int64_t items, int threads) {
  lines_ = lines_of(size_);
  bits_.assign(static_cast<std::size_t>(items * lines_), BitLine{});
  auto* words = reinterpret_cast<std::uint64_t*>(bits_.data());
  parallel_for(threads, (size_ + run_baskets - 1) / run_baskets, [&](int, std::int64_t run) {
    const std::int64_t end = std::min(size_, (run + 1) * run_baskets);
    for (std::int64_t b = run * run_baskets; b < end; ++b) {
      for (const std::int32_t item : all[b]) words[item * lines_ * 8 + b / 64] |= std::uint64_t{1} << (b % 64);
    }
  });
}

void ClassBaskets::count_pairs(std::int64_t items, int threads) {
  pairs_.assign(pair(items, 0), 0);
  const std::int64_t blocks = (items + block_items - 1) / block_items;
  parallel_for(threads, blocks * (blocks + 1) / 2, [&](int, std::int64_t i) {
    std::int64_t a = 0;
    while ((a + 1) * (a + 2) / 2 <= i) ++a;
    count_block(a * block_items, (i - a * (a + 1) / 2) * block_items, items);
  });
}

/// Pairs of two blocks of items, tile by tile of baskets.
void ClassBaskets::count_block(std::int64_t first_a, std::int64_t first_b, std::int64_t items) {
  const BitKernels& kernels = bit_kernels();
  for (std::int64_t line = 0; line < lines_; line += tile_lines) {
    const std::int64_t length = std::min(tile_lines, lines_ - line);
    for (std::int64_t a = first_a; a < std::min(items, first_a + block_items); ++a) {
      for (std::int64_t b = first_b; b <= std::min(a, first_b + block_items - 1); ++b) {
        pairs_[pair(a, b)] += static_cast<std::int32_t>(
            kernels.count_both(bits_.data() + a * lines_ + line, bits_.data() + b * lines_ + line, length));
      }
    }
  }
}

}  // namespace cohort
