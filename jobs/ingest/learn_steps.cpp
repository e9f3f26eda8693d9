// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/learn_steps.hpp"

#include <span>
#include <string>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/gather.hpp"

namespace cohort {
namespace {

/// Collective.
void check_counts(const Context& context, std::int64_t mine, const std::string& rule, std::int64_t limit) {
  std::vector<std::int64_t> counts{mine};
  context.comm.all_reduce(counts, {});
  constexpr std::int64_t bytes_each = sizeof(ValueCount) + 48;  // gathered, and in a distribution
  const std::int64_t bytes = counts[0] * bytes_each;
  collectively(context.comm, [&] {
    if (bytes <= limit) return;
    throw Error(ExitCode::plan_refused,
                fmt::format("{}: the {} distinct values of all ranks take {} bytes, more than {}, their share of "
                            "memory_per_rank = {}",
                            rule, counts[0], bytes, limit, context.memory_per_rank),
                "declare fewer digits, such as decimal(2), give each rank more memory, or leave the rule out");
  });
}

std::vector<ValueCount> counts_here(const CountedRules& counted, std::uint32_t table, std::size_t rule) {
  std::vector<ValueCount> mine;
  for (std::size_t worker = 0; worker < counted.parsers.size(); ++worker) {
    const std::vector<ValueCount> found =
        counted.parsers[worker][table].counts(rule).listed(counted.labels.of(worker, table));
    mine.insert(mine.end(), found.begin(), found.end());
  }
  return mine;
}

}  // namespace

void learn_steps(const Context& context, const CountedRules& counted, std::int64_t memory,
                 std::vector<TableLayout>& layouts) {
  for (const TablePlan& plan : counted.plans) {
    for (std::size_t rule = 0; rule < plan.rules.size(); ++rule) {
      if (stage_of(plan.rules[rule]) != RuleStage::shard) continue;
      const std::vector<ValueCount> mine = counts_here(counted, plan.table, rule);
      check_counts(context, std::ssize(mine), label_of(plan.rules[rule]), memory);
      std::vector<ValueCount> all;
      for (const Bytes& bytes : context.comm.all_gather(to_bytes(std::span(mine)))) append_values(bytes, all);
      TableLayout& layout = layouts[plan.table];
      layout.steps.push_back({.rule = plan.rules[rule], .index = rule});
      layout.steps.back().learn(all, layout.columns);
    }
  }
}

}  // namespace cohort
