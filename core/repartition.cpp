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
#include "core/fault_points.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

constexpr std::int64_t smallest_slab = 1024;
constexpr std::int64_t largest_slab = 262'144;

/// A file without a name: its space is freed when the process ends, however it ends.
class SpillFile {
 public:
  explicit SpillFile(std::string folder) : folder_(std::move(folder)) {}
  ~SpillFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  std::int64_t write(std::span<const std::byte> bytes) {
    open_once();
    fault_point("spill.write");
    const std::int64_t address = size_;
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t n =
          ::pwrite(descriptor_, bytes.data() + done, fault_length("spill.short_write", bytes.size() - done), size_);
      if (n < 0 && errno != EINTR) throw_system_error(errno, "spill rows to", folder_);
      if (n > 0) {
        done += static_cast<std::size_t>(n);
        size_ += n;
      }
    }
    return address;
  }
  void read(std::int64_t address, std::byte* into, std::size_t bytes) const {
    fault_point("spill.read");
    for (std::size_t done = 0; done < bytes;) {
      const ssize_t n = ::pread(descriptor_, into + done, fault_length("spill.short_read", bytes - done),
                                address + static_cast<std::int64_t>(done));
      if (n == 0 || (n < 0 && errno != EINTR))
        throw_system_error(n == 0 ? EIO : errno, "read spilled rows from", folder_);
      if (n > 0) done += static_cast<std::size_t>(n);
    }
  }

 private:
  void open_once() {
    if (descriptor_ >= 0) return;
    fault_point("spill.open");
    std::string name = folder_ + "/spill-XXXXXX";
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0) throw_system_error(errno, "create a spill file in", folder_);
    ::unlink(name.c_str());
  }

  std::string folder_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

/// Whole records of one partition: in memory or, when `bytes` is null, in the spill file.
struct Slab {
  std::unique_ptr<std::byte[]> bytes;  // no vector: that would fill with zeros what is about to be written
  std::size_t capacity = 0, size = 0;
  std::int64_t address = -1;

  [[nodiscard]] std::span<std::byte> records() const { return {bytes.get(), size}; }
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
    if (mine.empty() || mine.back().size + bytes > mine.back().capacity) {
      const std::size_t wanted = std::max(bytes, static_cast<std::size_t>(slab_bytes));
      fault_point("repartition.memory");
      if (memory_used + static_cast<std::int64_t>(wanted) > memory_limit) spill();
      mine.push_back({.bytes = std::make_unique_for_overwrite<std::byte[]>(wanted), .capacity = wanted});
      memory_used += static_cast<std::int64_t>(wanted);
    }
    Slab& slab = mine.back();
    slab.size += bytes;
    return slab.bytes.get() + slab.size - bytes;
  }

  void spill() {
    for (std::vector<Slab>& of_partition : slabs) {
      for (Slab& slab : of_partition) {
        if (!slab.bytes) continue;
        slab.address = file.write(slab.records());
        slab.bytes = nullptr;
        slab.capacity = 0;
      }
    }
    memory_used = 0;
  }

  /// A partition's slabs, all in memory. Threads may take different partitions at once.
  std::vector<Slab> take(std::int64_t partition) {
    std::vector<Slab> taken = std::exchange(slabs[static_cast<std::size_t>(partition)], {});
    for (Slab& slab : taken) {
      if (slab.bytes) continue;
      slab.bytes = std::make_unique_for_overwrite<std::byte[]>(slab.size);
      file.read(slab.address, slab.bytes.get(), slab.size);
    }
    return taken;
  }

  [[nodiscard]] std::int64_t bytes_in(std::size_t partition) const {
    return std::accumulate(
        slabs[partition].begin(), slabs[partition].end(), std::int64_t{0},
        [](std::int64_t sum, const Slab& slab) { return sum + static_cast<std::int64_t>(slab.size); });
  }

  std::vector<std::vector<Slab>> slabs;
  SpillFile file;
  std::int64_t memory_limit, slab_bytes;
  std::int64_t memory_used = 0;
};

/// Partitions that are delivered together, each with its owner and what lies of it here.
struct Repartition::Round {
  struct Part {
    std::int64_t partition;
    int owner;
    std::vector<Slab> slabs;
  };
  std::vector<Part> parts;
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
    if (rounds.empty() || (full && !rounds.back().parts.empty())) {
      rounds.emplace_back();
      std::fill(received.begin(), received.end(), 0);
      least = received.begin();
      in_round = 0;
    }
    rounds.back().parts.push_back({static_cast<std::int64_t>(p), static_cast<int>(least - received.begin()), {}});
    *least += bytes[p];
    in_round += size;
  }
  return rounds;
}

void Repartition::collect(Round& round, const Patch& patch) {
  parallel_for(context_.threads, std::ssize(round.parts), [&](int, std::int64_t i) {
    Round::Part& part = round.parts[static_cast<std::size_t>(i)];
    for (int worker = 0; worker < context_.threads; ++worker) {
      for (Slab& slab : workers_[static_cast<std::size_t>(worker)]->take(part.partition)) {
        if (patch) patch(worker, slab.records());
        part.slabs.push_back(std::move(slab));
      }
    }
  });
}

/// What leaves this rank; parts that it owns stay where they are.
std::vector<Bytes> Repartition::pack(Round& round) const {
  std::vector<std::size_t> sizes(static_cast<std::size_t>(context_.comm.size()), 0);
  for (const Round::Part& part : round.parts) {
    for (const Slab& slab : part.slabs) sizes[static_cast<std::size_t>(part.owner)] += sizeof(PieceHeader) + slab.size;
  }
  sizes[static_cast<std::size_t>(context_.comm.rank())] = 0;
  std::vector<Bytes> to(sizes.size());
  for (std::size_t rank = 0; rank < to.size(); ++rank) to[rank].reserve(sizes[rank]);
  for (Round::Part& part : round.parts) {
    if (part.owner == context_.comm.rank()) continue;
    Bytes& message = to[static_cast<std::size_t>(part.owner)];
    for (const Slab& slab : std::exchange(part.slabs, {})) {
      const PieceHeader header{part.partition, static_cast<std::int64_t>(slab.size)};
      const auto bytes = std::as_bytes(std::span(&header, 1));
      message.insert(message.end(), bytes.begin(), bytes.end());
      message.insert(message.end(), slab.records().begin(), slab.records().end());
    }
  }
  return to;
}

void Repartition::hand_over(const Round& round, const std::vector<Bytes>& received, const Receive& receive) const {
  fault_point("repartition.hand_over");
  std::map<std::int64_t, std::vector<std::span<const std::byte>>> pieces;
  for (const Round::Part& part : round.parts) {
    for (const Slab& slab : part.slabs) pieces[part.partition].push_back(slab.records());
  }
  for (const Bytes& message : received) {
    for (std::size_t at = 0; at < message.size();) {
      PieceHeader header{};
      std::memcpy(&header, message.data() + at, sizeof header);
      at += sizeof header;
      const auto length = static_cast<std::size_t>(header.bytes);
      pieces[header.partition].push_back(std::span(message).subspan(at, length));
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
  for (Round& round : plan_rounds(partition_bytes())) {
    std::vector<Bytes> to;
    collectively(context_.comm, [&] {
      collect(round, patch);
      to = pack(round);
    });
    const std::vector<Bytes> received = context_.comm.exchange(std::move(to));
    collectively(context_.comm, [&] { hand_over(round, received, receive); });
    round.parts.clear();
  }
  for (const auto& worker : workers_) worker->memory_used = 0;
}

}  // namespace cohort
