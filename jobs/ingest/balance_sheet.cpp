// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/balance_sheet.hpp"

#include <nlohmann/json.hpp>

namespace cohort {

void BalanceSheet::parts(Parts& p) {
  p.sum(read);
  p.sum(bad);
  for (Rule& rule : rules) {
    p.sum(rule.matched);
    p.sum(rule.removed);
    p.sum(rule.changed);
  }
}

void BalanceSheet::add(const BalanceSheet& other) {
  read += other.read;
  bad += other.bad;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rules[i].matched += other.rules[i].matched;
    rules[i].removed += other.rules[i].removed;
    rules[i].changed += other.rules[i].changed;
  }
}

std::int64_t BalanceSheet::kept() const {
  std::int64_t left = read - bad;
  for (const Rule& rule : rules) left -= rule.removed;
  return left;
}

Json BalanceSheet::json(const std::vector<std::string>& labels) const {
  Json listed = Json::array();
  listed.push_back({{"rule", "unreadable"}, {"matched", bad}, {"removed", bad}});
  for (std::size_t i = 0; i < rules.size(); ++i) {
    Json& rule =
        listed.emplace_back(Json{{"rule", labels[i]}, {"matched", rules[i].matched}, {"removed", rules[i].removed}});
    if (rules[i].changed > 0) rule["changed"] = rules[i].changed;
  }
  return {{"read", read}, {"kept", kept()}, {"rules", listed}};
}

}  // namespace cohort
