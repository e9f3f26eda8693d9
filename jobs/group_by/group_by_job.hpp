// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "algorithms/group_by/group_measures.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Figures of groups of rows, by any keys.
struct GroupByJob {
  struct Params {
    std::string input = "transactions";
    std::vector<std::string> by;
    std::map<std::string, Measure> measures;
    std::map<std::string, std::string> where;
    std::string quantity = "quantity", price = "price";
    std::string top_by;
    std::int64_t top = 20;
    bool csv = true;
    void describe(Fields& f);
    void check(const ConfigNode& node) const;
  };
  static constexpr std::string_view name = "group_by";
  static constexpr std::string_view summary =
      "Counts, sums and other figures of rows grouped by any columns, periods, or what their customers are.";
  static constexpr std::string_view notes =
      "One scan; rows are added up in tables that stay in the cache, groups travel once, with their states, to the "
      "rank that has their range of keys. Exact, in any order. Memory: four tenths of memory_per_rank for what is on "
      "its way, beyond that a file; three tenths for groups: 8 bytes a key, and 8 a measure, over ranks; more is "
      "exit 14. distinct and quantile count each group's different values: those of one range of keys have to fit a "
      "fifth of it.";

  static StepResult run(const Params& params, const StepContext& step);
};

}  // namespace cohort
