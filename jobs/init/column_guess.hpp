// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jobs/init/text_sample.hpp"

namespace cohort {

/// How a file writes numbers.
struct NumberForm {
  char decimal = '.';
  std::string thousands;
};

/// What a column of a sample seems to hold.
struct ColumnGuess {
  std::string name;                               ///< in the file
  std::string proposed;                           ///< in the dataset: lower case, letters, digits and _
  std::string type;                               ///< boolean apart, which stays a category
  std::string time_format;                        ///< of dates and times
  bool ambiguous_day = false;                     ///< the month could be first as well
  std::vector<std::string> missing;               ///< words that stand for missing, such as NA
  std::size_t rows = 0, empty = 0, distinct = 0;  ///< distinct: counted up to 10,001
  bool has_non_positive = false, has_negative = false;
  std::vector<std::string> values;  ///< the distinct ones in order, while there are at most 12

  [[nodiscard]] bool is_number() const;
  [[nodiscard]] bool is_time() const { return type == "timestamp" || type == "date"; }
};

/// The form in which the most columns are numbers.
[[nodiscard]] NumberForm guess_number_form(const TextSample& sample);
[[nodiscard]] std::vector<ColumnGuess> guess_columns(const TextSample& sample, const NumberForm& form);

}  // namespace cohort
