// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "core/communicator.hpp"

namespace cohort {

/// Collective. Every rank's bytes on rank 0, by rank; empty elsewhere.
[[nodiscard]] inline std::vector<Bytes> gather_on_first(Communicator& comm, Bytes mine) {
  std::vector<Bytes> to(static_cast<std::size_t>(comm.size()));
  to.front() = std::move(mine);
  std::vector<Bytes> from = comm.exchange(std::move(to));
  if (comm.rank() != 0) from.clear();
  return from;
}

/// Plain values as bytes, and back.
template <class T>
[[nodiscard]] Bytes to_bytes(std::span<const T> values) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto bytes = std::as_bytes(values);
  return {bytes.begin(), bytes.end()};
}
template <class T>
void append_values(const Bytes& bytes, std::vector<T>& values) {
  static_assert(std::is_trivially_copyable_v<T>);
  const std::size_t begin = values.size();
  values.resize(begin + bytes.size() / sizeof(T));
  if (!bytes.empty()) std::memcpy(values.data() + begin, bytes.data(), bytes.size());
}

}  // namespace cohort
