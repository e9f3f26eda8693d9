// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iconv.h>

#include <optional>
#include <string>
#include <string_view>

namespace cohort {

/// Turns text of a declared encoding into UTF-8, field by field: in the encodings that are legal here no byte of a
/// longer character is a quote, a newline, a comma, a semicolon or a tab, so records are split before.
class TextDecoder {
 public:
  /// "utf-8", "latin-1" (as browsers and spreadsheets mean it: Windows-1252) or "gb18030"; throws Error(bad_config).
  explicit TextDecoder(const std::string& encoding);
  ~TextDecoder();
  TextDecoder(const TextDecoder&) = delete;
  TextDecoder& operator=(const TextDecoder&) = delete;

  /// Whether text is UTF-8 as it comes.
  [[nodiscard]] bool is_identity() const { return converter_ == nullptr; }
  /// The text as UTF-8; nothing where its bytes are none of the encoding's.
  [[nodiscard]] std::optional<std::string> decode(std::string_view text);

 private:
  iconv_t converter_ = nullptr;
};

}  // namespace cohort
