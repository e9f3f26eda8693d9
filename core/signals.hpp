// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cohort {

/// From here on USR1, TERM and INT ask this process to stop where it can go on later; a second TERM or INT ends it.
void catch_stop_signals();
/// The signal that asked for a stop; 0: none.
[[nodiscard]] int stop_signal();
/// The request has been met: what follows is not interrupted by it any more.
void forget_stop_signal();

/// While one lives, all ranks can fail together, so that threads may throw at the next block (see collectively.hpp).
class Stoppable {
 public:
  Stoppable();
  ~Stoppable();
  Stoppable(const Stoppable&) = delete;
  Stoppable& operator=(const Stoppable&) = delete;

  /// Throws Error(requeue) if a stop was asked for and a Stoppable lives.
  static void poll();
};

}  // namespace cohort
