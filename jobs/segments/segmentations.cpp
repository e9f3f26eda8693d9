// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/segmentations.hpp"

#include <memory>

namespace cohort {

Segmentation segmentation_of(const KMeans::Model& model) {
  Segmentation segmentation{.columns = {{.name = "distance", .type = ColumnType::float64}},
                            .segments = static_cast<std::int64_t>(model.sizes.size())};
  for (const Scaling::Column& column : model.scaling.columns) segmentation.inputs.push_back(column.name);
  const auto assigner = std::make_shared<const KMeans::Assigner>(model, segmentation.inputs);
  segmentation.label = [assigner](const NumericBlock& block, std::vector<ColumnValues>* others) {
    KMeans::Assignment assignment = assigner->assign(block);
    if (others != nullptr) *others = {std::move(assignment.distances)};
    return std::move(assignment.labels);
  };
  return segmentation;
}

Segmentation segmentation_of(const Rfm::Model& model) {
  Segmentation segmentation{
      .inputs = Rfm::columns(), .names = Rfm::segment_names(), .segments = std::ssize(Rfm::segment_names())};
  for (const char* name : {"rfm_r", "rfm_f", "rfm_m", "rfm_score", "tier"}) {
    segmentation.columns.push_back({.name = name, .type = ColumnType::int32});
  }
  const std::int32_t base = model.n_bins < 10 ? 10 : 100;  // 10 or more bins take two digits each
  segmentation.label = [model, base](const NumericBlock& block, std::vector<ColumnValues>* others) {
    Rfm::Assignment assignment = Rfm::assign(model, Rfm::columns(), block);
    if (others != nullptr) {
      std::vector<std::int32_t> scores(assignment.r.size());
      for (std::size_t i = 0; i < scores.size(); ++i)
        scores[i] = (assignment.r[i] * base + assignment.f[i]) * base + assignment.m[i];
      *others = {std::move(assignment.r), std::move(assignment.f), std::move(assignment.m), std::move(scores),
                 std::move(assignment.tiers)};
    }
    return std::move(assignment.segments);
  };
  return segmentation;
}

}  // namespace cohort
