// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

// Places where a test program lets things go wrong: all that touch a file, much memory or other ranks, once for each
// file, chunk or message. In the program itself nothing happens there; tests/faults.sh runs one that is linked with
// tests/support/injected_faults.cpp and otherwise the same.

namespace cohort {

/// May throw, wait, or end this process, as COHORT_FAULT (seed:rate:gentle|deadly[:site]) says.
void fault_point(const char* site);
/// May shorten a length, as a full pipe or disk does; never to 0.
[[nodiscard]] std::size_t fault_length(const char* site, std::size_t length);
/// May flip one bit. Only for bytes whose checksum is looked at after this.
void fault_bytes(const char* site, std::span<std::byte> bytes);

}  // namespace cohort
