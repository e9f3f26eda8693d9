// SPDX-License-Identifier: Apache-2.0
#include "io/store/hdf5_handle.hpp"

#include <hdf5.h>

#include <type_traits>

#include "core/error.hpp"

extern "C" const H5Z_class2_t cohort_zstd_filter;

namespace cohort {
namespace {

static_assert(std::is_same_v<hid_t, std::int64_t> && std::is_same_v<herr_t, int>);

/// Keeps the description of the innermost call (depth 0 of an upward walk), where the cause is.
herr_t keep_cause(unsigned depth, const H5E_error2_t* error, void* text) {
  if (depth == 0 && error->desc != nullptr) *static_cast<std::string*>(text) = error->desc;
  return 0;
}

}  // namespace

std::recursive_mutex& hdf5_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

bool Hdf5Handle::reset() noexcept {
  if (id_ < 0) return true;
  const std::scoped_lock lock(hdf5_mutex());
  return close_(std::exchange(id_, -1)) >= 0;
}

void prepare_hdf5() {
  static std::once_flag once;
  std::call_once(once, [] {
    const std::scoped_lock lock(hdf5_mutex());
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    constexpr int kept_of_all = 1 << 20, kept_of_one = 1 << 16;  // bytes freed that HDF5 may hold on to; else without end
    H5set_free_list_limits(kept_of_all, kept_of_one, kept_of_all, kept_of_one, kept_of_all, kept_of_one);
    if (H5Zregister(&cohort_zstd_filter) < 0) throw_hdf5_error("register", "filter 32015", false);
  });
}

void throw_hdf5_error(const std::string& action, const std::string& where, bool reading) {
  std::string cause = "no reason given";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_cause, &cause);
  H5Eclear2(H5E_DEFAULT);
  throw Error(
      reading ? ExitCode::bad_data : ExitCode::io_error, fmt::format("HDF5 cannot {} {}: {}", action, where, cause),
      reading ? "restore the file from a copy, or make it again" : "check free space and permissions of the folder");
}

}  // namespace cohort
