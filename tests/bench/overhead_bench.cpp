// SPDX-License-Identifier: Apache-2.0
// The prices of what runs beside every job: one collective call as the watchdog sees it, one as the accounts do, one
// phase, and the share of a core that the watchdog's thread takes. Prints one line of JSON.
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include "core/communicator.hpp"
#include "core/metrics.hpp"
#include "core/watchdog.hpp"

namespace {

using namespace cohort;

template <class Work>
double nanoseconds_each(int times, const Work& work) {
  const double before = process_cpu_seconds();
  for (int i = 0; i < times; ++i) work();
  return (process_cpu_seconds() - before) / times * 1e9;
}

/// CPU time of a process that only waits, with a watchdog beside it, as a share of the time.
double share_of_a_core(double seconds) {
  const double before = process_cpu_seconds();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  return (process_cpu_seconds() - before) / seconds;
}

}  // namespace

int main() {
  const std::string phase = "kmeans iterations";
  const std::string folder = (std::filesystem::temp_directory_path() / "cohort-overhead").string();
  std::filesystem::create_directories(folder);
  setenv("COHORT_STATUS_DIR", folder.c_str(), 1);  // as under `cohort --ranks`
  Communicator comm;
  Metrics metrics;
  // What Communicator::Call does beside the call itself.
  std::map<std::string, PhaseTraffic> traffic{{"start", {}}, {"features", {}}, {phase, {}}};
  const double accounting = nanoseconds_each(1'000'000, [&] {
    PhaseTraffic& mine = traffic[phase];
    const double cpu_start = process_cpu_seconds();
    ++mine.by_verb[0].calls;
    mine.by_verb[0].bytes_sent += 8;
    mine.cpu_s += process_cpu_seconds() - cpu_start;
  });
  const double one_phase = nanoseconds_each(20'000, [&] { const Metrics::Phase entered(metrics, comm, phase); });

  const auto nothing = [](const std::string&) {};
  Watchdog watchdog({.folder = folder, .give_up = nothing, .tell = nothing});
  const double watched = nanoseconds_each(1'000'000, [&] {
    watchdog.arrive("all_reduce", phase);
    watchdog.leave();
  });
  fmt::print("{{\"accounting_ns\": {:.1f}, \"phase_ns\": {:.1f}, \"watchdog_ns\": {:.1f}, \"look_share\": {:.6f}}}\n",
             accounting, one_phase, watched, share_of_a_core(3));
  std::filesystem::remove_all(folder);
}
