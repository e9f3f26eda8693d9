// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/quantiles.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "algorithms/statistics/gather_rows.hpp"
#include "algorithms/statistics/quantile_keys.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

constexpr int fewest_bits = 8, most_bits = 18;  // of a key, looked at in one pass
/// A rank counts values but sends bins: with fewer values to a bin, a pass on many ranks would be all sending.
constexpr std::int64_t values_a_bin = 64;
constexpr std::int64_t fewest_histograms = 4, most_histogram_bytes = 64 << 20;  // more prefixes take more passes

/// The keys of one column that begin with `prefix`, so many bits of it as have been looked at.
using Bucket = std::pair<std::size_t, std::uint64_t>;

/// An order statistic sought: the value of 0-based rank `rank` in its bucket of `count` values.
struct Sought {
  Bucket bucket;
  std::int64_t rank = 0;
  std::int64_t count = 0;
  std::optional<double> value{};  ///< once it is found
};

/// The table that is looked through, and the keys of its columns.
struct Search {
  const NumericTable& table;
  const Context& context;
  std::vector<QuantileKeys> keys;
};

struct Histograms {
  std::vector<std::int64_t> counts;  ///< [bucket][digit]
  void parts(Parts& parts) { parts.sum(counts); }
};

/// Counts the values of one column under each of its buckets, whose histograms lie `stride` apart.
void count_digits(std::span<const double> values, const QuantileKeys& keys, std::span<const Bucket> buckets,
                  KeyDigit digit, std::size_t stride, std::int64_t* counts) {
  keys.visit([&](auto key_of) {
    if (digit.top() == 64) {
      for (const double x : values) {
        if (x == x) ++counts[digit.of(key_of(x))];
      }
      return;
    }
    for (const double x : values) {
      if (x != x) continue;
      const std::uint64_t key = key_of(x), prefix = digit.prefix(key);
      for (std::size_t b = 0; b < buckets.size(); ++b) {
        if (buckets[b].second == prefix) ++counts[b * stride + digit.of(key)];
      }
    }
  });
}

/// Collective. One histogram for each of some buckets, sorted by column.
std::vector<std::int64_t> histograms_of(const Search& search, std::span<const Bucket> buckets, KeyDigit digit) {
  const std::size_t stride = digit.values();
  const Histograms identity{std::vector<std::int64_t>(buckets.size() * stride)};
  return aggregate_table(search.context, search.table, identity,
                         [&](Histograms& state, const NumericBlock& block) {
                           for (std::size_t first = 0, last = 0; first < buckets.size(); first = last) {
                             const std::size_t column = buckets[first].first;
                             while (last < buckets.size() && buckets[last].first == column) ++last;
                             const QuantileKeys& keys = search.keys[column];
                             count_digits(block.columns[column], keys, buckets.subspan(first, last - first),
                                          keys.clip(digit), stride, state.counts.data() + first * stride);
                           }
                         })
      .counts;
}

/// Narrows each sought value down by the next digit of its key; where that was the last one, it is found.
void descend(const Search& search, std::span<Sought*> sought, std::span<const Bucket> buckets, KeyDigit digit,
             std::span<const std::int64_t> counts) {
  for (Sought* one : sought) {
    const QuantileKeys& keys = search.keys[one->bucket.first];
    const KeyDigit looked_at = keys.clip(digit);
    const auto at = std::lower_bound(buckets.begin(), buckets.end(), one->bucket) - buckets.begin();
    const std::int64_t* histogram = counts.data() + at * static_cast<std::ptrdiff_t>(digit.values());
    std::uint64_t bin = 0;
    while (one->rank >= histogram[bin]) one->rank -= histogram[bin++];
    one->bucket.second = one->bucket.second << looked_at.bits | bin;
    one->count = histogram[bin];
    if (looked_at.shift == 64 - keys.bits()) one->value = keys.value(one->bucket.second << looked_at.shift);
  }
}

/// As many as a sixteenth of the memory holds for all workers.
std::size_t histograms_at_once(KeyDigit digit, const Context& context) {
  const auto bytes = static_cast<std::int64_t>(digit.values() * sizeof(std::int64_t));
  const std::int64_t room = std::min(context.memory_per_rank / 16 / context.threads, most_histogram_bytes);
  return static_cast<std::size_t>(std::max(room / bytes, fewest_histograms));
}

