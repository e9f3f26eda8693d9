// SPDX-License-Identifier: Apache-2.0
#include "io/text/json_records.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

namespace cohort {
namespace {

using Sax = nlohmann::json::json_sax_t;

/// Hands over the plain values of an object; refuses anything but an object.
class ObjectReader : public Sax {
 public:
  using Take = std::function<bool(const std::string& key, std::string_view text)>;  ///< false: refuse the record
  using Nest = std::function<bool(const std::string& key)>;

  ObjectReader(Take take, Nest nest) : take_(std::move(take)), nest_(std::move(nest)) {}

  bool null() override { return plain({}); }
  bool boolean(bool value) override { return plain(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return plain(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return plain(std::to_string(value)); }
  bool number_float(number_float_t /*value*/, const string_t& raw) override { return plain(raw); }
  bool string(string_t& text) override { return plain(text); }
  bool binary(binary_t& /*bytes*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return depth_++ == 0 || depth_ > 2 || nest_(key_); }
  bool start_array(std::size_t /*size*/) override { return depth_++ > 0 && (depth_ > 2 || nest_(key_)); }
  bool key(string_t& name) override {
    if (depth_ == 1) key_ = name;
    return true;
  }
  bool end_object() override { return --depth_ >= 0; }
  bool end_array() override { return --depth_ >= 0; }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  bool plain(std::string_view text) { return depth_ > 1 || (depth_ == 1 && take_(key_, text)); }

  Take take_;
  Nest nest_;
  std::string key_;
  int depth_ = 0;
};

}  // namespace

std::optional<std::vector<std::string>> json_keys(std::string_view text) {
  std::vector<std::string> keys;
  const auto add = [&](const std::string& key) {
    keys.push_back(key);
    return true;
  };
  ObjectReader reader([&](const std::string& key, std::string_view /*text*/) { return add(key); }, add);
  if (!nlohmann::json::sax_parse(text, &reader)) return std::nullopt;
  return keys;
}

JsonRecords::JsonRecords(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) names_.emplace(names[i], i);
}

void JsonRecords::split(const CsvBatch& lines, const std::vector<std::size_t>& needed, CsvBatch& fields) {
  texts_.release();
  fields.rows = 0;
  fields.columns.assign(needed.size() + 1, std::vector<std::string_view>(lines.rows));
  fields.offsets.resize(lines.rows);
  fields.ragged = lines.ragged;
  std::vector<std::string_view> values(names_.size());
  std::vector<bool> seen(names_.size());
  ObjectReader::Take take = [&](const std::string& key, std::string_view text) {
    const auto found = names_.find(key);
    if (found == names_.end()) return true;
    if (seen[found->second]) return false;  // one key with two values
    seen[found->second] = true;
    char* const copy = static_cast<char*>(texts_.allocate(text.size() + 1, 1));
    std::copy(text.begin(), text.end(), copy);
    values[found->second] = {copy, text.size()};
    return true;
  };
  const ObjectReader::Nest nest = [&](const std::string& key) { return !names_.contains(key); };
  for (std::size_t row = 0; row < lines.rows; ++row) {
    values.assign(names_.size(), {});
    seen.assign(names_.size(), false);
    ObjectReader reader(take, nest);
    const std::string_view line = lines.columns[0][row];
    if (!nlohmann::json::sax_parse(line, &reader)) {
      fields.ragged.push_back({lines.offsets[row], 0});
      continue;
    }
    for (std::size_t i = 0; i < needed.size(); ++i) fields.columns[i][fields.rows] = values[needed[i]];
    fields.columns.back()[fields.rows] = line;
    fields.offsets[fields.rows++] = lines.offsets[row];
  }
}

}  // namespace cohort
