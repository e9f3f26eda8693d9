// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "io/store/manifest.hpp"

namespace cohort {

/// A manifest as ranks hand it to each other, not as files hold it: one rank reads the text, and checks it, for all.
[[nodiscard]] std::string pack_manifest(const Manifest& manifest);
[[nodiscard]] Manifest unpack_manifest(std::string packed);

}  // namespace cohort
