// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cohort {

/// A strptime-like format, compiled once: %Y %y %m %d %b %B %H %I %p %M %S %f %F %T %% and literal characters. Numbers
/// take one digit up to their width (%Y four, %f one to six); names are English, in any case; %y is 1969 to 2068. Where
/// the format has a blank between date and time the text may have a T, and behind a time a Z. Years are 1 to 9999. The
/// words epoch_s and epoch_ms stand for whole seconds and milliseconds since 1970-01-01T00:00 UTC. Other texts are of a
/// clock that may be ahead of UTC, unless they end in Z.
class TimeFormat {
 public:
  enum class Result : std::uint8_t { ok, no_match, no_such_time };

  /// A format that matches no text: for columns that hold no times.
  TimeFormat() = default;
  /// Throws Error(bad_config) for an unknown or doubled directive, and for a format that leaves the date open.
  explicit TimeFormat(std::string format, std::int64_t ahead_microseconds = 0);

  [[nodiscard]] const std::string& text() const { return format_; }
  [[nodiscard]] std::int64_t ahead_microseconds() const { return ahead_; }
  /// Microseconds since 1970-01-01T00:00 UTC; `microseconds` is set only when the result is ok.
  [[nodiscard]] Result parse(std::string_view text, std::int64_t& microseconds) const {
    if (shape_ == Shape::other) return parse_any(text, microseconds);
    if (shape_ <= Shape::epoch_ms) return parse_epoch(text, microseconds);
    return parse_iso(text, microseconds);
  }

 private:
  /// The formats with a fast path, by the length of their text.
  enum class Shape : std::uint8_t { other = 0, epoch_s = 1, epoch_ms = 2, date = 10, minutes = 16, seconds = 19 };

  [[nodiscard]] Result parse_epoch(std::string_view text, std::int64_t& microseconds) const;
  [[nodiscard]] Result parse_iso(std::string_view text, std::int64_t& microseconds) const;
  [[nodiscard]] Result parse_any(std::string_view text, std::int64_t& microseconds) const;
  void check() const;

  std::string format_;
  std::string items_;  ///< the format with %F and %T written out
  Shape shape_ = Shape::other;
  std::int64_t ahead_ = 0;
};

}  // namespace cohort
