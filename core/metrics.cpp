// SPDX-License-Identifier: Apache-2.0
#include "core/metrics.hpp"

#include <malloc.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <utility>

namespace cohort {

Metrics::Phase::Phase(Metrics& metrics, Communicator& comm, std::string name)
    : metrics_(metrics),
      comm_(comm),
      name_(std::move(name)),
      outer_(comm.phase()),
      wall_start_(std::chrono::steady_clock::now()),
      cpu_start_(process_cpu_seconds()) {
  metrics_.at(name_);
  comm.enter_phase(name_);
  leave_trace(comm.rank(), name_);
}

Metrics::Phase::~Phase() {
  PhaseCost& cost = metrics_.at(name_);
  cost.wall_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_start_).count();
  cost.cpu_s += process_cpu_seconds() - cpu_start_;
  comm_.enter_phase(outer_);
}

PhaseCost& Metrics::at(const std::string& phase) {
  for (auto& [name, cost] : phases_) {
    if (name == phase) return cost;
  }
  return phases_.emplace_back(phase, PhaseCost{}).second;
}

double process_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::int64_t peak_resident_bytes() {
  // getrusage would also count what the process that started this one had held.
  std::ifstream status("/proc/self/status");
  std::int64_t kibibytes = 0;
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") status >> kibibytes;
  }
  return kibibytes * 1024;
}

void restart_peak_resident_bytes() {
  ::malloc_trim(0);                 // what earlier work has freed is not this one's
  constexpr char reset_peak = '5';  // proc(5), clear_refs
  std::ofstream("/proc/self/clear_refs") << reset_peak;
}

void leave_trace(int rank, const std::string& doing) {
  const char* folder = std::getenv("COHORT_STATUS_DIR");
  if (folder == nullptr) return;
  std::ofstream(std::string(folder) + "/rank-" + std::to_string(rank), std::ios::trunc) << doing << '\n';
}

}  // namespace cohort
