// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/store/manifest.hpp"

namespace cohort {

inline constexpr std::string_view dictionaries_name = "dictionaries.h5";

/// Labels of a category: code i stands for labels[i]. Sorted by bytes, without repeats.
struct Dictionary {
  std::string name;
  std::vector<std::string> labels;

  bool operator==(const Dictionary&) const = default;
};

/// Writes dictionaries.h5 into `folder` (each dictionary a table /<name>/label) and enters it into `manifest`.
/// Throws Error(internal) for labels out of order.
void write_dictionaries(const std::string& folder, std::span<const Dictionary> dictionaries, Manifest& manifest);
/// One dictionary, each chunk checked; throws Error(bad_config) for an unknown name, Error(bad_data, input_missing).
[[nodiscard]] Dictionary read_dictionary(const Manifest& manifest, const std::string& folder, std::string_view name);

}  // namespace cohort
