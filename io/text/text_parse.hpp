// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/column.hpp"
#include "io/text/text_time.hpp"

// Text -> values. Nothing here throws on bad text: each field gets a status, and `explain` says it in words. Blanks
// (spaces and tabs) around a value do not count; an empty field is missing and yields the missing value.

namespace cohort {

/// What became of a field. The first two are good.
enum class ParseStatus : std::uint8_t {
  ok,
  missing,
  not_an_integer,
  not_a_number,
  not_finite,
  not_a_boolean,
  not_a_time,
  no_such_time,  ///< fits the format, but is no date or time of day: 30 February, 25:00
  out_of_range,
  too_many_digits,  ///< more fraction digits than the scale of the column
  too_fine,         ///< a time that is no whole number of the column's unit
  not_text,         ///< holds a NUL or bytes that are not of the file's encoding
  missing_value,    ///< equals the value that stands for missing
};
[[nodiscard]] constexpr bool is_good(ParseStatus status) {
  return status <= ParseStatus::missing;
}

/// A text as a message quotes it: its begin, since one field may be as long as the longest record.
[[nodiscard]] std::string quoted_begin(std::string_view text);

/// One sentence on why `text` is no value of `column`, with what would help.
[[nodiscard]] std::string explain(ParseStatus status, std::string_view text, const Column& column);

/// "12", "-3", "+4" and integral decimals such as "17850.0".
[[nodiscard]] ParseStatus parse_int32(std::string_view text, std::int32_t& value);
[[nodiscard]] ParseStatus parse_int64(std::string_view text, std::int64_t& value);
/// An exact decimal times 10^scale, 0 <= scale <= 18: "2.55" at scale 3 is 2550.
[[nodiscard]] ParseStatus parse_decimal(std::string_view text, int scale, std::int64_t& value);
/// The nearest double; nan and inf are `not_finite`.
[[nodiscard]] ParseStatus parse_float64(std::string_view text, double& value);
/// true/false, yes/no, t/f, 1/0 in any case, as 1 and 0.
[[nodiscard]] ParseStatus parse_boolean(std::string_view text, std::int32_t& value);
/// Days since 1970-01-01; a time of day is `too_fine` unless it is midnight.
[[nodiscard]] ParseStatus parse_date(std::string_view text, const TimeFormat& format, std::int32_t& value);
/// Units since 1970-01-01T00:00 UTC.
[[nodiscard]] ParseStatus parse_timestamp(std::string_view text, const TimeFormat& format, TimeUnit unit,
                                          std::int64_t& value);

/// Parses the fields of `column` in one go, dispatching on its type once; the storage of the type chooses the overload
/// (boolean, int32, date; int64, timestamp, decimal; float64). `format` is for times only. Returns how many fields are
/// bad; `statuses` tells which.
std::size_t parse_column(const Column& column, const TimeFormat& format, std::span<const std::string_view> fields,
                         std::int32_t* values, ParseStatus* statuses);
std::size_t parse_column(const Column& column, const TimeFormat& format, std::span<const std::string_view> fields,
                         std::int64_t* values, ParseStatus* statuses);
std::size_t parse_column(const Column& column, const TimeFormat& format, std::span<const std::string_view> fields,
                         double* values, ParseStatus* statuses);

}  // namespace cohort
