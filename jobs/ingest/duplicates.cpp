// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/duplicates.hpp"

#include <algorithm>
#include <mutex>

namespace cohort {
namespace {

/// The balance of rules when `copies` rows equal to an earlier one are found, all of which `first` removed (or none).
void charge(const TablePlan& plan, std::int64_t first, std::int64_t copies, BalanceSheet& sheet) {
  BalanceSheet::Rule& duplicates = sheet.rules[static_cast<std::size_t>(plan.duplicates)];
  duplicates.matched += copies;
  if (!drops_duplicates(plan) || (first >= 0 && first < plan.duplicates)) return;
  duplicates.removed += copies;
  if (first >= 0) sheet.rules[static_cast<std::size_t>(first)].removed -= copies;
}

std::vector<DigestRecord> sorted_records(std::span<const std::span<const std::byte>> pieces) {
  std::vector<DigestRecord> records;
  for (const std::span<const std::byte> piece : pieces) {
    const std::size_t begin = records.size();
    records.resize(begin + piece.size() / sizeof(DigestRecord));
    if (!piece.empty()) std::memcpy(records.data() + begin, piece.data(), piece.size());
  }
  std::sort(records.begin(), records.end(), [](const DigestRecord& a, const DigestRecord& b) {
    return a.table != b.table ? a.table < b.table : a.digest < b.digest;
  });
  return records;
}

}  // namespace

bool drops_duplicates(const TablePlan& plan) {
  return plan.duplicates >= 0 &&
         std::get<DropDuplicates>(plan.rules[static_cast<std::size_t>(plan.duplicates)]).action == "drop";
}

void count_duplicates(const Context& context, Repartition& digests, const std::vector<TablePlan>& plans,
                      std::vector<BalanceSheet>& sheets) {
  std::vector<BalanceSheet> found(plans.size());
  for (std::size_t t = 0; t < plans.size(); ++t) found[t].rules.resize(plans[t].rules.size());
  std::mutex mutex;
  digests.deliver({}, [&](std::int64_t, std::span<const std::span<const std::byte>> pieces) {
    const std::vector<DigestRecord> records = sorted_records(pieces);
    const std::lock_guard lock(mutex);
    for (std::size_t i = 1; i < records.size(); ++i) {
      if (records[i].table != records[i - 1].table || records[i].digest != records[i - 1].digest) continue;
      const auto table = static_cast<std::size_t>(records[i].table);
      charge(plans[table], records[i].first_rule, 1, found[table]);
    }
  });
  Parts parts(Parts::Direction::pack);
  for (BalanceSheet& sheet : found) sheet.parts(parts);
  context.comm.all_reduce(parts.sums, parts.maxima);
  parts.rewind();
  for (std::size_t t = 0; t < plans.size(); ++t) {
    found[t].parts(parts);
    sheets[t].add(found[t]);
  }
}

}  // namespace cohort
