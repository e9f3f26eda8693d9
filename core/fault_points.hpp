// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

// Places where tests let things go wrong (tests/faults.sh). In a build without COHORT_FAULTS they are nothing at all.

namespace cohort {

#ifdef COHORT_FAULTS
/// May throw, wait, or end this process, as COHORT_FAULT (seed:rate:gentle|deadly) says.
void fault_point(const char* site);
/// May shorten a length, as a full pipe or disk does; never to 0.
[[nodiscard]] std::size_t fault_length(const char* site, std::size_t length);
/// May flip one bit.
void fault_bytes(const char* site, std::string& bytes);
#else
inline void fault_point(const char*) {}
[[nodiscard]] inline std::size_t fault_length(const char*, std::size_t length) {
  return length;
}
inline void fault_bytes(const char*, std::string&) {}
#endif

}  // namespace cohort
