// SPDX-License-Identifier: Apache-2.0
#include "core/isa.hpp"

#include <atomic>

#include "core/error.hpp"

namespace cohort {
namespace {

std::atomic<int>& active_level() {
  static std::atomic<int> level{static_cast<int>(host_isa())};
  return level;
}

}  // namespace

Isa host_isa() {
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vbmi") &&
                      __builtin_cpu_supports("avx512vbmi2");
  if (avx512) return Isa::avx512;
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  return avx2 ? Isa::avx2 : Isa::x86_64;
}

Isa active_isa() {
  return static_cast<Isa>(active_level().load(std::memory_order_relaxed));
}

void set_active_isa(Isa isa) {
  if (isa > host_isa()) {
    throw Error(ExitCode::unavailable,
                fmt::format("run.isa asks for {}, but this machine has only {}", name_of(isa), name_of(host_isa())),
                "remove run.isa, or lower it");
  }
  active_level() = static_cast<int>(isa);
}

std::string_view name_of(Isa isa) {
  switch (isa) {
    case Isa::x86_64: return "x86-64";
    case Isa::avx2: return "avx2";
    case Isa::avx512: return "avx512";
  }
  return "?";
}

Isa parse_isa(std::string_view name) {
  for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) {
    if (name == name_of(isa)) return isa;
  }
  throw Error(ExitCode::bad_config, fmt::format("'{}' is no instruction level", name), "use x86-64, avx2 or avx512");
}

}  // namespace cohort
