// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/transactions.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <charconv>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "algorithms/baskets/support_guard.hpp"
#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/gather.hpp"

namespace cohort {
namespace {

struct ItemCount {
  std::int64_t key, count;
};

/// Counts by key: small keys by position, the rest in a map.
class KeyCounts {
 public:
  void add(std::int64_t key, std::int64_t count) {
    if (key < 0 || key >= direct_limit) {
      others_[key] += count;
      return;
    }
    const auto at = static_cast<std::size_t>(key);
    if (at >= direct_.size()) direct_.resize(std::max(2 * direct_.size(), at + 1), 0);
    direct_[at] += count;
  }
  /// Adds one for each of keys that rise.
  void add_all(std::span<const std::int64_t> keys) {
    if (!keys.empty() && keys.front() >= 0 && keys.back() < std::ssize(direct_)) {
      for (const std::int64_t key : keys) ++direct_[static_cast<std::size_t>(key)];
    } else {
      for (const std::int64_t key : keys) add(key, 1);
    }
  }
  template <class Call>
  void each(const Call& call) const {
    for (std::size_t key = 0; key < direct_.size(); ++key) {
      if (direct_[key] > 0) call(static_cast<std::int64_t>(key), direct_[key]);
    }
    for (const auto& [key, count] : others_) call(key, count);
  }

 private:
  static constexpr std::int64_t direct_limit = 1 << 16;
  std::vector<std::int64_t> direct_;
  std::unordered_map<std::int64_t, std::int64_t> others_;
};

/// What one worker sees in the first pass.
struct Census {
  KeyCounts items;
  std::vector<std::int64_t> basket;
  std::int64_t baskets = 0, empty = 0, repeated = 0, longest = 0;

  void add(std::span<const std::int64_t> given) {
    std::span<const std::int64_t> rising = given;
    if (std::adjacent_find(given.begin(), given.end(), std::greater_equal{}) != given.end()) {
      basket.assign(given.begin(), given.end());
      std::sort(basket.begin(), basket.end());
      rising = {basket.begin(), std::unique(basket.begin(), basket.end())};
    }
    items.add_all(rising);
    repeated += std::ssize(given) - std::ssize(rising);
    ++baskets;
    empty += given.empty() ? 1 : 0;
    longest = std::max(longest, std::ssize(rising));
  }
};

/// Spreads keys that share a pattern (all even, say) over the ranks.
std::size_t owner_of(std::int64_t key, int ranks) {
  return static_cast<std::size_t>(((static_cast<std::uint64_t>(key) * 0x9E3779B97F4A7C15ULL) >> 32) %
                                  static_cast<std::uint64_t>(ranks));
}

std::vector<Bytes> counts_by_owner(const std::vector<Census>& seen, int ranks) {
  KeyCounts here;
  for (const Census& census : seen)
    census.items.each([&](std::int64_t key, std::int64_t count) { here.add(key, count); });
  std::vector<std::vector<ItemCount>> to(static_cast<std::size_t>(ranks));
  here.each([&](std::int64_t key, std::int64_t count) { to[owner_of(key, ranks)].push_back({key, count}); });
  std::vector<Bytes> bytes;
  for (const auto& part : to) bytes.push_back(to_bytes(std::span(part)));
  return bytes;
}

/// Orders the frequent items and numbers them.
void number_items(std::vector<ItemCount> items, ItemCatalogue& catalogue) {
  std::sort(items.begin(), items.end(), [](const ItemCount& a, const ItemCount& b) {
    return a.count != b.count ? a.count > b.count : a.key < b.key;
  });
  for (const ItemCount& item : items) {
    catalogue.keys.push_back(item.key);
    catalogue.counts.push_back(item.count);
  }
  catalogue.code_of.resize(items.size());
  std::iota(catalogue.code_of.begin(), catalogue.code_of.end(), 0);
  std::sort(catalogue.code_of.begin(), catalogue.code_of.end(), [&](std::int32_t a, std::int32_t b) {
    return items[static_cast<std::size_t>(a)].key < items[static_cast<std::size_t>(b)].key;
  });
  catalogue.rank_of.resize(items.size());
  for (std::size_t r = 0; r < items.size(); ++r)
    catalogue.rank_of[static_cast<std::size_t>(catalogue.code_of[r])] = static_cast<std::int32_t>(r);
}

/// Collective. Adds up the workers' and ranks' figures that are not per item.
void merge_totals(const std::vector<Census>& seen, ItemCatalogue& items, Communicator& comm) {
  std::array<std::int64_t, 3> sums{};
  std::array<std::int64_t, 1> longest{};
  for (const Census& census : seen) {
    sums[0] += census.baskets;
    sums[1] += census.empty;
    sums[2] += census.repeated;
    longest[0] = std::max(longest[0], census.longest);
  }
  comm.all_reduce(sums, longest);
  items.baskets = sums[0];
  items.empty_baskets = sums[1];
  items.repeated_items = sums[2];
  items.longest_basket = longest[0];
}

constexpr std::int64_t tallied_bytes = 1 << 16;  ///< of baskets that a worker counts alone

/// The frequent items of one basket after another as codes, in order and without repeats.
class BasketCoder {
 public:
  explicit BasketCoder(std::int32_t items)
      : words_(static_cast<std::size_t>(items) / 64 + 2), marks_(rows * words_, 0) {}

