// SPDX-License-Identifier: Apache-2.0
// The fault points of the program that tests/faults.sh runs: linked in place of those of core/fault_points.cpp.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>

#include "core/error.hpp"
#include "core/fault_points.hpp"

namespace cohort {
namespace {

struct Plan {
  std::uint64_t seed = 0;
  double rate = 0;  ///< of the hits that go wrong
  bool deadly = false;
  std::array<char, 64> site{};  ///< whose first hit goes wrong every second time: rare places have their turn too

  Plan() {
    std::array<char, 16> mode{};
    const char* text = std::getenv("COHORT_FAULT");
    if (text == nullptr || std::sscanf(text, "%lu:%lf:%15[a-z]:%63s", &seed, &rate, mode.data(), site.data()) < 3)
      return;
    deadly = mode[0] == 'd';
    if (const char* rank = std::getenv("OMPI_COMM_WORLD_RANK"))
      seed = seed * 64 + static_cast<std::uint64_t>(std::atoi(rank));
  }
};

/// A number that depends on the plan's seed and on how many hits there were; 0: nothing goes wrong.
std::uint64_t draw(const char* site) {
  static const Plan plan;
  static std::atomic<std::uint64_t> hits = 0;
  static std::atomic<bool> had_its_turn = false;
  if (plan.rate == 0) return 0;
  const bool its_turn = std::strcmp(site, plan.site.data()) == 0 && !had_its_turn.exchange(true);
  std::uint64_t x = (plan.seed + 1) * 0x9e3779b97f4a7c15u + ++hits * 0xbf58476d1ce4e5b9u;  // SplitMix64's mixing
  for (const int shift : {30, 27, 31}) x = (x ^ (x >> shift)) * 0x94d049bb133111ebu;
  if (static_cast<double>(x >> 11) * 0x1p-53 >= (its_turn ? 0.5 : plan.rate)) return 0;
  return (x & 0xfff) | 0x1000 | (plan.deadly ? 0x2000 : 0);
}

/// One line in COHORT_FAULT_LOG; appending so little is atomic.
void record(const char* site, const char* kind) {
  const char* path = std::getenv("COHORT_FAULT_LOG");
  if (path == nullptr) return;
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  const std::string line = fmt::format("{} {}\n", site, kind);
  if (::write(file, line.data(), line.size()) < 0) std::abort();
  ::close(file);
}

}  // namespace

void fault_point(const char* site) {
  const std::uint64_t x = draw(site);
  if (x == 0) return;
  if ((x & 0x2000) != 0) {
    record(site, (x & 1) != 0 ? "kill" : "exit");
    if ((x & 1) != 0) std::raise(SIGKILL);
    ::_exit(7);
  }
  switch (x % 64) {
    case 0: record(site, "throw"); throw Error(ExitCode::unexpected, fmt::format("injected at {}", site));
    case 1: record(site, "ENOSPC"); throw_system_error(ENOSPC, "write (injected)", site);
    case 2: record(site, "EIO"); throw_system_error(EIO, "use (injected)", site);
    case 3: record(site, "bad_alloc"); throw std::bad_alloc();
    default: record(site, "delay"); std::this_thread::sleep_for(std::chrono::milliseconds(x % 16));
  }
}

std::size_t fault_length(const char* site, std::size_t length) {
  const std::uint64_t x = draw(site);
  if (x == 0 || length < 2) return length;
  record(site, "short");
  return 1 + x % (length - 1);
}

void fault_bytes(const char* site, std::span<std::byte> bytes) {
  const std::uint64_t x = draw(site);
  if (x == 0 || bytes.empty()) return;
  record(site, "flip");
  bytes[x * 7919 % bytes.size()] ^= static_cast<std::byte>(1 << x % 8);
}

}  // namespace cohort
