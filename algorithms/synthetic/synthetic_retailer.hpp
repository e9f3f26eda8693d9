// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/synthetic/synthetic_alias.hpp"
#include "algorithms/synthetic/synthetic_calendar.hpp"
#include "algorithms/synthetic/synthetic_plants.hpp"
#include "core/fields.hpp"
#include "core/random.hpp"

namespace cohort {

/// A retailer of any size whose truth is known. Purchases follow the BG/NBD model (Fader, Hardie and Lee, Marketing
/// Science 2005) and their values the Gamma-Gamma model (Fader and Hardie 2013). A customer depends on the parameters
/// and their own number alone, so the same customer has the same history for any number of customers, ranks and files.
class SyntheticRetailer {
 public:
  struct Params {
    std::int64_t customers = 10'000;
    std::string start = "2022-01-01", end = "2024-01-01";
    double r = 0.9, alpha = 6, a = 0.8, b = 6;
    double p = 6.25, q = 3.74, gamma = 15.44;
    double lines_per_basket = 3;
    std::int64_t items = 2000;
    double zipf_exponent = 1;
    std::int64_t channels = 3;
    double weekly_season = 0.4, yearly_season = 0.4;
    std::int64_t segments = 4;
    std::int64_t traits = 3;
    double separation = 4;
    std::int64_t random_state = 42;
    std::int64_t parts = 1;
    SyntheticPlants::Params plants;

    void describe(Fields& fields);
  };

  /// The truth about a customer. Times are seconds since 1970-01-01.
  struct Customer {
    std::int64_t number = 0;
    std::int32_t segment = 0;
    std::int32_t home_channel = 0;
    double lambda = 0;                    ///< purchases a week while alive
    double p = 0;                         ///< probability to leave after a repeat purchase
    double nu = 0;                        ///< basket values are Gamma(Params::p, nu)
    std::vector<std::int64_t> purchases;  ///< ascending; the first is the acquisition
    std::int64_t alive_until = 0;         ///< the purchase after which they left; Params::end if they never did
    std::vector<double> traits;
  };

  struct Line {
    std::int64_t time = 0;  ///< seconds since 1970-01-01
    std::int64_t basket = 0;
    std::int32_t item = 0;  ///< number of the item; items of higher number sell less
    std::int32_t quantity = 0;
    std::int64_t price = 0;  ///< cents
    std::int32_t channel = 0;
  };

  /// Throws Error(bad_config) if the dates are no dates or out of order.
  explicit SyntheticRetailer(Params params);

  [[nodiscard]] const Params& params() const { return params_; }
  [[nodiscard]] std::int32_t first_day() const { return first_day_; }  ///< days since 1970-01-01
  [[nodiscard]] std::int32_t end_day() const { return end_day_; }
  /// Customers [first, second) belong to part 0 <= part < parts.
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> customers_of_part(std::int64_t part) const;

  [[nodiscard]] Customer customer(std::int64_t number) const;
  [[nodiscard]] const SyntheticPlants& plants() const { return plants_; }
  /// Appends what the customer bought, ordered by time.
  void purchases(const Customer& customer, std::vector<Line>& out) const;

  /// Labels sort as the numbers do: I00042, C1.
  [[nodiscard]] std::string item_label(std::int32_t item) const;
  [[nodiscard]] std::string channel_label(std::int32_t channel) const;

 private:
  /// How a segment differs, as factors on the population's means.
  struct Segment {
    double rate = 1, spend = 1;
    double inverse_log_more_lines = 0;  ///< 1 / ln P(one more line)
    std::vector<double> trait_means;
  };
  struct Item {
    std::int64_t price = 0;     ///< cents
    double units_per_cent = 0;  ///< 1 / price
  };

  void plant_segments();
  void plant_lines(const Customer& customer, std::vector<Line>& out) const;
  void price_items();
  void live(Customer& customer) const;
  void add_basket(std::int64_t lines, double value, const Line& header, RandomStream& random,
                  std::vector<Line>& out) const;

  Params params_;
  std::int32_t first_day_, end_day_;
  SyntheticCalendar calendar_;
  AliasTable popularity_;
  SyntheticPlants plants_;
  std::vector<Item> items_;
  std::vector<Segment> segments_;
};

}  // namespace cohort
