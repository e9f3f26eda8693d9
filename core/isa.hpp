// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace cohort {

/// Instruction levels a kernel may be written for, lowest first. avx512 means F, BW, CD, DQ, VL, VBMI and VBMI2.
enum class Isa : int { x86_64 = 0, avx2 = 1, avx512 = 2 };

/// The highest level this machine has.
[[nodiscard]] Isa host_isa();
/// The level all ranks agreed on; kernels dispatch on it. It is `host_isa()` until `set_active_isa`.
[[nodiscard]] Isa active_isa();
/// Sets the level for the whole process; throws Error(unavailable) when this machine lacks it.
void set_active_isa(Isa isa);

[[nodiscard]] std::string_view name_of(Isa isa);     ///< "x86-64", "avx2", "avx512"
[[nodiscard]] Isa parse_isa(std::string_view name);  ///< throws Error(bad_config)

}  // namespace cohort
