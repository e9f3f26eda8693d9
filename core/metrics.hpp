// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/communicator.hpp"

namespace cohort {

/// What a phase cost on this rank.
struct PhaseCost {
  double wall_s = 0;
  double cpu_s = 0;
  std::map<std::string, std::int64_t> counts;  ///< rows decoded, bytes read, distances evaluated, ...
};

/// The clock of a step: phases in the order they were first entered. Feeds run.json, never result.json.
class Metrics {
 public:
  /// Charges a phase from here to the end of scope. Time inside a nested phase counts for both, traffic for the inner.
  class Phase {
   public:
    Phase(Metrics& metrics, Communicator& comm, std::string name);
    ~Phase();
    Phase(const Phase&) = delete;
    Phase& operator=(const Phase&) = delete;

   private:
    Metrics& metrics_;
    Communicator& comm_;
    std::string name_, outer_;
    std::chrono::steady_clock::time_point wall_start_;
    double cpu_start_;
  };

  void count(const std::string& phase, const std::string& what, std::int64_t amount) {
    at(phase).counts[what] += amount;
  }
  [[nodiscard]] const std::vector<std::pair<std::string, PhaseCost>>& phases() const { return phases_; }

 private:
  PhaseCost& at(const std::string& phase);
  std::vector<std::pair<std::string, PhaseCost>> phases_;
};

[[nodiscard]] double process_cpu_seconds();        ///< user and system time of all threads
[[nodiscard]] std::int64_t peak_resident_bytes();  ///< VmHWM, since the process or the last restart of the count
void restart_peak_resident_bytes();                ///< where the kernel allows it
/// Writes the name of what this rank does now to the file of COHORT_STATUS_DIR, if set: the last word of a dead rank.
void leave_trace(int rank, const std::string& doing);

}  // namespace cohort
