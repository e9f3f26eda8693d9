// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "algorithms/segments/kmeans.hpp"
#include "algorithms/segments/rfm.hpp"
#include "jobs/segments/segment_output.hpp"

namespace cohort {

/// A fitted model as something that labels customers.
[[nodiscard]] Segmentation segmentation_of(const KMeans::Model& model);
[[nodiscard]] Segmentation segmentation_of(const Rfm::Model& model);

}  // namespace cohort
