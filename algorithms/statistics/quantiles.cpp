// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/quantiles.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "algorithms/statistics/gather_rows.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

constexpr int fewest_bits = 8, most_bits = 16;  // of a key, looked at in one pass
/// A rank counts values but sends bins: with fewer values to a bin, a pass on many ranks would be all sending.
constexpr std::int64_t values_a_bin = 64;
constexpr std::int64_t fewest_histograms = 4, most_histogram_bytes = 64 << 20;  // more prefixes take more passes

/// Doubles as unsigned integers in the same order; -0 and 0 are one value.
std::uint64_t key_of(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x + 0.0);
  return bits >> 63 != 0 ? ~bits : bits | std::uint64_t{1} << 63;
}
double value_of(std::uint64_t key) {
  return std::bit_cast<double>(key >> 63 != 0 ? key ^ std::uint64_t{1} << 63 : ~key);
}

/// The keys of one column that begin with `prefix`, so many bits of it as have been looked at.
using Bucket = std::pair<std::size_t, std::uint64_t>;

/// An order statistic sought: the value of 0-based rank `rank` in its bucket of `count` values.
struct Sought {
  Bucket bucket;
  std::int64_t rank = 0;
  std::int64_t count = 0;
  double value = 0;  ///< once it is found
};

/// Bits of a key that a pass looks at.
struct Digit {
  int shift = 64;  ///< of the lowest
  int bits = 0;

  [[nodiscard]] std::size_t values() const { return std::size_t{1} << bits; }
  [[nodiscard]] std::uint64_t of(std::uint64_t key) const { return (key >> shift) & (values() - 1); }
  [[nodiscard]] std::uint64_t prefix(std::uint64_t key) const { return shift + bits == 64 ? 0 : key >> (shift + bits); }
};

struct Histograms {
  std::vector<std::int64_t> counts;  ///< [bucket][digit]
  void parts(Parts& parts) { parts.sum(counts); }
};

/// Counts the values of one column under each of its buckets.
void count_digits(std::span<const double> values, std::span<const Bucket> buckets, Digit digit, std::int64_t* counts) {
  for (const double x : values) {
    if (x != x) continue;
    const std::uint64_t key = key_of(x), prefix = digit.prefix(key);
    for (std::size_t b = 0; b < buckets.size(); ++b) {
      if (buckets[b].second == prefix) ++counts[b * digit.values() + digit.of(key)];
    }
  }
}

/// Collective. One histogram for each of some buckets, sorted by column.
std::vector<std::int64_t> histograms_of(const NumericTable& table, std::span<const Bucket> buckets, Digit digit,
                                        const Context& context) {
  const Histograms identity{std::vector<std::int64_t>(buckets.size() * digit.values())};
  return aggregate_table(context, table, identity,
                         [&](Histograms& state, const NumericBlock& block) {
                           for (std::size_t first = 0, last = 0; first < buckets.size(); first = last) {
                             const std::size_t column = buckets[first].first;
                             while (last < buckets.size() && buckets[last].first == column) ++last;
                             count_digits(block.columns[column], buckets.subspan(first, last - first), digit,
                                          state.counts.data() + first * digit.values());
                           }
                         })
      .counts;
}

/// Narrows each sought value down by the next digit of its key.
void descend(std::span<Sought*> sought, std::span<const Bucket> buckets, Digit digit,
             std::span<const std::int64_t> counts) {
  for (Sought* one : sought) {
    const auto at = std::lower_bound(buckets.begin(), buckets.end(), one->bucket) - buckets.begin();
    const std::int64_t* histogram = counts.data() + at * static_cast<std::ptrdiff_t>(digit.values());
    std::uint64_t bin = 0;
    while (one->rank >= histogram[bin]) one->rank -= histogram[bin++];
    one->bucket.second = one->bucket.second << digit.bits | bin;
    one->count = histogram[bin];
  }
}

/// As many as a sixteenth of the memory holds for all workers.
std::size_t histograms_at_once(Digit digit, const Context& context) {
  const auto bytes = static_cast<std::int64_t>(digit.values() * sizeof(std::int64_t));
  const std::int64_t room = std::min(context.memory_per_rank / 16 / context.threads, most_histogram_bytes);
  return static_cast<std::size_t>(std::max(room / bytes, fewest_histograms));
}

/// The digit below `shift` bits, for the values left in some buckets.
Digit next_digit(int shift, std::int64_t values, std::size_t buckets) {
  const int bits = std::min(shift, quantile_digit_bits(values, static_cast<std::int64_t>(buckets)));
  return {.shift = shift - bits, .bits = bits};
}

/// Collective. One pass (or a few, where there are many prefixes) over the next digit; returns the bits left below it.
int descend_all(const NumericTable& table, std::vector<Sought>& sought, int shift, std::int64_t values,
                const Context& context) {
  std::map<Bucket, std::vector<Sought*>> of_bucket;
  for (Sought& one : sought) of_bucket[one.bucket].push_back(&one);
  const Digit digit = next_digit(shift, values, of_bucket.size());
  for (auto next = of_bucket.begin(); next != of_bucket.end();) {
    std::vector<Bucket> buckets;
    std::vector<Sought*> here;
    for (; next != of_bucket.end() && buckets.size() < histograms_at_once(digit, context); ++next) {
      buckets.push_back(next->first);
      here.insert(here.end(), next->second.begin(), next->second.end());
    }
    descend(here, buckets, digit, histograms_of(table, buckets, digit, context));
  }
  return digit.shift;
}

