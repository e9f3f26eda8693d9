// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/key_ranges.hpp"

#include <algorithm>
#include <bit>

#include "core/gather.hpp"

namespace cohort {
namespace {

constexpr int place_bits = 12;

}  // namespace

KeyRanges::KeyRanges(Communicator& comm, int words, const std::vector<std::uint64_t>& sampled, std::size_t wanted)
    : words_(static_cast<std::size_t>(words)) {
  std::vector<std::uint64_t> all;
  for (const Bytes& bytes : comm.all_gather(to_bytes(std::span<const std::uint64_t>(sampled))))
    append_values(bytes, all);
  std::vector<std::vector<std::uint64_t>> keys;
  for (std::size_t i = 0; i < all.size(); i += words_)
    keys.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(i),
                      all.begin() + static_cast<std::ptrdiff_t>(i + words_));
  std::ranges::sort(keys);
  for (std::size_t range = 1; range < wanted && !keys.empty(); ++range) {
    const std::vector<std::uint64_t>& cut = keys[range * keys.size() / wanted];
    const bool is_new =
        cuts_.empty() || !std::equal(cut.begin(), cut.end(), cuts_.end() - static_cast<std::ptrdiff_t>(words_));
    if (is_new && cut != keys.front()) cuts_.insert(cuts_.end(), cut.begin(), cut.end());
  }
  if (cuts_.empty()) return;
  low_ = cuts_.front();
  const std::uint64_t span = cuts_[cuts_.size() - words_] - low_;
  shift_ = std::max(0, static_cast<int>(std::bit_width(span)) - place_bits);
  const std::size_t places = (span >> shift_) + 1;
  begin_.assign(places + 1, 0);
  for (std::size_t cut = 0; cut + 1 < count(); ++cut) ++begin_[((cuts_[cut * words_] - low_) >> shift_) + 1];
  for (std::size_t place = 0; place < places; ++place) begin_[place + 1] += begin_[place];
}

std::size_t KeyRanges::of(const std::uint64_t* key) const {
  if (cuts_.empty() || key[0] < low_) return 0;
  const std::size_t place = std::min((key[0] - low_) >> shift_, begin_.size() - 2);
  std::size_t begin = begin_[place], end = begin_[place + 1];
  // The cuts below the key, of those that share its place.
  while (begin < end) {
    const std::size_t middle = (begin + end) / 2;
    const std::uint64_t* cut = cuts_.data() + middle * words_;
    if (std::lexicographical_compare(key, key + words_, cut, cut + words_))
      end = middle;
    else
      begin = middle + 1;
  }
  return begin;
}

std::uint64_t KeyRanges::width(std::size_t range, std::uint64_t end) const {
  return (range < cuts_.size() ? cuts_[range] : end) - first(range);
}

}  // namespace cohort
