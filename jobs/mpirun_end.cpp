// SPDX-License-Identifier: Apache-2.0
#include "jobs/mpirun_end.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "jobs/child_process.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{20}, patience_before_the_first{300};

struct Rank {
  bool lives = false;
  int code = 0;  ///< of one that ended and that nobody has asked about yet
};

/// What proc(5) tells of a process behind its name, which may hold anything: state, parent, ..., exit status as of
/// wait.
std::vector<std::string> fields_of(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::stringstream text;
  text << file.rdbuf();
  std::istringstream words(text.str().substr(text.str().rfind(')') + 1));
  return {std::istream_iterator<std::string>(words), {}};
}

std::vector<Rank> children_of(int process) {
  std::vector<Rank> children;
  std::error_code ignored;
  const std::string parent = std::to_string(process);
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    if (std::isdigit(static_cast<unsigned char>(entry.path().filename().string().front())) == 0) continue;
    const std::vector<std::string> fields = fields_of(entry.path());
    if (fields.size() < 2 || fields[1] != parent) continue;
    const bool lives = fields[0] != "Z";
    children.push_back({.lives = lives, .code = lives ? 0 : exit_code_of(std::stoi(fields.back()))});
  }
  return children;
}

bool any_lives(const std::vector<Rank>& ranks) {
  return std::any_of(ranks.begin(), ranks.end(), [](const Rank& rank) { return rank.lives; });
}

/// Success only where every rank is there to say so.
int code_of(const std::vector<Rank>& ended, int ranks) {
  for (const Rank& rank : ended) {
    if (rank.code != 0) return rank.code;
  }
  return static_cast<int>(ended.size()) == ranks ? 0 : static_cast<int>(ExitCode::rank_gone);
}

}  // namespace

int wait_for_mpirun(int mpirun, int ranks) {
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, mpirun, 0));
  if (handle < 0) return wait_for(mpirun);
  constexpr int between_looks_ms = 5000;
  bool seen = false;
  Clock::time_point last_lived = Clock::now();
  for (pollfd end{.fd = handle, .events = POLLIN, .revents = 0}; poll(&end, 1, between_looks_ms) <= 0;) {
    const std::vector<Rank> children = children_of(mpirun);
    seen = seen || !children.empty();
    if (any_lives(children)) {
      last_lived = Clock::now();
    } else if (Clock::now() - last_lived > (seen ? patience : patience_before_the_first)) {
      fmt::print(stderr, "note: mpirun did not end after its ranks had, and was ended\n");
      const int code = code_of(children, ranks);
      kill(mpirun, SIGKILL);
      static_cast<void>(wait_for(mpirun));
      close(handle);
      return code;
    }
  }
  close(handle);
  return wait_for(mpirun);
}

}  // namespace cohort
