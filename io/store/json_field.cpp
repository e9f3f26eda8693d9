// SPDX-License-Identifier: Apache-2.0
#include "io/store/json_field.hpp"

#include "core/error.hpp"

namespace cohort {

JsonField JsonField::operator[](const char* name) const {
  if (!value_.is_object()) fail(fmt::format("should be an object, found {}", value_.type_name()));
  const auto found = value_.find(name);
  if (found == value_.end()) fail(fmt::format("lacks the member '{}'", name));
  return {*this, *found, name, 0};
}

JsonField JsonField::operator[](std::size_t index) const {
  if (index >= size()) fail(fmt::format("should have more than {} elements", index));
  return {*this, value_[index], nullptr, index};
}

std::size_t JsonField::size() const {
  if (!value_.is_array()) fail(fmt::format("should be an array, found {}", value_.type_name()));
  return value_.size();
}

std::string JsonField::text() const {
  if (!value_.is_string()) fail(fmt::format("should be a string, found {}", value_.type_name()));
  return value_.get<std::string>();
}

std::string JsonField::hex(std::size_t digits) const {
  std::string found = text();
  if (found.size() != digits || found.find_first_not_of("0123456789abcdef") != std::string::npos) {
    fail(fmt::format("should be {} hexadecimal digits, found '{}'", digits, found));
  }
  return found;
}

std::int64_t JsonField::integer(std::int64_t low, std::int64_t high) const {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const bool whole = value_.is_number_integer() && !(value_.is_number_unsigned() && value_.get<std::uint64_t>() > most);
  if (!whole) fail(fmt::format("should be a whole number, found {}", value_.type_name()));
  const auto number = value_.get<std::int64_t>();
  if (number < low || number > high) fail(fmt::format("should be within {} and {}, found {}", low, high, number));
  return number;
}

const nlohmann::json& JsonField::object() const {
  if (!value_.is_object()) fail(fmt::format("should be an object, found {}", value_.type_name()));
  return value_;
}

void JsonField::fail(const std::string& complaint) const {
  throw Error(ExitCode::bad_data,
              fmt::format("{}: {} {}", file_, parent_ == nullptr ? "the document" : path(), complaint),
              "restore the file from a copy, or ingest again");
}

std::string JsonField::path() const {
  const std::string before = parent_ == nullptr || parent_->parent_ == nullptr ? "" : parent_->path();
  if (name_ == nullptr) return fmt::format("{}[{}]", before, index_);
  return before.empty() ? name_ : before + "." + name_;
}

}  // namespace cohort
