// SPDX-License-Identifier: Apache-2.0
#include "jobs/init/column_guess.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "io/text/text_parse.hpp"
#include "io/text/text_standard.hpp"
#include "jobs/ingest/column_texts.hpp"

namespace cohort {
namespace {

constexpr std::size_t most_distinct = 10'001, most_listed = 12;
constexpr std::size_t rows_to_tell_form = 1000;
constexpr int largest_scale = 9;
constexpr std::array<std::string_view, 8> missing_words{"NA", "N/A", "NULL", "null", "NaN", "nan", "?", "\\N"};
constexpr std::array<std::string_view, 5> dates{"%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y"};
constexpr std::array<std::string_view, 3> clocks{"", " %H:%M:%S", " %H:%M"};

bool is_missing_word(std::string_view text) {
  return std::find(missing_words.begin(), missing_words.end(), text) != missing_words.end();
}
bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t") == std::string_view::npos;
}

/// The texts that mean something, and those that stand for missing.
std::vector<std::string_view> values_of(const std::vector<std::string>& texts, ColumnGuess& guess) {
  std::vector<std::string_view> values;
  std::set<std::string_view> words;
  for (const std::string& text : texts) {
    if (is_blank(text))
      ++guess.empty;
    else if (is_missing_word(text))
      words.insert(text);
    else
      values.push_back(text);
  }
  guess.missing.assign(words.begin(), words.end());
  return values;
}

/// Whether all values are numbers, and of which type.
bool try_number(const std::vector<std::string_view>& values, const NumberForm& form, ColumnGuess& guess) {
  bool whole = true, narrow = true, exact = true;
  std::size_t scale = 0;
  for (const std::string_view value : values) {
    const std::optional<std::string> text = plain_number(value, form.decimal, form.thousands);
    double number = 0;
    if (!text || parse_float64(*text, number) != ParseStatus::ok) return false;
    std::int64_t wide = 0;
    std::int32_t small = 0;
    whole = whole && parse_int64(*text, wide) == ParseStatus::ok;
    narrow = narrow && parse_int32(*text, small) == ParseStatus::ok;
    const std::size_t dot = text->find('.'), last = text->find_last_of("123456789");
    if (dot != std::string::npos && last != std::string::npos && last > dot) scale = std::max(scale, last - dot);
    exact = exact && scale <= largest_scale && parse_decimal(*text, largest_scale, wide) == ParseStatus::ok;
    guess.has_non_positive = guess.has_non_positive || number <= 0;
    guess.has_negative = guess.has_negative || number < 0;
  }
  guess.type = narrow  ? "int32"
               : whole ? "int64"
               : exact ? fmt::format("decimal({})", std::max<std::size_t>(2, scale))
                       : "float64";
  return true;
}

bool fits(const std::vector<std::string_view>& values, const std::string& format) {
  const TimeFormat parser(format);
  return std::all_of(values.begin(), values.end(), [&](std::string_view value) {
    std::int64_t time = 0;
    return parse_timestamp(value, parser, TimeUnit::microsecond, time) == ParseStatus::ok;
  });
}

bool try_time(const std::vector<std::string_view>& values, ColumnGuess& guess) {
  for (const std::string_view date : dates) {
    for (const std::string_view clock : clocks) {
      const std::string format = std::string(date) + std::string(clock);
      if (!fits(values, format)) continue;
      guess.type = clock.empty() ? "date" : "timestamp";
      guess.time_format = format;
      guess.ambiguous_day = date == "%d/%m/%Y" && fits(values, "%m/%d/%Y" + std::string(clock));
      return true;
    }
  }
  return false;
}

std::string plain_name(const std::string& name) {
  std::string plain;
  for (const char c : in_lower_case(name)) {
    const bool keeps = ('a' <= c && c <= 'z') || ('0' <= c && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (keeps)
      plain += c;
    else if (!plain.empty() && plain.back() != '_')
      plain += '_';
  }
  while (plain.ends_with('_')) plain.pop_back();
  return plain.empty() ? "column" : plain;
}

ColumnGuess guess_column(const std::string& name, const std::vector<std::string>& texts, const NumberForm& form) {
  ColumnGuess guess{.name = name, .proposed = plain_name(name)};
  guess.rows = texts.size();
  const std::vector<std::string_view> values = values_of(texts, guess);
  std::set<std::string_view> distinct;
  for (const std::string_view value : values) {
    if (distinct.size() < most_distinct) distinct.insert(value);
  }
  guess.distinct = distinct.size();
  if (distinct.size() <= most_listed) guess.values.assign(distinct.begin(), distinct.end());
  if (values.empty()) {
    guess.type = "category";
  } else if (!try_number(values, form, guess) && !try_time(values, guess)) {
    guess.type = guess.distinct < most_distinct && guess.distinct * 2 < values.size() ? "category" : "text";
    guess.has_negative = guess.has_non_positive = false;
  }
  return guess;
}

}  // namespace

bool ColumnGuess::is_number() const {
  return type == "int32" || type == "int64" || type == "float64" || type.starts_with("decimal");
}

NumberForm guess_number_form(const TextSample& sample) {
  const std::array<NumberForm, 4> forms{{{'.', ""}, {',', "."}, {'.', ","}, {',', " "}}};
  NumberForm best;
  std::int64_t most = -1;
  for (const NumberForm& form : forms) {
    std::int64_t numbers = 0;
    for (const std::vector<std::string>& texts : sample.columns) {
      ColumnGuess guess;
      const std::vector<std::string> first(
          texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(std::min(texts.size(), rows_to_tell_form)));
      const std::vector<std::string_view> values = values_of(first, guess);
      numbers += !values.empty() && try_number(values, form, guess) ? 1 : 0;
    }
    if (numbers <= most) continue;
    most = numbers;
    best = form;
  }
  return best;
}

std::vector<ColumnGuess> guess_columns(const TextSample& sample, const NumberForm& form) {
  std::vector<ColumnGuess> guesses;
  std::map<std::string, int> taken;
  for (std::size_t c = 0; c < sample.names.size(); ++c) {
    ColumnGuess guess = guess_column(sample.names[c], sample.columns[c], form);
    if (const int before = taken[guess.proposed]++; before > 0) guess.proposed += fmt::format("_{}", before + 1);
    guesses.push_back(std::move(guess));
  }
  return guesses;
}

}  // namespace cohort
