// SPDX-License-Identifier: Apache-2.0
#include "core/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
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
    if (error_ == nullptr || index < index_) {
      index_ = index;
      error_ = std::move(error);
    }
    failed_ = true;
  }
  [[nodiscard]] bool failed() const { return failed_; }
  void rethrow() const {
    if (error_ != nullptr) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::int64_t index_ = 0;
  std::exception_ptr error_;
  std::atomic<bool> failed_ = false;
};

}  // namespace

void parallel_for(int threads, std::int64_t count, const std::function<void(int, std::int64_t)>& work) {
  std::atomic<std::int64_t> next = 0;
  FirstError first_error;
  const auto run = [&](int worker) {
    // Every index that was taken is run, so the lowest one that fails is always among those tried.
    while (!first_error.failed()) {
      const std::int64_t index = next++;
      if (index >= count) return;
      try {
        Stoppable::poll();
        fault_point("threads.work");
        work(worker, index);
      } catch (...) {
        first_error.keep(index, std::current_exception());
      }
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
