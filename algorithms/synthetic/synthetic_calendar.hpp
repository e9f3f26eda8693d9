// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace cohort {

/// Bends even time into a year with seasons. A process that runs evenly on [0, days) keeps all its counts over the
/// whole span and between any two of its instants; only where in the calendar they fall changes. Day d gets the weight
/// (1 + weekly W(weekday)) (1 + yearly Y(month)), W and Y within [-1, 1] with mean 0, scaled to mean 1 over the span.
class SyntheticCalendar {
 public:
  /// `first_day` in days since 1970-01-01; `days` >= 1; `weekly` and `yearly` in [0, 1).
  SyntheticCalendar(std::int32_t first_day, std::int32_t days, double weekly, double yearly);

  [[nodiscard]] double days() const { return before_.back(); }
  /// Second since 1970-01-01 of an even time in [0, days): within a day, time passes evenly from 08:00 to 22:00.
  [[nodiscard]] std::int64_t second_of(double even_time) const;

 private:
  std::int32_t first_day_;
  std::vector<double> before_;  ///< even time that has passed before each day; the last is `days`
};

}  // namespace cohort
