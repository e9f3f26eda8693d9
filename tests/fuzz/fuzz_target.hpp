// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// A target is one file with these two functions. It is linked with libFuzzer (clang, -fsanitize=fuzzer) or, where that
// is not at hand, with random_inputs.cpp.

/// Reads one input; aborts where a promise is broken. Errors that are Error are as they should be.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace cohort::testing {

/// Good inputs to begin with.
[[nodiscard]] std::vector<std::string> fuzz_seeds();

}  // namespace cohort::testing
