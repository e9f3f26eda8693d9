// SPDX-License-Identifier: Apache-2.0
#include "core/fault_points.hpp"

namespace cohort {

void fault_point(const char*) {}

std::size_t fault_length(const char*, std::size_t length) {
  return length;
}

void fault_bytes(const char*, std::span<std::byte>) {}

}  // namespace cohort