/// Values in all buckets that something is sought in.
std::int64_t values_left(const std::vector<Sought>& sought) {
  std::map<Bucket, std::int64_t> counts;
  for (const Sought& one : sought) counts[one.bucket] = one.count;
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& bucket) { return sum + bucket.second; });
}

/// Collective. The values of some buckets, sorted, on every rank, as rows of (number of the bucket, value). `shift`
/// bits of the keys are not looked at yet.
Matrix values_of(const NumericTable& table, const std::vector<Bucket>& buckets, int shift, const Context& context) {
  Readers readers(table, context.threads);
  return gather_rows(context, table.block_count(), 2, [&](int worker, std::int64_t index, std::vector<double>& rows) {
    const NumericBlock block = readers.read(worker, index);
    for (std::size_t b = 0; b < buckets.size(); ++b) {
      for (const double x : block.columns[buckets[b].first]) {
        if (x != x || (shift < 64 ? key_of(x) >> shift : 0) != buckets[b].second) continue;
        rows.insert(rows.end(), {static_cast<double>(b), x + 0.0});
      }
    }
  });
}

/// Collective. Finds what is sought among few values by looking at them.
void find_among_few(const NumericTable& table, std::vector<Sought>& sought, int shift, const Context& context) {
  std::map<Bucket, std::int64_t> begins;
  for (const Sought& one : sought) begins[one.bucket] = one.count;
  std::vector<Bucket> buckets;
  std::int64_t begin = 0;
  for (auto& [bucket, count] : begins) {
    buckets.push_back(bucket);
    begin += std::exchange(count, begin);
  }
  const Matrix values = values_of(table, buckets, shift, context);
  for (Sought& one : sought) one.value = values.row(begins[one.bucket] + one.rank)[1];
}

/// numpy's linear interpolation: from the nearer end, so that it is monotone and exact at both.
double interpolate(double low, double high, double share) {
  const double gap = high - low;
  return share < 0.5 ? low + gap * share : high - gap * (1 - share);
}

/// The order statistics below and above each probability's position, for each column with values.
std::vector<Sought> seek(const std::vector<std::int64_t>& counts, const std::vector<double>& probabilities) {
  std::vector<Sought> sought;
  for (std::size_t j = 0; j < counts.size(); ++j) {
    if (counts[j] == 0) continue;
    for (const double p : probabilities) {
      const auto below = static_cast<std::int64_t>(p * static_cast<double>(counts[j] - 1));
      sought.push_back({.bucket = {j, 0}, .rank = below, .count = counts[j]});
      sought.push_back({.bucket = {j, 0}, .rank = std::min(below + 1, counts[j] - 1), .count = counts[j]});
    }
  }
  return sought;
}

struct Counts {
  std::vector<std::int64_t> present;
  void parts(Parts& parts) { parts.sum(present); }
};

std::vector<std::int64_t> counts_of(const NumericTable& table, const Context& context) {
  return aggregate_table(context, table, Counts{std::vector<std::int64_t>(table.columns().size())},
                         [](Counts& state, const NumericBlock& block) {
                           for (std::size_t j = 0; j < state.present.size(); ++j) {
                             state.present[j] += std::count_if(block.columns[j].begin(), block.columns[j].end(),
                                                               [](double x) { return x == x; });
                           }
                         })
      .present;
}

}  // namespace

int quantile_digit_bits(std::int64_t values, std::int64_t buckets) {
  const auto bins = static_cast<std::uint64_t>(values / values_a_bin / buckets);
  return std::clamp(static_cast<int>(std::bit_width(bins)), fewest_bits, most_bits);
}

std::vector<std::vector<double>> quantiles_of(const NumericTable& table, const std::vector<double>& probabilities,
                                              const Context& context) {
  const std::vector<std::int64_t> counts = counts_of(table, context);
  std::vector<Sought> sought = seek(counts, probabilities);
  int shift = 64;
  for (std::int64_t left = values_left(sought); shift > 0 && left > few_quantile_values; left = values_left(sought))
    shift = descend_all(table, sought, shift, left, context);
  if (shift > 0) {
    find_among_few(table, sought, shift, context);
  } else {
    for (Sought& one : sought) one.value = value_of(one.bucket.second);
  }

  std::vector<std::vector<double>> result(counts.size());
  auto next = sought.begin();
  for (std::size_t j = 0; j < counts.size(); ++j) {
    for (const double p : probabilities) {
      if (counts[j] == 0) {
        result[j].push_back(std::numeric_limits<double>::quiet_NaN());
        continue;
      }
      const double position = p * static_cast<double>(counts[j] - 1);
      const double low = (next++)->value;
      const double high = (next++)->value;
      result[j].push_back(interpolate(low, high, position - std::floor(position)));
    }
  }
  return result;
}

}  // namespace cohort
