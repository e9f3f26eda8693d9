// SPDX-License-Identifier: Apache-2.0
#include "jobs/machine.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace cohort {
namespace {

int number_in_environment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  const int number = text == nullptr ? 0 : std::atoi(text);
  return number > 0 ? number : otherwise;
}

/// The folder of this process's control group below `root`: of the line that begins with `mark`.
std::filesystem::path control_group(const std::string& root, const std::string& mark) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(mark);
    if (at != std::string::npos) return root + line.substr(at + mark.size());
  }
  return root;
}

/// The tightest limit of the process's control group and those above it: a batch system limits the job's, not the
/// root's.
std::int64_t control_group_limit(std::int64_t otherwise) {
  std::int64_t lowest = otherwise;
  const auto walk = [&](std::filesystem::path folder, const std::filesystem::path& root, const char* name) {
    for (;; folder = folder.parent_path()) {
      std::ifstream file(folder / name);
      std::int64_t limit = 0;
      if (file >> limit && limit > 0) lowest = std::min(lowest, limit);
      if (folder == root || !folder.has_relative_path()) return;
    }
  };
  const std::string root = "/sys/fs/cgroup";
  walk(control_group(root, "0::"), root, "memory.max");
  walk(control_group(root + "/memory", ":memory:"), root + "/memory", "memory.limit_in_bytes");
  return lowest;
}

/// The most tasks on one node in Slurm's "4(x2),3".
int most_tasks(const char* text) {
  int most = 0;
  for (; text != nullptr && *text != '\0'; ++text) {
    if (std::isdigit(static_cast<unsigned char>(*text)) == 0) continue;
    char* end = nullptr;
    const int number = static_cast<int>(std::strtol(text, &end, 10));
    if (*end != ')') most = std::max(most, number);
    text = end - 1;
  }
  return most;
}

std::int64_t node_memory() {
  return std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
}

}  // namespace

int ranks_on_node() {
  return number_in_environment("OMPI_COMM_WORLD_LOCAL_SIZE",
                               std::max(1, most_tasks(std::getenv("SLURM_STEP_TASKS_PER_NODE"))));
}

int default_threads() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  const int usable = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
  return std::max(1, usable / ranks_on_node());
}

std::int64_t default_memory() {
  return control_group_limit(node_memory()) / ranks_on_node() / 10 * 8;
}

std::string memory_source() {
  return control_group_limit(node_memory()) < node_memory() ? "the control group" : "the node";
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace cohort