  /// Stands until the next call.
  std::span<const std::int32_t> codes_of(std::span<const std::int64_t> basket, const ItemCodes& code_of) {
    if (codes_.size() < basket.size() + 64) codes_.resize(2 * basket.size() + 64);
    return words_ > 2 * basket.size() ? sorted(basket, code_of) : marked(basket, code_of);
  }

 private:
  std::span<const std::int32_t> sorted(std::span<const std::int64_t> basket, const ItemCodes& code_of) {
    auto end = codes_.begin();
    for (const std::int64_t key : basket) {
      const std::int32_t code = code_of(key);
      *end = code;
      end += code >= 0 ? 1 : 0;
    }
    std::sort(codes_.begin(), end);
    return {codes_.begin(), std::unique(codes_.begin(), end)};
  }

  /// By marks in rows of bits, where these are short. The first word takes the marks of what is not frequent.
  std::span<const std::int32_t> marked(std::span<const std::int64_t> basket, const ItemCodes& code_of) {
    for (std::size_t i = 0; i < basket.size(); ++i) {
      const auto at = static_cast<std::uint32_t>(code_of(basket[i]) + 64);
      marks_[rows * (at / 64) + i % rows] |= std::uint64_t{1} << (at % 64);
    }
    std::int32_t* end = codes_.data();
    for (std::size_t w = 1; w < words_; ++w) {
      std::uint64_t word = 0;
      for (std::size_t row = 0; row < rows; ++row) word |= std::exchange(marks_[rows * w + row], 0);
      for (; word != 0; word &= word - 1) *end++ = static_cast<std::int32_t>(64 * (w - 1)) + std::countr_zero(word);
    }
    return {codes_.data(), end};
  }

  static constexpr std::size_t rows = 4;  ///< so that a mark need not wait for the one before in its word
  std::size_t words_;
  std::vector<std::uint64_t> marks_;  ///< a bit an item in each row, all zero between baskets
  std::vector<std::int32_t> codes_;
};

void append(const Transactions& more, Transactions& baskets) {
  const std::int64_t before = std::ssize(baskets.items);
  baskets.items.insert(baskets.items.end(), more.items.begin(), more.items.end());
  for (std::size_t b = 1; b < more.offsets.size(); ++b) baskets.offsets.push_back(before + more.offsets[b]);
}

[[noreturn]] void refuse_baskets(std::int64_t limit) {
  throw Error(ExitCode::plan_refused,
              fmt::format("the baskets of this rank need more than {} bytes, a third of memory_per_rank", limit),
              "run on more ranks, give run.memory_per_rank more, or raise min_support");
}

}  // namespace

MinSupport MinSupport::parse(const std::string& text) {
  const char* end = text.data() + text.size();
  MinSupport parsed;
  if (const auto [at, error] = std::from_chars(text.data(), end, parsed.count); error == std::errc() && at == end) {
    if (parsed.count >= 1) return parsed;
  } else if (const auto [real_end, real_error] = std::from_chars(text.data(), end, parsed.share);
             real_error == std::errc() && real_end == end && parsed.share > 0 && parsed.share <= 1) {
    parsed.count = 0;
    return parsed;
  }
  throw Error(ExitCode::bad_config,
              fmt::format("min_support: '{}' is neither a share above 0 and up to 1 nor a count of at least 1", text),
              "write a share of all baskets with a point (0.01), or a number of baskets without (100)");
}

std::int64_t MinSupport::of(std::int64_t baskets) const {
  if (share == 0) return count;
  // 0.1 x 8130 is 813.0000000000001 in binary: a product that close to a whole number means that number.
  const double wanted = share * static_cast<double>(baskets);
  const double nearest = std::round(wanted);
  const bool whole = std::abs(wanted - nearest) <= 1e-12 * wanted;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(whole ? nearest : std::ceil(wanted)));
}

