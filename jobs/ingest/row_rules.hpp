// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "jobs/ingest/balance_sheet.hpp"
#include "jobs/ingest/parsed_column.hpp"
#include "jobs/ingest/table_plan.hpp"

namespace re2 {
class RE2;
}

namespace cohort {

/// Rules that look at one row alone, ready to judge batches. Threads may share it.
class RowRules {
 public:
  /// Throws Error(bad_config) where a bound or a pattern cannot be read or a column has the wrong type.
  RowRules(const SourceSchema& schema, const std::vector<CleaningRule>& rules, const LookupTables* lookups);

  static constexpr std::int16_t unreadable = -2, kept = -1;  ///< verdicts; others name the rule that removes the row
  /// Charges each rule with the rows it hits, unreadable ones apart, and removes those that are kept so far.
  void apply(const std::vector<ParsedColumn>& columns, std::vector<std::int16_t>& verdicts, BalanceSheet& sheet) const;

 private:
  /// A rule with what it compares with.
  struct Ready {
    CleaningRule rule;
    std::vector<std::size_t> columns;
    ParsedColumn low, high;  ///< bounds, as one-row columns of the column's storage
    std::set<std::string, std::less<>> values;
    std::shared_ptr<const re2::RE2> pattern;
    const LookupTable* lookup = nullptr;
  };
  template <class Rule>
  [[nodiscard]] static bool hits(const Rule& rule, const Ready& ready, const ParsedColumn& column, std::size_t row);
  [[nodiscard]] static Ready prepare(const CleaningRule& rule, const SourceSchema& schema, const LookupTables* lookups);

  std::vector<Ready> rules_;
};

}  // namespace cohort
