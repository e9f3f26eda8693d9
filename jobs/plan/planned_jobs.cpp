// SPDX-License-Identifier: Apache-2.0
#include "jobs/plan/planned_jobs.hpp"

#include <map>
#include <tuple>

#include "core/config.hpp"
#include "jobs/baskets/itemsets_job.hpp"
#include "jobs/baskets/next_offer_job.hpp"
#include "jobs/baskets/rules_job.hpp"
#include "jobs/features/features_job.hpp"
#include "jobs/generate_job.hpp"
#include "jobs/ingest/ingest_job.hpp"
#include "jobs/prediction/glm_job.hpp"
#include "jobs/prediction/labels_job.hpp"
#include "jobs/prediction/linear_job.hpp"
#include "jobs/prediction/logistic_job.hpp"
#include "jobs/score_job.hpp"
#include "jobs/segments/kmeans_job.hpp"
#include "jobs/segments/rfm_job.hpp"

namespace cohort {
namespace {

using Plan = StepPlan (*)(const ConfigNode&, Forecast&);

/// A job says what it costs in `static StepPlan plan(const Params&, Forecast&)`.
template <class... Jobs>
std::map<std::string_view, Plan> plans_of() {
  return {{Jobs::name, [](const ConfigNode& keys, Forecast& forecast) {
             typename Jobs::Params params;
             std::ignore = read_fields(keys, description_of(params), forecast.id);
             return Jobs::plan(params, forecast);
           }}...};
}

}  // namespace

StepPlan plan_step(std::string_view job, const ConfigNode& keys, Forecast& forecast) {
  static const std::map<std::string_view, Plan> plans =
      plans_of<IngestJob, GenerateJob, FeaturesJob, RfmJob, KMeansJob, ScoreJob, ItemsetsJob, RulesJob, NextOfferJob,
               LabelsJob, LinearJob, LogisticJob, GlmJob>();
  const auto plan = plans.find(job);
  return plan == plans.end() ? StepPlan{} : plan->second(keys, forecast);
}

}  // namespace cohort
