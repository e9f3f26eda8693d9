// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "io/store/manifest.hpp"

namespace cohort {

inline constexpr std::string_view dataset_view_name = "dataset.h5";

/// Writes dataset.h5 beside the shards in `folder` and enters its hash into `manifest`: all shards as one table for
/// h5py and h5dump. Columns are virtual datasets, except the customers' first column (the id), `<event table>_offset`
/// and the offsets of texts: these are plain, counted over the whole dataset. Holds one column of one shard at a time.
void write_dataset_view(const std::string& folder, Manifest& manifest);

}  // namespace cohort
