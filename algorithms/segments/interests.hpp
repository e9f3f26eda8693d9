// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "algorithms/features/purchases.hpp"

namespace cohort {

/// What customers care for: the category of goods that takes the largest share of their spend.
struct Interests {
  struct Params {
    std::string input = "transactions", time = "time", category = "category", quantity = "quantity", price = "price";
    double min_share = 0.5;

    void describe(Fields& fields);
    /// The columns of a scan: a purchase's order is the code of its category.
    [[nodiscard]] PurchaseColumns roles() const;
  };

  /// One customer's. Categories with more returned than bought take no part; equal shares go to the first label.
  struct Interest {
    std::int32_t category = missing_int32;  ///< code of the largest; missing where nothing was spent
    std::int32_t categories = 0;            ///< how many take part
    std::int64_t spend = 0, largest = 0;    ///< over those; on the largest of them

    /// Of the largest; NaN where nothing was spent.
    [[nodiscard]] double share() const {
      return spend > 0 ? static_cast<double>(largest) / static_cast<double>(spend)
                       : std::numeric_limits<double>::quiet_NaN();
    }
  };

  /// Adds up the spend of consecutive customers, for PurchaseReader. Memory: 9 bytes a category, and an Interest a
  /// customer.
  class Scan {
   public:
    /// Codes are below `categories`; only events before the day `as_of` count.
    Scan(std::size_t categories, std::int32_t as_of) : spend_(categories), seen_(categories), as_of_(as_of) {}
    void start(std::int64_t) {}
    void add(const Purchase& purchase);
    void end();
    /// By customer, in order.
    [[nodiscard]] const std::vector<Interest>& interests() const { return interests_; }

   private:
    std::vector<std::int64_t> spend_;  ///< by category; 0 between customers
    std::vector<std::uint8_t> seen_;   ///< whether the category is in `touched_`
    std::vector<std::size_t> touched_;
    std::int32_t as_of_;
    std::vector<Interest> interests_;
  };
};

}  // namespace cohort
