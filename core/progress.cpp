// SPDX-License-Identifier: Apache-2.0
#include "core/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace cohort {
namespace {

constexpr double first_show_s = 2;

}  // namespace

Progress::Progress(bool shown, std::string what, std::int64_t total)
    : shown_(shown),
      terminal_(isatty(STDERR_FILENO) == 1),
      what_(std::move(what)),
      total_(std::max<std::int64_t>(total, 1)),
      next_show_s_(first_show_s) {}

Progress::~Progress() {
  if (shown_ && terminal_ && next_show_s_ > first_show_s) fmt::print(stderr, "\r\033[K");
}

void Progress::advance(std::int64_t amount) {
  const std::int64_t done = done_ += amount;
  if (!shown_) return;
  const double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  double due = next_show_s_;
  // Of the threads that pass the due time, the one that moves it on shows.
  if (elapsed_s < due || !next_show_s_.compare_exchange_strong(due, elapsed_s + (terminal_ ? 0.2 : 10.0))) return;
  show(elapsed_s, static_cast<double>(done) / static_cast<double>(total_));
}

void Progress::show(double elapsed_s, double done_share) {
  constexpr int width = 30;
  const double share = std::clamp(done_share, 1e-9, 1.0);
  const double left_s = elapsed_s * (1 - share) / share;
  const auto filled = static_cast<int>(share * width);
  if (terminal_) {
    fmt::print(stderr, "\r\033[K{:<28} [{:=<{}}{:<{}}] {:3.0f} %  {:.0f} s left", what_, "", filled, "", width - filled,
               share * 100, left_s);
  } else {
    fmt::print(stderr, "{}: {:.0f} %, {:.0f} s left\n", what_, share * 100, left_s);
  }
  std::fflush(stderr);
}

}  // namespace cohort
