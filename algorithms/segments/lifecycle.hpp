// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "algorithms/features/features_distinct.hpp"
#include "algorithms/features/purchases.hpp"

namespace cohort {

/// Where customers stand in their life with a seller on a date, by declared cut-offs.
struct Lifecycle {
  enum State : std::int32_t { fresh, returned, active, at_risk, lapsed, none };
  static constexpr std::size_t states = 6;
  /// Names by state: new, returned, active, at_risk, lapsed, none (nothing bought before the date).
  static const std::array<std::string, states>& names();

  struct Params {
    std::int64_t new_days = 30, active_days = 90, lapsed_days = 180;
    void describe(Fields& fields);
    /// Throws Error(bad_config) where the cut-offs do not rise.
    void check() const;
  };

  /// What is known of one customer before a date.
  struct Life {
    std::int32_t first = missing_int32, last = missing_int32;  ///< days of the first and last event
    std::int32_t back = missing_int32;  ///< day of the last event that came more than lapsed_days after the one before
    std::int32_t orders = 0;
    std::int64_t money = 0;
  };
  [[nodiscard]] static State state_of(const Params& params, const Life& life, std::int32_t as_of);

  /// Follows customers up to several dates in one scan, for PurchaseReader.
  class Scan {
   public:
    /// `dates` ascend.
    Scan(const Params& params, std::vector<std::int32_t> dates);
    void start(std::int64_t customer);
    void add(const Purchase& purchase);
    void end();
    /// [date][customer], in order.
    [[nodiscard]] const std::vector<std::vector<Life>>& lives() const { return lives_; }

   private:
    void pass_dates(std::int32_t day);

    Params params_;
    std::vector<std::int32_t> dates_;
    std::size_t next_date_ = 0;
    Life life_;
    KeySet orders_;
    std::vector<std::vector<Life>> lives_;
  };
};

}  // namespace cohort
