// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"

namespace cohort {

/// What customers did before a date, one row each: recency, frequency, monetary value and their kin.
struct Features {
  struct Params {
    std::string input = "transactions";
    std::string as_of;
    std::string time = "time", basket = "basket", item = "item", quantity = "quantity", price = "price";

    void describe(Fields& fields);
    /// The columns a scan reads, in the order of the roles above; a role set to "" is left out.
    [[nodiscard]] std::vector<std::string> columns() const;
  };

  /// Events by what became of them: read = used + without_time + not_before_as_of.
  struct Events {
    std::int64_t used = 0, without_time = 0, not_before_as_of = 0;
  };
};

}  // namespace cohort
