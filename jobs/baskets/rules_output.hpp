// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "algorithms/baskets/rules_matcher.hpp"
#include "jobs/baskets/basket_source.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// The labels of a rule's two sides: "bread|butter", "jam".
[[nodiscard]] std::pair<std::string, std::string> sides_of(const Rules::Model& model, const Rules::Rule& rule,
                                                           const Baskets& baskets);

/// The sides of a book's rules in words.
class RuleTexts {
 public:
  RuleTexts(const RuleBook& book, const ItemCatalogue& items, const Baskets& baskets);
  [[nodiscard]] const std::string& left(std::int64_t rule) const { return lefts_[static_cast<std::size_t>(rule)]; }
  [[nodiscard]] const std::string& right(std::int64_t rule) const { return rights_[static_cast<std::size_t>(rule)]; }

 private:
  std::vector<std::string> lefts_, rights_;
};

/// Collective. All rules as rules.csv, as a table in rules.h5 and, in SPMF's text, as rules.txt, in the order of their
/// sets and then of the right side.
void write_rules(const Rules::Model& model, const Baskets& baskets, const StepContext& step);

/// Collective. The rules of highest lift; equal ones in the order of the table.
[[nodiscard]] ResultTable top_rules(const Rules::Model& model, const Baskets& baskets, Communicator& comm);

/// Of the rules in a table of top rules: the items as a network, an arrow from each side to the other.
[[nodiscard]] ResultTable rule_network(const ResultTable& top);

/// Collective. How many rules there are of each size.
[[nodiscard]] ResultTable rule_sizes(const Rules::Model& model, Communicator& comm);

}  // namespace cohort
