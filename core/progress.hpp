// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace cohort {

/// Shows how far long work has come: a bar on a terminal, a line every ten seconds in a log, nothing for work under two
/// seconds. Only rank 0 shows, from its own share of the work. Thread-safe.
class Progress {
 public:
  Progress(bool shown, std::string what, std::int64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::int64_t amount = 1);

 private:
  void show(double elapsed_s, double done_share);

  bool shown_;
  bool terminal_;
  std::string what_;
  std::int64_t total_;
  std::atomic<std::int64_t> done_ = 0;
  std::atomic<double> next_show_s_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace cohort
