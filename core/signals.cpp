// SPDX-License-Identifier: Apache-2.0
#include "core/signals.hpp"

#include <atomic>
#include <csignal>
#include <cstring>

#include "core/error.hpp"

namespace cohort {
namespace {

// A signal handler may touch nothing but lock-free globals.
std::atomic<int> asked_by = 0;
std::atomic<int> stoppable = 0;

void ask_to_stop(int signal_number) {
  const int before = asked_by.exchange(signal_number);
  if (before == 0 || signal_number == SIGUSR1) return;
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  action.sa_flags = SA_RESTART;
  for (const int signal_number : {SIGUSR1, SIGTERM, SIGINT}) sigaction(signal_number, &action, nullptr);
}

int stop_signal() {
  return asked_by;
}

void forget_stop_signal() {
  asked_by = 0;
}

Stoppable::Stoppable() {
  ++stoppable;
}

Stoppable::~Stoppable() {
  --stoppable;
}

void Stoppable::poll() {
  if (asked_by.load(std::memory_order_relaxed) == 0 || stoppable == 0) return;
  throw Error(ExitCode::requeue, fmt::format("stopped by signal {} ({})", asked_by.load(), strsignal(asked_by)),
              "continue with `cohort resume` and the same arguments");
}

}  // namespace cohort
