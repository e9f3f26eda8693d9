// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/communicator.hpp"

namespace cohort::testing {

/// The ranks of this test program; only in programs linked with mpi_main.cpp.
[[nodiscard]] Communicator& test_communicator();

}  // namespace cohort::testing
