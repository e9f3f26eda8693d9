// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

namespace cohort {

/// Calls work(worker, index) once for each 0 <= index < count, on `threads` threads that take the next few when free.
/// If calls throw, the error of the lowest index that was tried is thrown after all threads have stopped.
void parallel_for(int threads, std::int64_t count, const std::function<void(int worker, std::int64_t index)>& work);

}  // namespace cohort
