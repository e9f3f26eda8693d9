// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "algorithms/baskets/next_offer.hpp"
#include "jobs/baskets/basket_source.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/shard_gather.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Writes customers' offers: a table of all customers, shard by shard, and offers.csv, a line an offer.
class OfferWriter {
 public:
  /// The columns of one shard while they are filled.
  struct Shard {
    std::int32_t number = 0;
    std::vector<std::vector<std::int32_t>> items, rules;  ///< by offer, then customer; missing_int32 where none
    std::vector<std::vector<double>> scores;
    void set(std::int64_t customer, std::span<const NextOffer::Offer> offers);
  };

  /// Collective. `as_of` is a date or empty; `book` and `items` outlive the writer.
  OfferWriter(const StepContext& step, const CustomerRows& rows, std::int64_t n_offers, std::string as_of,
              const RuleBook& book, const ItemCatalogue& items, const Baskets& baskets);

  [[nodiscard]] Shard start(std::int32_t shard) const;
  /// Thread-safe.
  void write(Shard shard);
  /// Collective. Ends the table and writes offers.csv in the columns user_id, item_id, rank, score, source, ...
  void finish();
  [[nodiscard]] std::int64_t customers() const { return total_rows(*rows_.manifest, 0); }

 private:
  [[nodiscard]] std::string shard_csv(std::size_t shard, const CustomerRows& written) const;

  const StepContext& step_;
  const CustomerRows& rows_;
  std::int64_t n_offers_;
  std::string as_of_;
  const RuleBook& book_;
  std::vector<Column> columns_;
  std::vector<std::string> labels_;          ///< of the items that rules offer, sorted
  std::vector<std::int32_t> label_of_rule_;  ///< by rule: where its right side stands in `labels_`
  std::vector<std::string> sources_;         ///< by rule: "bread|butter => jam"
  std::optional<CustomerTableWriter> table_;
};

/// Adds the figures and the table of a test to a result.
void add_backtest(const OfferBacktest& test, StepResult& result);

}  // namespace cohort
