// SPDX-License-Identifier: Apache-2.0
#include "core/repartition.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <numeric>
#include <utility>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

constexpr std::int64_t smallest_slab = 1024;
constexpr std::int64_t largest_slab = 256 * 1024;

/// A file without a name: its space is freed when the process ends, however it ends.
class SpillFile {
 public:
  explicit SpillFile(std::string folder) : folder_(std::move(folder)) {}
  ~SpillFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  std::int64_t write(const std::vector<std::byte>& bytes) {
    open_once();
    const std::int64_t address = size_;
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t n = ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, size_);
      if (n < 0 && errno != EINTR) throw_system_error(errno, "spill rows to", folder_);
      if (n > 0) {
        done += static_cast<std::size_t>(n);
        size_ += n;
      }
    }
    return address;
  }
  void read(std::int64_t address, std::byte* into, std::size_t bytes) const {
    for (std::size_t done = 0; done < bytes;) {
      const ssize_t n = ::pread(descriptor_, into + done, bytes - done, address + static_cast<std::int64_t>(done));
      if (n == 0 || (n < 0 && errno != EINTR))
        throw_system_error(n == 0 ? EIO : errno, "read spilled rows from", folder_);
      if (n > 0) done += static_cast<std::size_t>(n);
    }
  }

 private:
  void open_once() {
    if (descriptor_ >= 0) return;
    std::string name = folder_ + "/spill-XXXXXX";
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0) throw_system_error(errno, "create a spill file in", folder_);
    ::unlink(name.c_str());
  }

  std::string folder_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

/// Where a piece of a partition waits: in memory, or in the spill file.
struct Slab {
  std::vector<std::byte> bytes;
  std::int64_t address = -1;
  std::int64_t spilled_bytes = 0;

  [[nodiscard]] std::int64_t size() const { return address < 0 ? std::ssize(bytes) : spilled_bytes; }
};

struct PieceHeader {
  std::int64_t partition, bytes;
};

}  // namespace

struct Repartition::Worker {
  Worker(std::int64_t partitions, const std::string& folder, std::int64_t memory, std::int64_t slab)
      : slabs(static_cast<std::size_t>(partitions)), file(folder), memory_limit(memory), slab_bytes(slab) {}

  std::byte* append(std::int64_t partition, std::size_t bytes) {
    std::vector<Slab>& mine = slabs[static_cast<std::size_t>(partition)];
    if (mine.empty() || mine.back().address >= 0 || mine.back().bytes.size() + bytes > mine.back().bytes.capacity()) {
      const std::size_t wanted = std::max(bytes, static_cast<std::size_t>(slab_bytes));
      if (memory_used + static_cast<std::int64_t>(wanted) > memory_limit) spill();
      mine.emplace_back().bytes.reserve(wanted);
      memory_used += static_cast<std::int64_t>(wanted);
    }
    std::vector<std::byte>& slab = mine.back().bytes;
    slab.resize(slab.size() + bytes);
    return slab.data() + slab.size() - bytes;
  }

  void spill() {
    for (std::vector<Slab>& of_partition : slabs) {
      for (Slab& slab : of_partition) {
        if (slab.address >= 0) continue;
        slab.spilled_bytes = std::ssize(slab.bytes);
        slab.address = file.write(slab.bytes);
        slab.bytes = {};
      }
    }
    memory_used = 0;
  }

  /// Moves a partition's bytes to the end of `into`.
  void take(std::int64_t partition, std::vector<std::byte>& into) {
    for (const Slab& slab : std::exchange(slabs[static_cast<std::size_t>(partition)], {})) {
      const std::size_t begin = into.size();
      into.resize(begin + static_cast<std::size_t>(slab.size()));
      if (slab.address >= 0) {
        file.read(slab.address, into.data() + begin, static_cast<std::size_t>(slab.size()));
      } else {
        std::copy(slab.bytes.begin(), slab.bytes.end(), into.begin() + static_cast<std::ptrdiff_t>(begin));
        memory_used -= static_cast<std::int64_t>(slab.bytes.capacity());
      }
    }
  }

  [[nodiscard]] std::int64_t bytes_in(std::size_t partition) const {
    return std::accumulate(slabs[partition].begin(), slabs[partition].end(), std::int64_t{0},
                           [](std::int64_t sum, const Slab& slab) { return sum + slab.size(); });
  }

  std::vector<std::vector<Slab>> slabs;
  SpillFile file;
  std::int64_t memory_limit, slab_bytes;
  std::int64_t memory_used = 0;
};

/// Partitions that are delivered together, each with its owner.
struct Repartition::Round {
  std::vector<std::pair<std::int64_t, int>> owners;
};

