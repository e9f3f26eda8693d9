// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "algorithms/group_by/group_measures.hpp"
#include "core/repartition.hpp"

namespace cohort {

/// Gathers entries of one thread until a packet is worth sending. An entry is a key and a state, words of 64 bits; a
/// packet is a header, the keys of its entries and then their states, all of one channel.
class GroupOutbox {
 public:
  static constexpr std::size_t packet_words = 64;  ///< half a KiB a channel and partition
  static_assert(GroupMeasures::most_words + KeyLayout::most_words + 1 <= packet_words);
  /// Words of the entries of a channel.
  struct Lengths {
    std::size_t key = 1, state = 1;
    [[nodiscard]] std::size_t entry() const { return key + state; }
    [[nodiscard]] std::size_t most() const { return packet_words / entry(); }
  };

  GroupOutbox(Repartition& exchange, int worker, std::size_t partitions, std::vector<Lengths> channels)
      : exchange_(exchange), worker_(worker), channels_(std::move(channels)), packets_(partitions * channels_.size()) {}

  void add(std::size_t channel, std::size_t partition, const std::uint64_t* key, const std::int64_t* state) {
    Packet& packet = packets_[partition * channels_.size() + channel];
    const Lengths& lengths = channels_[channel];
    std::uint64_t* const keys = packet.words.data() + packet.entries * lengths.key;
    std::uint64_t* const states = packet.words.data() + lengths.most() * lengths.key + packet.entries * lengths.state;
    for (std::size_t w = 0; w < lengths.key; ++w) keys[w] = key[w];
    for (std::size_t w = 0; w < lengths.state; ++w) states[w] = static_cast<std::uint64_t>(state[w]);
    if (++packet.entries == lengths.most()) send(packet, channel, partition);
  }
  void send_all() {
    for (std::size_t i = 0; i < packets_.size(); ++i)
      if (packets_[i].entries > 0) send(packets_[i], i % channels_.size(), i / channels_.size());
  }

  /// Calls use(channel, keys, states) for each packet that came to a partition.
  template <class Use>
  static void each_packet(std::span<const std::span<const std::byte>> pieces, const std::vector<Lengths>& channels,
                          const Use& use) {
    for (const std::span<const std::byte> piece : pieces) {
      // Packets are whole words, and so is all that surrounds them.
      const auto* at = reinterpret_cast<const std::uint64_t*>(piece.data());
      const auto* const end = at + piece.size() / sizeof *at;
      while (at < end) {
        const auto header = std::bit_cast<Header>(*at++);
        const Lengths& lengths = channels[header.channel];
        const std::span keys(at, header.entries * lengths.key);
        at += keys.size();
        const std::span states(reinterpret_cast<const std::int64_t*>(at), header.entries * lengths.state);
        at += states.size();
        use(std::size_t{header.channel}, keys, states);
      }
    }
  }

 private:
  struct Header {
    std::uint32_t channel = 0, entries = 0;
  };
  static_assert(sizeof(Header) == sizeof(std::uint64_t));
  struct Packet {
    std::size_t entries = 0;
    std::array<std::uint64_t, packet_words> words;
  };

  void send(Packet& packet, std::size_t channel, std::size_t partition) {
    const Lengths& lengths = channels_[channel];
    const Header header{static_cast<std::uint32_t>(channel), static_cast<std::uint32_t>(packet.entries)};
    const std::size_t keys = packet.entries * lengths.key * sizeof packet.words[0];
    const std::size_t states = packet.entries * lengths.state * sizeof packet.words[0];
    std::byte* out = exchange_.append(worker_, static_cast<std::int64_t>(partition), sizeof header + keys + states);
    std::memcpy(out, &header, sizeof header);
    std::memcpy(out + sizeof header, packet.words.data(), keys);
    std::memcpy(out + sizeof header + keys, packet.words.data() + lengths.most() * lengths.key, states);
    packet.entries = 0;
  }

  Repartition& exchange_;
  int worker_;
  std::vector<Lengths> channels_;
  std::vector<Packet> packets_;
};

}  // namespace cohort
