// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// A CSV reader of one byte at a time, written apart from the one it judges, and dirty text for both to read.

namespace cohort::testing {

struct OracleRecord {
  std::int64_t offset = 0, line = 1;
  std::vector<std::string> fields;

  bool operator==(const OracleRecord&) const = default;
};

struct OracleFile {
  std::vector<OracleRecord> records;
  bool quote_left_open = false;
};

/// The records of `text`, the header among them, as Python's csv.reader with its defaults yields them.
inline OracleFile read_naively(std::string_view text, char delimiter) {
  OracleFile file;
  bool in_record = false, quoted = false, at_field_start = true;
  std::int64_t line = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool newline = c == '\n' || c == '\r';
    if (!in_record && !newline) {
      file.records.push_back({static_cast<std::int64_t>(i), line, {""}});
      in_record = at_field_start = true;
    }
    if (newline && !(c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')) ++line;
    if (!in_record) continue;
    std::vector<std::string>& fields = file.records.back().fields;
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      fields.back() += text[++i];
    } else if (quoted && c == '"') {
      quoted = false;
    } else if (quoted) {
      fields.back() += c;
    } else if (newline) {
      in_record = false;
    } else if (c == delimiter) {
      fields.emplace_back();
      at_field_start = true;
      continue;
    } else if (c == '"' && at_field_start) {
      quoted = true;
    } else {
      fields.back() += c;
    }
    at_field_start = false;
  }
  file.quote_left_open = quoted;
  return file;
}

/// Up to `longest` pieces that are mostly quotes, delimiters and newlines.
inline std::string dirty_text(std::mt19937& random, std::size_t longest) {
  static const std::vector<std::vector<std::string>> alphabets{{",", "\"", "\n", "a"},
                                                               {",", ",", "\"", "\r", "\n", "b ", "\r\n"},
                                                               {"abc", "defgh", ",", ",", "\"", "\n", "\"\""},
                                                               {"a", "\""}};
  const auto& alphabet = alphabets[random() % alphabets.size()];
  std::string text;
  for (std::size_t pieces = random() % (longest + 1); pieces > 0; --pieces)
    text += alphabet[random() % alphabet.size()];
  return text;
}

inline void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace cohort::testing
