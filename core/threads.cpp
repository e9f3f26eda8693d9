// SPDX-License-Identifier: Apache-2.0
#include "core/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "core/fault_points.hpp"
#include "core/signals.hpp"

namespace cohort {
namespace {

/// Remembers the error of the lowest index, so that which thread was faster does not choose the message.
class FirstError {
 public:
  void keep(std::int64_t index, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (index >= index_) return;
    index_ = index;
    error_ = std::move(error);
  }
  [[nodiscard]] bool is_before(std::int64_t index) const { return index_ < index; }
  void rethrow() const {
    if (error_ != nullptr) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::atomic<std::int64_t> index_ = std::numeric_limits<std::int64_t>::max();
  std::exception_ptr error_;
};

/// Hands out neighbours together, which often lie in one stored chunk: long runs first, single indices in the end, so
/// that threads finish at one time (C. D. Polychronopoulos and D. J. Kuck, "Guided self-scheduling", 1987).
class Runs {
 public:
  Runs(int threads, std::int64_t count) : share_(std::int64_t{8} * threads), count_(count) {}

  /// The next run, [first, last); empty at the end.
  std::pair<std::int64_t, std::int64_t> take() {
    std::int64_t first = next_, last = 0;
    do {
      last = std::min(count_, first + std::max<std::int64_t>(1, (count_ - first) / share_));
    } while (first < count_ && !next_.compare_exchange_weak(first, last));
    return {first, last};
  }

 private:
  std::int64_t share_, count_;
  std::atomic<std::int64_t> next_ = 0;
};

}  // namespace

void parallel_for(int threads, std::int64_t count, const std::function<void(int, std::int64_t)>& work) {
  Runs runs(threads, count);
  FirstError first_error;
  const auto run = [&](int worker) {
    for (auto [index, last] = runs.take(); index < last; std::tie(index, last) = runs.take()) {
      // Every index below one that failed is run, so the lowest one that fails is always among those tried.
      for (; index < last && !first_error.is_before(index); ++index) {
        try {
          Stoppable::poll();
          fault_point("threads.work");
          work(worker, index);
        } catch (...) {
          first_error.keep(index, std::current_exception());
        }
      }
      if (index < last) return;
    }
  };
  {
    std::vector<std::jthread> others;
    const auto workers = static_cast<int>(std::min<std::int64_t>(threads, count));
    for (int worker = 1; worker < workers; ++worker) others.emplace_back(run, worker);
    run(0);
  }
  first_error.rethrow();
}

}  // namespace cohort
