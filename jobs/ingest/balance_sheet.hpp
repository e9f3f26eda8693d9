// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "core/parts.hpp"

namespace cohort {

/// What became of the rows read: read = kept + the sum of what each rule removed.
struct BalanceSheet {
  struct Rule {
    std::int64_t matched = 0;  ///< rows the rule hits alone
    std::int64_t removed = 0;  ///< rows it was the first to hit
    std::int64_t changed = 0;  ///< values it changed
  };
  std::int64_t read = 0;
  std::int64_t bad = 0;  ///< rows that could not be read, quarantined
  std::vector<Rule> rules;

  void parts(Parts& p);
  void add(const BalanceSheet& other);
  [[nodiscard]] std::int64_t kept() const;
  [[nodiscard]] Json json(const std::vector<std::string>& labels) const;
};

}  // namespace cohort
