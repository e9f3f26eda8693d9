// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "algorithms/baskets/next_offer.hpp"
#include "jobs/baskets/offer_source.hpp"
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
    std::vector<std::vector<std::int32_t>> items, rules, due;  ///< by offer, then customer; missing_int32 where none
    std::vector<std::vector<double>> scores;
    void set(std::int64_t customer, std::span<const Offer> offers);
  };
  /// What the columns of the tables are.
  struct Shape {
    std::int64_t n_offers = 0;
    std::string as_of;   ///< a date, or empty
    bool timed = false;  ///< offers are due on a day
  };

  /// Collective.
  OfferWriter(const StepContext& step, const CustomerRows& rows, Shape shape, std::vector<OfferedRule> rules);

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
  Shape shape_;
  std::vector<OfferedRule> book_;
  std::vector<Column> columns_;
  std::vector<std::string> labels_;          ///< of the items that rules offer, sorted
  std::vector<std::int32_t> label_of_rule_;  ///< by rule: where its right side stands in `labels_`
  std::optional<CustomerTableWriter> table_;
};

/// How many offers are due soon.
struct DueOffers {
  static constexpr std::array<std::int64_t, 3> days{7, 14, 28};

  /// One customer's offers, made on the day `as_of`.
  void add(std::span<const Offer> customer, std::int64_t as_of);
  void parts(Parts& p);

  std::array<std::int64_t, days.size()> offers{}, customers{};  ///< due within so many days
};

/// Adds the figures and the table of offers due to a result.
void add_due(const DueOffers& due, std::int64_t offers, StepResult& result);

/// Adds the figures and the table of a test to a result.
void add_backtest(const OfferBacktest& test, StepResult& result);

}  // namespace cohort
