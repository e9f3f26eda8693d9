// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace cohort {

/// A value inside a JSON document from outside. Every read is checked; errors are Error(bad_data) naming file and
/// field.
class JsonField {
 public:
  /// The whole document; `file` and `document` outlive all fields.
  JsonField(const std::string& file, const nlohmann::json& document) : file_(file), value_(document) {}

  [[nodiscard]] JsonField operator[](const char* name) const;   ///< member of an object
  [[nodiscard]] JsonField operator[](std::size_t index) const;  ///< element of an array
  [[nodiscard]] bool has(const char* name) const { return value_.contains(name); }
  [[nodiscard]] std::size_t size() const;  ///< of an array
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string hex(std::size_t digits) const;  ///< exactly `digits` of 0-9a-f
  [[nodiscard]] std::int64_t integer(std::int64_t low,
                                     std::int64_t high = std::numeric_limits<std::int64_t>::max()) const;
  [[nodiscard]] const nlohmann::json& object() const;

  /// A value read before its surroundings are whole: of an object that will hold it as `name`, of an array as `index`.
  [[nodiscard]] JsonField member(const char* name, const nlohmann::json& value) const {
    return {*this, value, name, 0};
  }
  [[nodiscard]] JsonField element(std::size_t index, const nlohmann::json& value) const {
    return {*this, value, nullptr, index};
  }

  /// Throws Error(bad_data): "<file>: <field> <complaint>".
  [[noreturn]] void fail(const std::string& complaint) const;

 private:
  JsonField(const JsonField& parent, const nlohmann::json& value, const char* name, std::size_t index)
      : file_(parent.file_), value_(value), parent_(&parent), name_(name), index_(index) {}
  [[nodiscard]] std::string path() const;

  const std::string& file_;
  const nlohmann::json& value_;
  const JsonField* parent_ = nullptr;
  const char* name_ = nullptr;
  std::size_t index_ = 0;
};

}  // namespace cohort
