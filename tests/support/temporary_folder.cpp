// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temporary_folder.hpp"

#include <stdlib.h>

#include <array>
#include <cerrno>
#include <exception>

#include "core/collectively.hpp"
#include "core/error.hpp"

namespace cohort::testing {
namespace {

std::string made_folder() {
  std::string name = std::filesystem::temp_directory_path() / "cohort-test-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw_system_error(errno, "make", name);
  return name;
}

}  // namespace

TemporaryFolder::TemporaryFolder() : path_(made_folder()) {}

TemporaryFolder::TemporaryFolder(Communicator& comm) : comm_(&comm) {
  std::string name;
  collectively(comm, [&] {
    if (comm.rank() == 0) name = made_folder();
  });
  comm.broadcast(name, 0);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (comm_ != nullptr) {
    // An exception in flight ends all ranks in mpi_main.cpp: waiting for the others here would hang instead.
    std::array<std::int64_t, 1> everyone_is_done{};
    if (std::uncaught_exceptions() == 0) comm_->all_reduce(everyone_is_done, {});
    if (comm_->rank() != 0) return;
  }
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace cohort::testing
