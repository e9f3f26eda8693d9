// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/group_keys.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <string_view>
#include <utility>

#include "algorithms/group_by/tile_integers.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

using Part = KeySpec::Part;

constexpr std::array<std::pair<std::string_view, Part>, 7> parts{{{"day", Part::day},
                                                                  {"week", Part::week},
                                                                  {"month", Part::month},
                                                                  {"quarter", Part::quarter},
                                                                  {"year", Part::year},
                                                                  {"hour", Part::hour},
                                                                  {"weekday", Part::weekday}}};

/// Days, or hours, that a table of codes is made for: all years with four digits.
constexpr std::int64_t most_periods = std::int64_t{1} << 22;

std::int32_t start_of(Part part, std::int32_t day) {
  const CivilDate date = civil_from_days(day);
  switch (part) {
    case Part::week: return static_cast<std::int32_t>(floor_div(std::int64_t{day} + 3, 7) * 7 - 3);  // a Monday
    case Part::month: return days_from_civil(date.year, date.month, 1);
    case Part::quarter: return days_from_civil(date.year, (date.month - 1) / 3 * 3 + 1, 1);
    case Part::year: return days_from_civil(date.year, 1, 1);
    case Part::weekday: return static_cast<std::int32_t>(day + 3 - floor_div(std::int64_t{day} + 3, 7) * 7 + 1);
    default: return day;
  }
}

bool makes_groups(ColumnType type) {
  return type != ColumnType::text && type != ColumnType::float64;
}

}  // namespace

KeySpec KeySpec::parse(const std::string& text) {
  const std::size_t open = text.find('(');
  if (open == std::string::npos && !text.empty()) return {.column = text};
  const auto part = std::ranges::find(parts, std::string_view(text).substr(0, std::min(open, text.size())),
                                      &std::pair<std::string_view, Part>::first);
  if (part == parts.end() || !text.ends_with(')') || text.size() < open + 3)
    throw Error(ExitCode::bad_config, fmt::format("by: '{}' is no key", text),
                "write a column, or day, week, month, quarter, year, hour or weekday of one: month(time)");
  return {.column = text.substr(open + 1, text.size() - open - 2), .part = part->second};
}

std::string KeySpec::name() const {
  for (const auto& [word, of] : parts)
    if (of == part) return fmt::format("{}_{}", column, word);
  return column;
}

KeyLayout::KeyLayout(std::span<const KeySpec> specs, std::vector<std::size_t> sources, std::span<const Column> columns,
                     std::span<const ValueRange> ranges) {
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const Column& column = columns[i];
    const bool is_time = column.type == ColumnType::date || column.type == ColumnType::timestamp;
    if (!makes_groups(column.type) || (specs[i].part != Part::value && !is_time))
      throw Error(ExitCode::bad_config,
                  fmt::format("by: column {} is of type {}: it has no such groups", column.name, type_name(column)),
                  "group by categories, whole numbers, decimals or dates, and parts of times");
    Field field{.source = sources[i]};
    columns_.push_back(column);
    columns_.back().name = specs[i].name();
    if (specs[i].part == Part::value)
      plan_values(ranges[i], field);
    else
      plan_times(specs[i], column, ranges[i], field);
    place(field);
    fields_.push_back(std::move(field));
  }
}

void KeyLayout::plan_values(const ValueRange& range, Field& field) {
  field.low = range.low;
  field.codes =
      range.low > range.high ? 0 : static_cast<std::uint64_t>(range.high) - static_cast<std::uint64_t>(range.low) + 1;
}

