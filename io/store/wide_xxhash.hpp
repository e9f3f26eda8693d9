// SPDX-License-Identifier: Apache-2.0
#pragma once

// XXH3 for long inputs: the same hashes, by the widest vectors of this machine where the library is built for that.
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>  // IWYU pragma: export
#else
#include <xxhash.h>  // IWYU pragma: export
#endif
