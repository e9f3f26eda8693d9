// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

// The only door to libhdf5, together with hdf5_file. The library is not thread-safe: whoever holds a handle or calls
// it holds `hdf5_mutex()`. Compressing and unpacking happen outside.

namespace cohort {

/// The process-wide lock around libhdf5. Recursive: a handle locks it again when it closes.
[[nodiscard]] std::recursive_mutex& hdf5_mutex();

/// Owns one hid_t and the function that closes it.
class Hdf5Handle {
 public:
  using Close = int (*)(std::int64_t);

  Hdf5Handle() = default;
  Hdf5Handle(std::int64_t id, Close close) noexcept : id_(id), close_(close) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Hdf5Handle() { (void)reset(); }

  [[nodiscard]] std::int64_t get() const noexcept { return id_; }
  /// Closes now; false when the library could not (a file: not all bytes were written).
  [[nodiscard]] bool reset() noexcept;

 private:
  std::int64_t id_ = -1;
  Close close_ = nullptr;
};

/// Silences the library's printing and registers filter 32015, once per process.
void prepare_hdf5();

/// Throws what the library's error stack says: Error(bad_data) if it was reading, else Error(io_error).
[[noreturn]] void throw_hdf5_error(const std::string& action, const std::string& where, bool reading);

}  // namespace cohort