Repartition::Repartition(const Context& context, std::int64_t partitions, std::string spill_folder, std::int64_t memory)
    : context_(context), partitions_(partitions), memory_(memory) {
  // Half of the memory holds waiting records, the rest is for the rounds of delivery.
  const std::int64_t per_worker = memory / 2 / context.threads;
  const std::int64_t slab = std::clamp(per_worker / (4 * partitions), smallest_slab, largest_slab);
  for (int worker = 0; worker < context.threads; ++worker) {
    workers_.push_back(std::make_unique<Worker>(partitions, spill_folder, per_worker, slab));
  }
}

Repartition::~Repartition() = default;

std::byte* Repartition::append(int worker, std::int64_t partition, std::size_t bytes) {
  return workers_[static_cast<std::size_t>(worker)]->append(partition, bytes);
}

std::vector<std::int64_t> Repartition::partition_bytes() const {
  std::vector<std::int64_t> bytes(static_cast<std::size_t>(partitions_), 0);
  for (std::size_t p = 0; p < bytes.size(); ++p) {
    for (const auto& worker : workers_) bytes[p] += worker->bytes_in(p);
  }
  context_.comm.all_reduce(bytes, {});
  return bytes;
}

std::vector<Repartition::Round> Repartition::plan_rounds(const std::vector<std::int64_t>& bytes) const {
  std::int64_t here = 0;
  for (std::size_t p = 0; p < bytes.size(); ++p) {
    for (const auto& worker : workers_) here += worker->bytes_in(p);
  }
  std::array<std::int64_t, 1> largest_sender{here};
  context_.comm.all_reduce({}, largest_sender);
  const std::int64_t total = std::accumulate(bytes.begin(), bytes.end(), std::int64_t{0});

  // Neither a receiver nor a sender may hold more than an eighth of the memory in one round. If one rank has all the
  // records, a round may carry an eighth of its memory; if they are spread evenly, that much from each.
  const double limit = static_cast<double>(memory_) / 8;
  const double spread = static_cast<double>(total) / static_cast<double>(std::max<std::int64_t>(1, largest_sender[0]));
  std::vector<Round> rounds;
  std::vector<std::int64_t> received(static_cast<std::size_t>(context_.comm.size()), 0);
  double in_round = 0;
  for (std::size_t p = 0; p < bytes.size(); ++p) {
    if (bytes[p] == 0) continue;
    auto least = std::min_element(received.begin(), received.end());
    const auto size = static_cast<double>(bytes[p]);
    const bool full = in_round + size > limit * spread || static_cast<double>(*least) + size > limit;
    if (rounds.empty() || (full && !rounds.back().owners.empty())) {
      rounds.emplace_back();
      std::fill(received.begin(), received.end(), 0);
      least = received.begin();
      in_round = 0;
    }
    rounds.back().owners.emplace_back(static_cast<std::int64_t>(p), static_cast<int>(least - received.begin()));
    *least += bytes[p];
    in_round += size;
  }
  return rounds;
}

std::vector<Bytes> Repartition::collect(const Round& round, const Patch& patch) {
  std::vector<Bytes> to(static_cast<std::size_t>(context_.comm.size()));
  for (const auto& [partition, owner] : round.owners) {
    Bytes& message = to[static_cast<std::size_t>(owner)];
    for (int worker = 0; worker < context_.threads; ++worker) {
      const std::size_t header_at = message.size();
      message.resize(header_at + sizeof(PieceHeader));
      workers_[static_cast<std::size_t>(worker)]->take(partition, message);
      const std::size_t begin = header_at + sizeof(PieceHeader);
      if (patch) patch(worker, std::span(message).subspan(begin));
      const PieceHeader header{partition, static_cast<std::int64_t>(message.size() - begin)};
      std::memcpy(message.data() + header_at, &header, sizeof header);
    }
  }
  return to;
}

void Repartition::hand_over(const std::vector<Bytes>& received, const Receive& receive) const {
  std::map<std::int64_t, std::vector<std::span<const std::byte>>> pieces;
  for (const Bytes& message : received) {
    for (std::size_t at = 0; at < message.size();) {
      PieceHeader header{};
      std::memcpy(&header, message.data() + at, sizeof header);
      at += sizeof header;
      const auto length = static_cast<std::size_t>(header.bytes);
      if (length > 0) pieces[header.partition].push_back(std::span(message).subspan(at, length));
      at += length;
    }
  }
  const std::vector<std::pair<std::int64_t, std::vector<std::span<const std::byte>>>> work(pieces.begin(),
                                                                                           pieces.end());
  parallel_for(context_.threads, std::ssize(work), [&](int, std::int64_t i) {
    const auto& [partition, spans] = work[static_cast<std::size_t>(i)];
    receive(partition, spans);
  });
}

void Repartition::deliver(const Patch& patch, const Receive& receive) {
  for (const Round& round : plan_rounds(partition_bytes())) {
    std::vector<Bytes> to;
    collectively(context_.comm, [&] { to = collect(round, patch); });
    const std::vector<Bytes> received = context_.comm.exchange(std::move(to));
    collectively(context_.comm, [&] { hand_over(received, receive); });
  }
}

}  // namespace cohort
