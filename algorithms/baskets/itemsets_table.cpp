// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/itemsets_table.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/collectively.hpp"
#include "core/gather.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

constexpr std::int64_t pieces_per_length = 64;

std::int64_t piece_of_set(std::span<const std::int32_t> set, std::int64_t items) {
  return (std::ssize(set) - 1) * pieces_per_length + set.front() * pieces_per_length / items;
}

/// From codes to ranks, ascending.
void to_ranks(ItemsetTable& table, const ItemCatalogue& catalogue) {
  for (std::int32_t& item : table.items) item = catalogue.rank_of[static_cast<std::size_t>(item)];
  for (std::size_t s = 0; s < table.counts.size(); ++s)
    std::sort(table.items.begin() + table.offsets[s], table.items.begin() + table.offsets[s + 1]);
}

/// Cuts the pieces into as many consecutive runs as ranks, of nearly equal numbers of items.
std::vector<std::int64_t> cut_pieces(const std::vector<std::int64_t>& sizes, int ranks) {
  const std::int64_t total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  std::vector<std::int64_t> first{0};
  std::int64_t before = 0;
  for (std::int64_t p = 0; p < std::ssize(sizes); ++p) {
    while (std::ssize(first) < ranks && before * ranks >= std::ssize(first) * total && before > 0) first.push_back(p);
    before += sizes[static_cast<std::size_t>(p)];
  }
  first.resize(static_cast<std::size_t>(ranks) + 1, std::ssize(sizes));
  return first;
}

/// Messages of [length, items..., count as two halves].
void append_set(std::vector<std::int32_t>& message, std::span<const std::int32_t> set, std::int64_t count) {
  message.push_back(static_cast<std::int32_t>(set.size()));
  message.insert(message.end(), set.begin(), set.end());
  message.push_back(static_cast<std::int32_t>(count >> 32));
  message.push_back(static_cast<std::int32_t>(count & 0xFFFFFFFF));
}

void read_sets(const Bytes& bytes, ItemsetTable& table) {
  std::vector<std::int32_t> message;
  append_values(bytes, message);
  for (std::size_t at = 0; at < message.size();) {
    const auto length = static_cast<std::size_t>(message[at]);
    const std::span<const std::int32_t> set = std::span<const std::int32_t>(message).subspan(at + 1, length);
    at += length + 3;
    table.add(set, (std::int64_t{message[at - 2]} << 32) | static_cast<std::uint32_t>(message[at - 1]));
  }
}

bool precedes(const ItemsetTable& table, std::int64_t a, std::int64_t b) {
  const std::span<const std::int32_t> left = table[a], right = table[b];
  return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
}

/// Local. Sorts what this rank received, piece by piece.
void sort_pieces(SortedItemsets& sorted, const ItemsetTable& received, int rank, int threads) {
  const std::int64_t first = sorted.first_piece[static_cast<std::size_t>(rank)];
  const std::int64_t pieces = sorted.first_piece[static_cast<std::size_t>(rank) + 1] - first;
  std::vector<std::vector<std::int64_t>> members(static_cast<std::size_t>(pieces));
  for (std::int64_t s = 0; s < received.size(); ++s)
    members[static_cast<std::size_t>(piece_of_set(received[s], sorted.items) - first)].push_back(s);
  parallel_for(threads, pieces, [&](int, std::int64_t p) {
    auto& piece = members[static_cast<std::size_t>(p)];
    std::sort(piece.begin(), piece.end(), [&](std::int64_t a, std::int64_t b) { return precedes(received, a, b); });
  });
  sorted.piece_of_set_begin.assign(1, 0);
  for (const std::vector<std::int64_t>& piece : members) {
    for (const std::int64_t s : piece) sorted.sets.add(received[s], received.counts[static_cast<std::size_t>(s)]);
    sorted.piece_of_set_begin.push_back(sorted.sets.size());
  }
}

}  // namespace

std::int64_t SortedItemsets::piece_of(std::span<const std::int32_t> set) const {
  return piece_of_set(set, items);
}

int SortedItemsets::owner_of(std::int64_t piece) const {
  const auto after = std::upper_bound(first_piece.begin(), first_piece.end() - 1, piece);
  return static_cast<int>(after - first_piece.begin()) - 1;
}

std::int64_t SortedItemsets::find(int rank, std::span<const std::int32_t> set) const {
  const std::int64_t piece = piece_of(set) - first_piece[static_cast<std::size_t>(rank)];
  if (piece < 0 || piece + 1 >= std::ssize(piece_of_set_begin)) return -1;
  std::int64_t low = piece_of_set_begin[static_cast<std::size_t>(piece)];
  std::int64_t high = piece_of_set_begin[static_cast<std::size_t>(piece) + 1];
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    const std::span<const std::int32_t> there = sets[middle];
    if (std::lexicographical_compare(there.begin(), there.end(), set.begin(), set.end())) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const bool found =
      low < piece_of_set_begin[static_cast<std::size_t>(piece) + 1] && std::ranges::equal(sets[low], set);
  return found ? low : -1;
}

SortedItemsets sort_itemsets(std::vector<ItemsetTable> found, const ItemCatalogue& items, const Context& context) {
  Communicator& comm = context.comm;
  SortedItemsets sorted;
  sorted.items = std::max(1, items.size());
  std::array<std::int64_t, 1> longest{};
  collectively(comm, [&] {
    parallel_for(context.threads, std::ssize(found),
                 [&](int, std::int64_t t) { to_ranks(found[static_cast<std::size_t>(t)], items); });
    for (const ItemsetTable& table : found) {
      for (std::int64_t s = 0; s < table.size(); ++s) longest[0] = std::max(longest[0], std::ssize(table[s]));
    }
  });
  comm.all_reduce({}, longest);
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(longest[0] * pieces_per_length), 0);
  for (const ItemsetTable& table : found) {
    for (std::int64_t s = 0; s < table.size(); ++s)
      sizes[static_cast<std::size_t>(sorted.piece_of(table[s]))] += std::ssize(table[s]) + 3;
  }
  comm.all_reduce(sizes, {});
  sorted.first_piece = cut_pieces(sizes, comm.size());

  std::vector<std::vector<std::int32_t>> to(static_cast<std::size_t>(comm.size()));
  for (ItemsetTable& table : found) {
    for (std::int64_t s = 0; s < table.size(); ++s) {
      const auto owner = static_cast<std::size_t>(sorted.owner_of(sorted.piece_of(table[s])));
      append_set(to[owner], table[s], table.counts[static_cast<std::size_t>(s)]);
    }
    table = {};
  }
  std::vector<Bytes> messages;
  for (auto& message : to) {
    messages.push_back(to_bytes(std::span<const std::int32_t>(message)));
    message = {};
  }
  ItemsetTable received;
  for (const Bytes& from : comm.exchange(std::move(messages))) read_sets(from, received);
  collectively(comm, [&] { sort_pieces(sorted, received, comm.rank(), context.threads); });
  return sorted;
}

}  // namespace cohort
