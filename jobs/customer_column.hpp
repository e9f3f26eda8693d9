// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "jobs/customer_rows.hpp"

namespace cohort {

/// A column of this rank's customers, by shard and then customer; missing_int64 for missing.
using CustomerValues = std::map<std::int32_t, std::vector<std::int64_t>>;

/// The whole numbers or codes of a column of `table`, after a look whether its customers are those of `dataset`, row by
/// row. Throws Error(bad_config) naming `where` if they are not. 8 bytes a customer of this rank.
[[nodiscard]] CustomerValues customer_values(const CustomerRows& table, const CustomerRows& dataset,
                                             const std::string& column, const std::string& where);

}  // namespace cohort
