// SPDX-License-Identifier: Apache-2.0
#include "io/text/text_standard.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace cohort {
namespace {

constexpr char32_t bad_byte = 0x8000'0000;  // with the byte itself in the low bits

/// Takes one code point off the front of `text`; a byte that starts none comes as bad_byte.
char32_t take_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) -> char32_t { return static_cast<unsigned char>(text[i]); };
  const char32_t first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  bool whole = length > 0 && text.size() >= length;
  char32_t point = length <= 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; whole && i < length; ++i) {
    whole = (byte(i) & 0xC0) == 0x80;
    point = point << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  whole = whole && point >= least[length] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
  text.remove_prefix(whole ? length : 1);
  return whole ? point : bad_byte | first;
}

void append_point(char32_t point, std::string& out) {
  const auto append = [&](char32_t byte) { out += static_cast<char>(byte); };
  if ((point & bad_byte) != 0 || point < 0x80) return append(point & 0xFF);
  if (point < 0x800) {
    append(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    append(0xE0 | point >> 12);
    append(0x80 | (point >> 6 & 0x3F));
  } else {
    append(0xF0 | point >> 18);
    append(0x80 | (point >> 12 & 0x3F));
    append(0x80 | (point >> 6 & 0x3F));
  }
  append(0x80 | (point & 0x3F));
}

bool is_blank(char32_t p) {
  return (p >= 9 && p <= 13) || p == 0x20 || p == 0x85 || p == 0xA0 || p == 0x1680 || (p >= 0x2000 && p <= 0x200A) ||
         p == 0x2028 || p == 0x2029 || p == 0x202F || p == 0x205F || p == 0x3000;
}

/// Upper-case letters [first, last] whose lower-case ones lie `distance` behind them.
struct CaseRun {
  char32_t first, last, distance;
};
constexpr std::array<CaseRun, 7> case_runs{{{'A', 'Z', 0x20},
                                            {0xC0, 0xD6, 0x20},
                                            {0xD8, 0xDE, 0x20},
                                            {0x391, 0x3A1, 0x20},
                                            {0x3A3, 0x3A9, 0x20},
                                            {0x400, 0x40F, 0x50},
                                            {0x410, 0x42F, 0x20}}};

template <class Change>
std::string each_point(std::string_view text, const Change& change) {
  std::string out;
  while (!text.empty()) append_point(change(take_point(text)), out);
  return out;
}

// What U+FF61..U+FF9D stand for; U+FF9E and U+FF9F, the voice marks, join the letter before them where they can.
constexpr std::u32string_view half_width_kana =
    U"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリ"
    U"ルレロワン"
    U"\u3099\u309A";
constexpr std::array<char32_t, 7> full_width_signs{U'¢', U'£', U'¬', 0, U'¦', U'¥', U'₩'};  // U+FFE0..U+FFE6

/// The letter with a voice mark joined, or 0 where there is none.
char32_t voiced(char32_t letter, char32_t mark) {
  const bool semi = mark == 0x309A;
  if (letter >= U'ハ' && letter <= U'ホ') return (letter - U'ハ') % 3 == 0 ? letter + (semi ? 2 : 1) : 0;
  if (semi) return 0;
  if (letter >= U'カ' && letter <= U'チ') return (letter - U'カ') % 2 == 0 ? letter + 1 : 0;
  if (letter == U'ツ' || letter == U'テ' || letter == U'ト') return letter + 1;
  if (letter == U'ウ') return U'ヴ';
  return letter == U'ワ' ? U'ヷ' : letter == U'ヲ' ? U'ヺ' : 0;
}

char32_t usual_point(char32_t point) {
  if (point == 0x3000) return U' ';
  if (point >= 0xFF01 && point <= 0xFF5E) return point - 0xFF01 + U'!';
  if (point >= 0xFF61 && point <= 0xFF9F) return half_width_kana[point - 0xFF61];
  if (point >= 0xFFE0 && point <= 0xFFE6 && point != 0xFFE3) return full_width_signs[point - 0xFFE0];
  return point;
}

}  // namespace

std::string without_outer_blanks(std::string_view text) {
  std::string out;
  bool gap = false;
  while (!text.empty()) {
    const char32_t point = take_point(text);
    if (is_blank(point)) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    append_point(point, out);
  }
  return out;
}

std::string in_lower_case(std::string_view text) {
  return each_point(text, [](char32_t point) -> char32_t {
    for (const CaseRun& run : case_runs) {
      if (point >= run.first && point <= run.last) return point + run.distance;
    }
    return point;
  });
}

std::string in_upper_case(std::string_view text) {
  return each_point(text, [](char32_t point) -> char32_t {
    for (const CaseRun& run : case_runs) {
      if (point >= run.first + run.distance && point <= run.last + run.distance) return point - run.distance;
    }
    return point;
  });
}

std::string in_usual_width(std::string_view text) {
  std::string out;
  char32_t held = 0;  // the letter that a voice mark may join
  while (!text.empty()) {
    const char32_t point = usual_point(take_point(text));
    const bool is_mark = point == 0x3099 || point == 0x309A;
    const char32_t joined = is_mark && held != 0 ? voiced(held, point) : 0;
    if (joined == 0 && held != 0) append_point(held, out);
    held = joined != 0 ? joined : point;
  }
  if (held != 0) append_point(held, out);
  return out;
}

std::string standard_phone(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (('0' <= c && c <= '9') || (c == '+' && out.empty())) out += c;
  }
  if (!out.starts_with("00")) return out;
  out.erase(0, 1);
  out.front() = '+';
  return out;
}

std::string standard_email(std::string_view text) {
  std::string out = in_lower_case(without_outer_blanks(text));
  std::erase(out, ' ');
  if (out.starts_with("mailto:")) out.erase(0, 7);
  return out;
}

std::string standard_postcode(std::string_view text) {
  std::string out = in_upper_case(without_outer_blanks(text));
  std::erase_if(out, [](char c) { return c == ' ' || c == '-'; });
  return out;
}

bool is_clean_utf8(std::string_view text) {
  const auto is_plain = [](char c) { return static_cast<signed char>(c) > 0; };
  while (true) {
    const auto plain = std::find_if_not(text.begin(), text.end(), is_plain) - text.begin();
    text.remove_prefix(static_cast<std::size_t>(plain));
    if (text.empty()) return true;
    const char32_t point = take_point(text);
    if (point == 0 || (point & bad_byte) != 0) return false;
  }
}

}  // namespace cohort
