// SPDX-License-Identifier: Apache-2.0
#include "jobs/registry.hpp"

#include <vector>

#include "jobs/baskets/itemsets_job.hpp"
#include "jobs/baskets/next_offer_job.hpp"
#include "jobs/baskets/rules_job.hpp"
#include "jobs/features/features_job.hpp"
#include "jobs/generate_job.hpp"
#include "jobs/group_by/group_by_job.hpp"
#include "jobs/ingest/ingest_job.hpp"
#include "jobs/prediction/compare_job.hpp"
#include "jobs/prediction/evaluate_job.hpp"
#include "jobs/prediction/explain_job.hpp"
#include "jobs/prediction/glm_job.hpp"
#include "jobs/prediction/labels_job.hpp"
#include "jobs/prediction/linear_job.hpp"
#include "jobs/prediction/logistic_job.hpp"
#include "jobs/prediction/softmax_job.hpp"
#include "jobs/score_job.hpp"
#include "jobs/segments/cohorts_job.hpp"
#include "jobs/segments/concentration_job.hpp"
#include "jobs/segments/crosstab_job.hpp"
#include "jobs/segments/interests_job.hpp"
#include "jobs/segments/kmeans_job.hpp"
#include "jobs/segments/lifecycle_job.hpp"
#include "jobs/segments/rfm_job.hpp"
#include "jobs/segments/sweep_job.hpp"
#include "jobs/sequences/sequences_job.hpp"

namespace cohort {

std::span<const JobEntry> registry() {
  static const std::vector<JobEntry> entries{
      entry<IngestJob>(),   entry<GenerateJob>(),  entry<FeaturesJob>(),      entry<RfmJob>(),
      entry<CohortsJob>(),  entry<LifecycleJob>(), entry<ConcentrationJob>(), entry<InterestsJob>(),
      entry<KMeansJob>(),   entry<SweepJob>(),     entry<CrosstabJob>(),      entry<ScoreJob>(),
      entry<ItemsetsJob>(), entry<RulesJob>(),     entry<NextOfferJob>(),     entry<SequencesJob>(),
      entry<LabelsJob>(),   entry<LinearJob>(),    entry<LogisticJob>(),      entry<GlmJob>(),
      entry<SoftmaxJob>(),  entry<CompareJob>(),   entry<EvaluateJob>(),      entry<ExplainJob>(),
      entry<GroupByJob>(),
  };
  return entries;
}

const JobEntry& find_job(std::string_view name, std::string_view place) {
  std::vector<std::string> names;
  for (const JobEntry& job : registry()) {
    if (job.name == name) return job;
    names.emplace_back(job.name);
  }
  const std::string near = nearest(name, names);
  throw Error(
      ExitCode::bad_config, fmt::format("{}: there is no job '{}'", place, name),
      near.empty() ? fmt::format("the jobs are: {}", fmt::join(names, ", ")) : fmt::format("did you mean '{}'?", near));
}

}  // namespace cohort