void KeyLayout::plan_times(const KeySpec& spec, const Column& column, const ValueRange& range, Field& field) {
  const bool hour = spec.part == Part::hour;
  const std::int64_t per_day = column.type == ColumnType::date ? 1 : units_per_day(column.unit);
  if (hour && per_day < 24)
    throw Error(ExitCode::bad_config, fmt::format("by: the times of column {} have no hours", column.name),
                "group by day, week, month, quarter, year or weekday");
  columns_.back().type = hour || spec.part == Part::weekday ? ColumnType::int32 : ColumnType::date;
  field.units = static_cast<std::uint64_t>(hour ? per_day / 24 : per_day);
  if (range.low > range.high) return;
  const std::int64_t units = static_cast<std::int64_t>(field.units), first = floor_div(range.low, units);
  const std::int64_t count = hour ? 24 : floor_div(range.high, units) - first + 1;
  if (count > most_periods)
    throw Error(ExitCode::bad_data, fmt::format("by: the times of column {} span {} days", column.name, count),
                "correct events with an impossible date, or leave them out at ingest");
  // Hours repeat, so they are counted from the start of a day and taken modulo 24.
  field.low = (hour ? floor_div(first, 24) * 24 : first) * units;
  for (std::int64_t i = 0; i < count; ++i)
    field.value_of.push_back(hour ? static_cast<std::int32_t>(i)
                                  : start_of(spec.part, static_cast<std::int32_t>(first + i)));
  field.code_of.resize(field.value_of.size());
  std::vector<std::int32_t> values = field.value_of;
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  for (std::size_t i = 0; i < field.code_of.size(); ++i)
    field.code_of[i] = static_cast<std::uint32_t>(std::ranges::lower_bound(values, field.value_of[i]) - values.begin());
  field.value_of = std::move(values);
  field.codes = field.value_of.size();
}

/// Missing is one code more, so a field of n codes needs the bits of n.
void KeyLayout::place(Field& field) {
  const int bits = std::max(1, static_cast<int>(std::bit_width(field.codes)));
  if (bits_ + bits > 64) {
    ++words_;
    bits_ = 0;
  }
  if (words_ > most_words)
    throw Error(ExitCode::bad_config, "by: the keys of a group need more than 256 bits", "group by fewer columns");
  // Fields already in this word move up: the first one decides first.
  for (Field& earlier : fields_)
    if (earlier.word == words_ - 1) earlier.shift += bits;
  field.word = words_ - 1;
  field.mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  bits_ += bits;
}

template <bool first, class Value>
void KeyLayout::add_field(const Field& field, std::span<const Value> values, std::vector<std::uint64_t>& keys) const {
  constexpr Value missing = std::numeric_limits<Value>::min();
  const auto stride = static_cast<std::size_t>(words_);
  std::uint64_t* out = keys.data() + field.word;
  const auto low = static_cast<std::uint64_t>(field.low);
  if (field.code_of.empty()) {
    const FieldCodes codes{.low = low, .of_missing = field.codes, .shift = field.shift, .first = first};
    if (stride == 1) return add_codes(values, codes, out);
    for (const Value value : values) {
      *out = codes.added(*out, value);
      out += stride;
    }
    return;
  }
  const std::uint64_t periods = field.code_of.size();
  for (const Value value : values) {
    std::uint64_t code = field.codes;
    if (value != missing) {
      const std::uint64_t period = (static_cast<std::uint64_t>(std::int64_t{value}) - low) / field.units;
      code = field.code_of[period < periods ? period : period % periods];
    }
    *out = (first ? 0 : *out) | code << field.shift;
    out += stride;
  }
}

void KeyLayout::encode(const RowTile& tile, std::vector<std::uint64_t>& keys) const {
  keys.resize(tile.rows * static_cast<std::size_t>(words_));
  if (fields_.empty()) std::ranges::fill(keys, 0);
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const ColumnView& view = tile.columns[fields_[f].source];
    const bool first = f == 0 || fields_[f].word != fields_[f - 1].word;
    const auto add = [&](auto values) {
      first ? add_field<true>(fields_[f], values, keys) : add_field<false>(fields_[f], values, keys);
    };
    view.int64s.empty() ? add(view.int32s) : add(view.int64s);
  }
}

std::int64_t KeyLayout::value(std::size_t field, const std::uint64_t* key) const {
  const Field& of = fields_[field];
  const std::uint64_t code = (key[of.word] >> of.shift) & of.mask;
  if (code == of.codes) return missing_int64;
  if (!of.code_of.empty()) return of.value_of[code];
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(of.low) + code);
}

}  // namespace cohort
