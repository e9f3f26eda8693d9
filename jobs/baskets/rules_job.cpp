// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/rules_job.hpp"

#include "core/error.hpp"
#include "jobs/baskets/rule_groups_output.hpp"
#include "jobs/baskets/rules_output.hpp"

namespace cohort {

void RulesJob::Params::describe(Fields& f) {
  source.describe(f);
  mining.describe(f);
  groups.describe(f);
}

void RulesJob::Params::check(const ConfigNode& node) const {
  try {
    source.check();
    mining.check();
    if (!groups.by.empty() && source.format != "store") {
      throw Error(ExitCode::bad_config, fmt::format("by: format {} has no groups of baskets", source.format),
                  "ingest the data and use format store");
    }
  } catch (const Error& error) {
    throw node.error(error.what(), error.next());
  }
}

std::vector<std::string> RulesJob::inputs(const Params& params, const std::filesystem::path& out) {
  return params.source.inputs(out);
}

StepResult RulesJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const Baskets baskets = open_baskets(params.source, step, params.groups.event_column(params.source.store.time));
  Rules::Model model;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/mine");
    model = Rules::fit(params.mining, baskets.pass, context, baskets.parents);
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  write_rules(model, baskets, step);
  StepResult result;
  result.sources = baskets.sources;
  result.tables.push_back(top_rules(model, baskets, context.comm));
  const auto& top = result.tables.back().rows;
  result.metrics = {{"rules", model.total},
                    {"itemsets", model.itemsets.total},
                    {"best_lift", top.empty() ? Json(nullptr) : top.front()[4]},
                    {"hypotheses", model.hypotheses},
                    {"min_count", model.itemsets.min_count}};
  result.metrics.update(basket_metrics(baskets, model.itemsets.items, context.comm));
  result.tables.push_back(rule_sizes(model, context.comm));
  result.tables.push_back(rule_network(result.tables.front()));
  if (!params.groups.by.empty())
    add_rule_groups(params.groups, gather_rules(model, context), model.itemsets.items, baskets, step, result);
  return result;
}

StepPlan RulesJob::plan(const Params& params, Forecast& forecast) {
  return plan_baskets(params.source, forecast);
}

}  // namespace cohort