/// The digit below `shift` bits, for the values left in some buckets of some columns.
template <class Columns>
KeyDigit next_digit(const Search& search, int shift, std::int64_t values, const Columns& columns) {
  int there = 0;  // bits
  for (const std::size_t column : columns) there = std::max(there, search.keys[column].bits() - (64 - shift));
  const int bits = std::min(there, quantile_digit_bits(values, std::ssize(columns)));
  return {.shift = shift - bits, .bits = bits};
}

/// Collective. One pass (or a few, where there are many prefixes) over the next digit; returns the bits left below it.
int descend_all(const Search& search, std::vector<Sought>& sought, int shift, std::int64_t values) {
  std::map<Bucket, std::vector<Sought*>> of_bucket;
  for (Sought& one : sought) {
    if (!one.value) of_bucket[one.bucket].push_back(&one);
  }
  std::vector<std::size_t> columns;
  for (const auto& [bucket, those] : of_bucket) columns.push_back(bucket.first);
  const KeyDigit digit = next_digit(search, shift, values, columns);
  for (auto next = of_bucket.begin(); next != of_bucket.end();) {
    std::vector<Bucket> buckets;
    std::vector<Sought*> here;
    for (; next != of_bucket.end() && buckets.size() < histograms_at_once(digit, search.context); ++next) {
      buckets.push_back(next->first);
      here.insert(here.end(), next->second.begin(), next->second.end());
    }
    descend(search, here, buckets, digit, histograms_of(search, buckets, digit));
  }
  return digit.shift;
}

/// Values in all buckets that something is sought in.
std::int64_t values_left(const std::vector<Sought>& sought) {
  std::map<Bucket, std::int64_t> counts;
  for (const Sought& one : sought) {
    if (!one.value) counts[one.bucket] = one.count;
  }
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& bucket) { return sum + bucket.second; });
}

/// Collective. The values of some buckets, sorted, on every rank, as rows of (number of the bucket, value). `shift`
/// bits of the keys are not looked at yet.
Matrix values_of(const Search& search, const std::vector<Bucket>& buckets, int shift) {
  Readers readers(search.table, search.context.threads);
  return gather_rows(search.context, search.table.block_count(), 2,
                     [&](int worker, std::int64_t index, std::vector<double>& rows) {
                       const NumericBlock block = readers.read(worker, index);
                       for (std::size_t b = 0; b < buckets.size(); ++b) {
                         const auto& [column, prefix] = buckets[b];
                         search.keys[column].visit([&, prefix = prefix](auto key_of) {
                           for (const double x : block.columns[buckets[b].first]) {
                             if (x != x || (shift < 64 ? key_of(x) >> shift : 0) != prefix) continue;
                             rows.insert(rows.end(), {static_cast<double>(b), x + 0.0});
                           }
                         });
                       }
                     });
}

/// Collective. Finds what is still sought, among few values, by looking at them.
void find_among_few(const Search& search, std::vector<Sought>& sought, int shift) {
  std::map<Bucket, std::int64_t> begins;
  for (const Sought& one : sought) {
    if (!one.value) begins[one.bucket] = one.count;
  }
  if (begins.empty()) return;
  std::vector<Bucket> buckets;
  std::int64_t begin = 0;
  for (auto& [bucket, count] : begins) {
    buckets.push_back(bucket);
    begin += std::exchange(count, begin);
  }
  const Matrix values = values_of(search, buckets, shift);
  for (Sought& one : sought) {
    if (!one.value) one.value = values.row(begins[one.bucket] + one.rank)[1];
  }
}

/// numpy's linear interpolation: from the nearer end, so that it is monotone and exact at both.
double interpolate(double low, double high, double share) {
  const double gap = high - low;
  return share < 0.5 ? low + gap * share : high - gap * (1 - share);
}

