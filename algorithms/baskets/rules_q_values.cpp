// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rules_q_values.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "core/gather.hpp"

namespace cohort {
namespace {

constexpr int bucket_bits = 16;

/// Ascending with p: doubles that are not negative order as their bits.
std::size_t bucket_of(double p) {
  return static_cast<std::size_t>(std::bit_cast<std::uint64_t>(p) >> (64 - bucket_bits));
}

/// The rank of each bucket: runs of nearly equal numbers of values.
std::vector<std::int32_t> owners(const std::vector<std::int64_t>& sizes, int ranks) {
  const std::int64_t total = std::max<std::int64_t>(1, std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}));
  std::vector<std::int32_t> owner;
  std::int64_t before = 0;
  for (const std::int64_t size : sizes) {
    owner.push_back(static_cast<std::int32_t>(std::min<std::int64_t>(ranks - 1, before * ranks / total)));
    before += size;
  }
  return owner;
}

/// p m / rank for ascending values that `before` smaller ones precede, then the least of it from each on.
std::vector<double> step_up(const std::vector<double>& sorted, std::int64_t before, double hypotheses) {
  std::vector<double> q(sorted.size());
  double least = 1;
  for (std::size_t i = sorted.size(); i-- > 0;) {
    least = std::min(least, sorted[i] * hypotheses / static_cast<double>(before + static_cast<std::int64_t>(i) + 1));
    q[i] = least;
  }
  return q;
}

/// Collective. The least q of the ranks that hold larger values, 1 where there is none.
double least_above(const std::vector<double>& q, Communicator& comm) {
  const double mine = q.empty() ? 1 : q.front();
  std::vector<double> all;
  for (const Bytes& from : comm.all_gather(to_bytes(std::span(&mine, 1)))) append_values(from, all);
  return std::accumulate(all.begin() + comm.rank() + 1, all.end(), 1.0,
                         [](double least, double other) { return std::min(least, other); });
}

}  // namespace

std::vector<double> q_values(const std::vector<double>& p_values, std::int64_t hypotheses, Communicator& comm) {
  std::vector<std::int64_t> sizes(std::size_t{1} << bucket_bits, 0);
  for (const double p : p_values) ++sizes[bucket_of(p)];
  comm.all_reduce(sizes, {});
  const std::vector<std::int32_t> owner = owners(sizes, comm.size());

  std::vector<std::vector<double>> to(static_cast<std::size_t>(comm.size()));
  for (const double p : p_values) to[static_cast<std::size_t>(owner[bucket_of(p)])].push_back(p);
  std::vector<Bytes> bytes;
  for (const std::vector<double>& part : to) bytes.push_back(to_bytes(std::span<const double>(part)));
  const std::vector<Bytes> received = comm.exchange(std::move(bytes));
  std::vector<double> sorted;
  for (const Bytes& from : received) append_values(from, sorted);
  std::sort(sorted.begin(), sorted.end());

  std::int64_t before = 0;
  for (std::size_t b = 0; b < sizes.size(); ++b) before += owner[b] < comm.rank() ? sizes[b] : 0;
  const std::vector<double> q = step_up(sorted, before, static_cast<double>(hypotheses));
  const double above = least_above(q, comm);
  std::vector<Bytes> answers;
  for (const Bytes& from : received) {
    std::vector<double> values;
    append_values(from, values);
    // Equal values share the q of the last among them.
    for (double& p : values) {
      const auto last = std::upper_bound(sorted.begin(), sorted.end(), p) - sorted.begin() - 1;
      p = std::min(above, q[static_cast<std::size_t>(last)]);
    }
    answers.push_back(to_bytes(std::span<const double>(values)));
  }
  std::vector<std::vector<double>> answered;
  for (const Bytes& from : comm.exchange(std::move(answers))) append_values(from, answered.emplace_back());
  std::vector<std::size_t> next(answered.size(), 0);
  std::vector<double> result;
  for (const double p : p_values) {
    const auto from = static_cast<std::size_t>(owner[bucket_of(p)]);
    result.push_back(answered[from][next[from]++]);
  }
  return result;
}

}  // namespace cohort
