// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// Standard spellings of what people type. All texts are UTF-8; bytes that are not stay as they are.

namespace cohort {

/// Without blanks at both ends; runs of blanks inside become one space. Blank is what Unicode calls White_Space.
[[nodiscard]] std::string without_outer_blanks(std::string_view text);
/// Basic Latin, Latin-1, Greek and Cyrillic letters in lower or upper case.
[[nodiscard]] std::string in_lower_case(std::string_view text);
[[nodiscard]] std::string in_upper_case(std::string_view text);
/// The forms of U+3000 and U+FF01..U+FF9F, U+FFE0..U+FFE6 but U+FFE3 that NFKC gives (Unicode Standard Annex 15).
[[nodiscard]] std::string in_usual_width(std::string_view text);
/// Digits, with one + before them where the number is written with + or 00.
[[nodiscard]] std::string standard_phone(std::string_view text);
[[nodiscard]] std::string standard_email(std::string_view text);     ///< no blanks, no "mailto:", lower case
[[nodiscard]] std::string standard_postcode(std::string_view text);  ///< no blanks or dashes, upper case

/// Whether `text` is UTF-8 without NUL: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_clean_utf8(std::string_view text);

}  // namespace cohort
