// SPDX-License-Identifier: Apache-2.0
#include "jobs/machine.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

namespace cohort {
namespace {

int number_in_environment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  const int number = text == nullptr ? 0 : std::atoi(text);
  return number > 0 ? number : otherwise;
}

std::int64_t control_group_limit(std::int64_t otherwise) {
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    std::int64_t limit = 0;
    if (file >> limit && limit > 0) return std::min(limit, otherwise);
  }
  return otherwise;
}

std::int64_t node_memory() {
  return std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
}

}  // namespace

int ranks_on_node() {
  return number_in_environment("OMPI_COMM_WORLD_LOCAL_SIZE", number_in_environment("SLURM_NTASKS_PER_NODE", 1));
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
