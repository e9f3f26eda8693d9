// SPDX-License-Identifier: Apache-2.0
#include "io/text/text_encoding.hpp"

#include <array>
#include <utility>

#include "core/error.hpp"

namespace cohort {

TextDecoder::TextDecoder(const std::string& encoding) {
  if (encoding == "utf-8") return;
  static constexpr std::array<std::pair<std::string_view, const char*>, 2> known{
      {{"latin-1", "WINDOWS-1252"}, {"gb18030", "GB18030"}}};
  for (const auto& [name, code] : known) {
    if (encoding != name) continue;
    converter_ = iconv_open("UTF-8", code);
    if (converter_ != reinterpret_cast<iconv_t>(-1)) return;
    converter_ = nullptr;
    throw Error(ExitCode::unavailable, fmt::format("this system's iconv does not know {}", code),
                fmt::format("convert the file: iconv -f {} -t UTF-8", code));
  }
  throw Error(ExitCode::bad_config, fmt::format("'{}' is no encoding that can be read", encoding),
              "declare utf-8, latin-1 or gb18030, or convert the file with iconv");
}

TextDecoder::~TextDecoder() {
  if (converter_ != nullptr) iconv_close(converter_);
}

std::optional<std::string> TextDecoder::decode(std::string_view text) {
  if (converter_ == nullptr) return std::string(text);
  std::string out(text.size() * 3, '\0');       // no character of these encodings grows by more
  char* from = const_cast<char*>(text.data());  // iconv's signature is older than const
  char* to = out.data();
  std::size_t left = text.size(), room = out.size();
  if (iconv(converter_, &from, &left, &to, &room) == static_cast<std::size_t>(-1)) {
    iconv(converter_, nullptr, nullptr, nullptr, nullptr);
    return std::nullopt;
  }
  out.resize(out.size() - room);
  return out;
}

}  // namespace cohort
