// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "io/text/text_parse.hpp"

namespace cohort {

/// A batch of one column: the texts after all changes, what they mean, and whether they mean anything.
struct ParsedColumn {
  std::variant<std::vector<std::int32_t>, std::vector<std::int64_t>, std::vector<double>> values;
  std::vector<ParseStatus> statuses;
  const std::vector<std::string_view>* texts = nullptr;
  std::size_t bad = 0;

  [[nodiscard]] bool is_missing(std::size_t row) const { return statuses[row] == ParseStatus::missing; }
};

}  // namespace cohort
