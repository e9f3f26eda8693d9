// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/work_shares.hpp"

namespace cohort {

/// Watches one rank's collective calls from a thread of its own. A rank that waits in a call leaves a note in a folder
/// that all ranks see; who has left none for this call has not arrived. So the word on a stuck job needs neither the
/// call that is stuck nor the rank that is missing. A long wait is told, one beyond the timeout ends the job; now and
/// then it is told which rank the others wait for.
class Watchdog {
 public:
  struct Settings {
    int rank = 0, size = 1;
    std::string folder;  ///< seen by all ranks; made when the first note is written
    double timeout_s = 600;
    double compare_every_s = 30;                           ///< between two comparisons of what the ranks worked
    std::function<void(const std::string& what)> give_up;  ///< on the watchdog's thread; must end the job
    std::function<void(const std::string& what)> tell;
  };

  explicit Watchdog(Settings settings);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// This rank enters, and leaves, a collective call.
  void arrive(std::string_view verb, const std::string& phase);
  void leave();

 private:
  using Clock = std::chrono::steady_clock;

  void watch();
  void compare_work(std::unique_lock<std::mutex>& lock);
  void look(double waited_s, const std::string& call, std::int64_t number);
  [[nodiscard]] std::string note_path(int rank) const;
  [[nodiscard]] std::vector<int> missing(std::int64_t number) const;

  Settings settings_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false, inside_ = false;
  std::int64_t calls_ = 0;
  std::string_view verb_;
  std::string phase_;
  Clock::time_point arrived_, left_ = Clock::now(), compared_ = left_;
  Clock::duration worked_{};           ///< outside collective calls, since `compared_`
  std::int64_t noted_ = 0, told_ = 0;  ///< numbers of calls; the watchdog's thread alone
  WorkShares shares_;
  std::thread thread_;
};

}  // namespace cohort
