// SPDX-License-Identifier: Apache-2.0
#include "jobs/child_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "core/error.hpp"

namespace cohort {

int fork_child(const std::string& what) {
  std::signal(SIGCHLD, SIG_DFL);
  const pid_t child = fork();
  if (child < 0) throw_system_error(errno, "start", what);
  return child;
}

int wait_for(int child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw_system_error(errno, "wait for", fmt::format("process {}", child));
  }
  return exit_code_of(status);
}

int exit_code_of(int status) {
  constexpr int first_signal_code = 128;
  return WIFSIGNALED(status) ? first_signal_code + WTERMSIG(status) : WEXITSTATUS(status);
}

Finished run_and_read(const std::vector<std::string>& words) {
  std::vector<std::string> copies = words;
  std::vector<char*> pointers;
  for (std::string& word : copies) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw_system_error(errno, "start", words.front());
  const int child = fork_child(words.front());
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    execvp(pointers.front(), pointers.data());
    _exit(127);
  }
  close(ends[1]);
  Finished finished;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = read(ends[0], buffer.data(), buffer.size())) != 0;) {
    if (n < 0 && errno != EINTR) break;
    if (n > 0) finished.output.append(buffer.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  finished.code = wait_for(child);
  return finished;
}

}  // namespace cohort