ItemCodes::ItemCodes(const ItemCatalogue& items) {
  std::int64_t end = 0;
  for (const std::int64_t key : items.keys) end = key < direct_limit ? std::max(end, key + 1) : end;
  direct_.assign(static_cast<std::size_t>(end), -1);
  for (std::int32_t code = 0; code < items.size(); ++code) {
    const std::int64_t key = items.keys[static_cast<std::size_t>(code)];
    if (key >= 0 && key < direct_limit) {
      direct_[static_cast<std::size_t>(key)] = code;
    } else {
      others_.emplace(key, code);
    }
  }
}

ItemCatalogue count_items(const BasketPass& pass, const MinSupport& min_support, const Context& context) {
  Communicator& comm = context.comm;
  std::vector<Census> seen(static_cast<std::size_t>(context.threads));
  std::vector<Bytes> to;
  collectively(comm, [&] {
    pass([&](int worker, std::int64_t, std::span<const std::int64_t> basket) {
      seen[static_cast<std::size_t>(worker)].add(basket);
    });
    to = counts_by_owner(seen, comm.size());
  });
  ItemCatalogue items;
  merge_totals(seen, items, comm);
  items.min_count = min_support.of(items.baskets);

  KeyCounts owned;
  for (const Bytes& from : comm.exchange(std::move(to))) {
    std::vector<ItemCount> counts;
    append_values(from, counts);
    for (const ItemCount& item : counts) owned.add(item.key, item.count);
  }
  std::vector<ItemCount> frequent, all;
  std::array<std::int64_t, 1> distinct{};
  owned.each([&](std::int64_t key, std::int64_t count) {
    ++distinct[0];
    if (count >= items.min_count) frequent.push_back({key, count});
  });
  for (const Bytes& from : comm.all_gather(to_bytes(std::span<const ItemCount>(frequent)))) append_values(from, all);
  comm.all_reduce(distinct, {});
  items.distinct_items = distinct[0];
  number_items(std::move(all), items);
  return items;
}

Transactions read_transactions(const BasketPass& pass, const ItemCatalogue& items, BasketSample& sample,
                               const Context& context) {
  struct Part {
    Transactions baskets, sample;
    BasketCoder coder;
    std::int64_t bytes = 0;  ///< not yet added to those of all workers
  };
  const std::int64_t limit = context.memory_per_rank / 3;
  const ItemCodes code_of(items);
  std::vector<Part> parts(static_cast<std::size_t>(context.threads), Part{.coder = BasketCoder(items.size())});
  // A fair share at once: growing would copy it, and hold it twice. Pages that are not written cost nothing, so the
  // first worker, whose part takes in the others', has room for all of the rank's.
  const std::int64_t all_items = std::accumulate(items.counts.begin(), items.counts.end(), std::int64_t{0});
  for (Part& part : parts) {
    const std::int64_t shares = std::int64_t{context.comm.size()} * (&part == parts.data() ? 1 : context.threads);
    part.baskets.items.reserve(static_cast<std::size_t>(std::min(all_items / shares, limit / 4)));
    part.baskets.offsets.reserve(static_cast<std::size_t>(std::min(items.baskets / shares, limit / 8) + 1));
  }
  std::atomic<std::int64_t> bytes = 0;
  const auto add = [&](int worker, std::int64_t row, std::span<const std::int64_t> basket) {
    auto& [baskets, drawn, coder, more] = parts[static_cast<std::size_t>(worker)];
    const std::span<const std::int32_t> codes = coder.codes_of(basket, code_of);
    if (codes.size() < 2) return;
    baskets.add(codes);
    if (sample.one_in > 0 && draws_row("sampled baskets", row, sample.one_in)) drawn.add(codes);
    more += std::ssize(codes) * 4 + 8;
    if (more > tallied_bytes && (bytes += std::exchange(more, 0)) > limit) refuse_baskets(limit);
  };
  collectively(context.comm, [&] {
    pass(add);
    for (const Part& part : parts) bytes += part.bytes;
    if (bytes > limit) refuse_baskets(limit);
    for (std::size_t p = 1; p < parts.size(); ++p) {
      append(std::exchange(parts[p].baskets, {}), parts[0].baskets);
      append(std::exchange(parts[p].sample, {}), parts[0].sample);
    }
  });
  sample.baskets = std::move(parts[0].sample);
  return std::move(parts[0].baskets);
}

}  // namespace cohort
