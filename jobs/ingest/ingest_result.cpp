// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/ingest_result.hpp"

#include <nlohmann/json.hpp>
#include <string>

namespace cohort {

void tell_rows(const std::vector<TablePlan>& plans, const std::vector<BalanceSheet>& sheets, StepResult& result) {
  BalanceSheet total;
  std::vector<std::string> labels;
  for (const TablePlan& plan : plans) {
    const BalanceSheet& sheet = sheets[plan.table];
    total.read += sheet.read;
    total.bad += sheet.bad;
    total.rules.insert(total.rules.end(), sheet.rules.begin(), sheet.rules.end());
    for (const CleaningRule& rule : plan.rules)
      labels.push_back(plans.size() > 1 ? plan.schema.table + ": " + label_of(rule) : label_of(rule));
    result.metrics["rows_" + plan.schema.table] = sheet.kept();
  }
  result.rows = total.json(labels);
}

Json listed(const std::vector<Source>& sources) {
  Json list = Json::array();
  for (const Source& source : sources)
    list.push_back({{"hash", source.hash}, {"name", source.name}, {"bytes", source.bytes}});
  return list;
}

}  // namespace cohort
