// SPDX-License-Identifier: Apache-2.0
#include "io/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "core/error.hpp"
#include "core/fault_points.hpp"
#include "io/durable_file.hpp"

namespace cohort {
namespace {

/// False when the lock file was removed or replaced between opening and locking it.
bool still_there(int descriptor, const std::string& path) {
  struct stat held {
  }, named{};
  return ::fstat(descriptor, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

[[noreturn]] void throw_locked(const std::string& folder, const std::string& lock_path) {
  std::string holder = read_file(lock_path);
  holder.erase(std::min(holder.find('\n'), holder.size()));
  throw Error(ExitCode::output_exists, fmt::format("{} is being written by process {}", folder, holder),
              "wait until it has finished, or choose another name");
}

/// The file, opened and locked; -1 while another process holds it.
int locked(const std::string& path) {
  fault_point("lock_file.open");
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) throw_system_error(errno, "create", path);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && still_there(descriptor, path)) return descriptor;
  ::close(descriptor);
  return -1;
}

}  // namespace

LockFile::LockFile(std::string path, const std::string& folder) : path_(std::move(path)) {
  using namespace std::chrono_literals;
  const auto patience = std::chrono::steady_clock::now() + 2s;
  while ((descriptor_ = locked(path_)) < 0) {
    if (std::chrono::steady_clock::now() > patience) throw_locked(folder, path_);
    std::this_thread::sleep_for(20ms);
  }
  const std::string holder = fmt::format("{}\n", ::getpid());
  if (::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, holder.data(), holder.size(), 0) > 0) return;
  const int failure = errno;
  ::unlink(path_.c_str());
  ::close(descriptor_);
  throw_system_error(failure, "write", path_);
}

LockFile::~LockFile() {
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

}  // namespace cohort