/// The order statistics below and above each probability's position in one column.
std::vector<Sought> seek(std::size_t column, std::int64_t count, const std::vector<double>& probabilities) {
  std::vector<Sought> sought;
  for (const double p : count > 0 ? probabilities : std::vector<double>{}) {
    const auto below = static_cast<std::int64_t>(p * static_cast<double>(count - 1));
    for (const std::int64_t rank : {below, std::min(below + 1, count - 1)})
      sought.push_back({.bucket = {column, 0}, .rank = rank, .count = count});
  }
  return sought;
}

struct Counts {
  std::vector<std::int64_t> present;
  void parts(Parts& parts) { parts.sum(present); }
};

std::vector<std::int64_t> counts_of(const Search& search) {
  return aggregate_table(search.context, search.table, Counts{std::vector<std::int64_t>(search.keys.size())},
                         [](Counts& state, const NumericBlock& block) {
                           for (std::size_t j = 0; j < state.present.size(); ++j) {
                             state.present[j] += std::count_if(block.columns[j].begin(), block.columns[j].end(),
                                                               [](double x) { return x == x; });
                           }
                         })
      .present;
}

/// What is sought in each column, `shift` bits of whose keys have not been looked at.
struct Start {
  std::vector<Sought> sought;
  std::vector<std::int64_t> counts;  ///< of each column's values
  int shift = 64;
};

/// Collective. The first digit of many values also tells how many there are.
Start start(const Search& search, const std::vector<double>& probabilities) {
  std::vector<std::size_t> columns(search.keys.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  const std::int64_t most = search.table.total_rows() * std::ssize(columns);
  Start begun;
  if (most <= few_quantile_values) {
    begun.counts = counts_of(search);
    for (const std::size_t column : columns)
      std::ranges::copy(seek(column, begun.counts[column], probabilities), std::back_inserter(begun.sought));
    return begun;
  }
  const KeyDigit digit = next_digit(search, begun.shift, most, columns);
  begun.shift = digit.shift;
  for (std::size_t first = 0; first < columns.size();) {
    const std::size_t last = std::min(columns.size(), first + histograms_at_once(digit, search.context));
    std::vector<Bucket> buckets;
    for (std::size_t column = first; column < last; ++column) buckets.push_back({column, 0});
    const std::vector<std::int64_t> histograms = histograms_of(search, buckets, digit);
    for (; first < last; ++first) {
      const auto histogram = std::span(histograms).subspan((first - buckets[0].first) * digit.values(), digit.values());
      begun.counts.push_back(std::accumulate(histogram.begin(), histogram.end(), std::int64_t{0}));
      std::vector<Sought> here = seek(first, begun.counts.back(), probabilities);
      std::vector<Sought*> each;
      for (Sought& one : here) each.push_back(&one);
      descend(search, each, std::span(buckets).subspan(first - buckets[0].first, 1), digit, histogram);
      std::ranges::copy(here, std::back_inserter(begun.sought));
    }
  }
  return begun;
}

}  // namespace

int quantile_digit_bits(std::int64_t values, std::int64_t buckets) {
  const auto bins = static_cast<std::uint64_t>(values / values_a_bin / buckets);
  return std::clamp(static_cast<int>(std::bit_width(bins)), fewest_bits, most_bits);
}

std::vector<std::vector<double>> quantiles_of(const NumericTable& table, const std::vector<double>& probabilities,
                                              const Context& context) {
  Search search{table, context, {}};
  for (std::size_t j = 0; j < table.columns().size(); ++j) search.keys.emplace_back(table.grid(j));
  auto [sought, counts, shift] = start(search, probabilities);
  for (std::int64_t left = values_left(sought); left > few_quantile_values; left = values_left(sought))
    shift = descend_all(search, sought, shift, left);
  find_among_few(search, sought, shift);

  std::vector<std::vector<double>> result(counts.size());
  auto next = sought.begin();
  for (std::size_t j = 0; j < counts.size(); ++j) {
    for (const double p : probabilities) {
      if (counts[j] == 0) {
        result[j].push_back(std::numeric_limits<double>::quiet_NaN());
        continue;
      }
      const double position = p * static_cast<double>(counts[j] - 1);
      const double low = *(next++)->value;
      const double high = *(next++)->value;
      result[j].push_back(interpolate(low, high, position - std::floor(position)));
    }
  }
  return result;
}

}  // namespace cohort
