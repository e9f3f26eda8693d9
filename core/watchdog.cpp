// SPDX-License-Identifier: Apache-2.0
#include "core/watchdog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace cohort {
namespace fs = std::filesystem;
namespace {

// Shares of the timeout after which a waiting rank leaves a note, and says that it waits.
constexpr double note_share = 0.1, tell_share = 0.2;
constexpr double looks_per_timeout = 50;

}  // namespace

Watchdog::Watchdog(Settings settings)
    : settings_(std::move(settings)),
      shares_(settings_.rank, settings_.size, settings_.folder, settings_.tell),
      thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void Watchdog::arrive(std::string_view verb, const std::string& phase) {
  const std::lock_guard lock(mutex_);
  inside_ = true;
  ++calls_;
  verb_ = verb;
  phase_ = phase;
  arrived_ = Clock::now();
  worked_ += arrived_ - left_;
}

void Watchdog::leave() {
  const std::lock_guard lock(mutex_);
  inside_ = false;
  left_ = Clock::now();
}

void Watchdog::watch() {
  const std::chrono::duration<double> period(
      std::min({1.0, settings_.timeout_s / looks_per_timeout, settings_.compare_every_s}));
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, period, [this] { return ending_; })) {
    const double waited_s = inside_ ? std::chrono::duration<double>(Clock::now() - arrived_).count() : 0;
    const std::string call = fmt::format("{} in {} (call {})", verb_, phase_, calls_);
    const std::int64_t number = calls_;
    // Files may be slow: the rank must not wait for its watchdog.
    lock.unlock();
    look(waited_s, call, number);
    lock.lock();
    compare_work(lock);
  }
  lock.unlock();
  look(0, {}, 0);
}

void Watchdog::compare_work(std::unique_lock<std::mutex>& lock) {
  const Clock::time_point now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - compared_).count();
  if (seconds < settings_.compare_every_s) return;
  // Work and waits that began before and last on are cut here.
  if (!inside_) worked_ += now - left_;
  const double share = std::chrono::duration<double>(worked_).count() / seconds;
  worked_ = {};
  left_ = compared_ = now;
  lock.unlock();
  shares_.leave(share, seconds);
  lock.lock();
}

void Watchdog::look(double waited_s, const std::string& call, std::int64_t number) {
  if (waited_s < note_share * settings_.timeout_s) {
    std::error_code none;
    if (noted_ != 0 && fs::remove(note_path(settings_.rank), none)) fs::remove(settings_.folder, none);
    noted_ = 0;
    return;
  }
  if (noted_ != number) {
    std::error_code none;
    fs::create_directories(settings_.folder, none);
    std::ofstream(note_path(settings_.rank), std::ios::trunc) << number << '\n';
    noted_ = number;
  }
  const bool over = waited_s >= settings_.timeout_s;
  if (!over && (told_ == number || waited_s < tell_share * settings_.timeout_s)) return;
  told_ = number;
  const std::vector<int> absent = missing(number);
  // Of those that wait, the first speaks for all.
  const auto is_absent = [&](int rank) { return std::find(absent.begin(), absent.end(), rank) != absent.end(); };
  int speaker = 0;
  while (speaker < settings_.rank && is_absent(speaker)) ++speaker;
  const std::string what = fmt::format("{:.0f} s of waiting in {}: rank{} {} of {} not arrived", waited_s, call,
                                       absent.size() == 1 ? "" : "s", fmt::join(absent, ", "), settings_.size);
  if (speaker == settings_.rank && !over) settings_.tell(what);
  if (over) settings_.give_up(speaker == settings_.rank ? what : std::string());
}

std::string Watchdog::note_path(int rank) const {
  return fmt::format("{}/rank-{}", settings_.folder, rank);
}

std::vector<int> Watchdog::missing(std::int64_t number) const {
  std::vector<int> ranks;
  for (int rank = 0; rank < settings_.size; ++rank) {
    std::int64_t waits_in = 0;
    std::ifstream(note_path(rank)) >> waits_in;
    if (waits_in != number) ranks.push_back(rank);
  }
  return ranks;
}

}  // namespace cohort
