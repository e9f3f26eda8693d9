// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "core/config.hpp"

namespace cohort {
namespace {

using Kind = ConfigNode::Kind;

template <class Number>
bool parse_whole(const std::string& text, Number& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end;
}

class Reader : public Fields {
 public:
  Reader(const ConfigNode& mapping, std::string where) : mapping_(mapping), where_(std::move(where)) {
    if (mapping.kind != Kind::mapping && mapping.kind != Kind::null) {
      throw mapping.error(fmt::format("{} must be a mapping of keys to values", where_),
                          "write `key: value` lines under it");
    }
  }

  void visit(const FieldSpec& spec, FieldValue value) override {
    known_.emplace_back(spec.name);
    const ConfigNode* node = find(spec);
    if (node == nullptr) {
      if (spec.required && !missing_) {
        missing_ = mapping_.error(fmt::format("{} lacks the key '{}': {}", where_, spec.name, spec.text), "add it");
      }
      return;
    }
    used_.insert(node);
    std::visit([&](auto target) { read(*node, spec, target); }, std::move(value));
  }

  /// Every key of the mapping must have been asked for. Told before a missing key, which may be a misspelt one.
  void finish() const {
    for (const auto& [key, value] : mapping_.entries) {
      if (used_.contains(&value)) continue;
      const std::string near = nearest(key.scalar, known_);
      throw key.error(fmt::format("unknown key '{}' in {}", key.scalar, where_),
                      near.empty() ? fmt::format("the keys are: {}", fmt::join(known_, ", "))
                                   : fmt::format("did you mean '{}'?", near));
    }
    if (missing_) throw *missing_;
  }

  std::vector<std::string> notes;

 private:
  const ConfigNode* find(const FieldSpec& spec) {
    const ConfigNode* found = mapping_.find(spec.name);
    for (const std::string& alias : spec.aliases) {
      const ConfigNode* other = mapping_.find(alias);
      if (other == nullptr) continue;
      if (found != nullptr) throw other->error(fmt::format("'{}' and '{}' are one key", alias, spec.name), "keep one");
      notes.push_back(fmt::format("{}: '{}' is read as '{}'", other->place(), alias, spec.name));
      found = other;
    }
    return found;
  }

  [[nodiscard]] Error wrong(const ConfigNode& node, const FieldSpec& spec, const std::string& wanted) const {
    const std::string found = node.kind == Kind::scalar    ? fmt::format("'{}'", node.scalar)
                              : node.kind == Kind::null    ? "nothing"
                              : node.kind == Kind::mapping ? "a mapping"
                                                           : "a list";
    return node.error(fmt::format("'{}' of {} must be {}, not {}", spec.name, where_, wanted, found),
                      fmt::format("write {}; '{}' is: {}", wanted, spec.name, spec.text));
  }

  void check_range(const ConfigNode& node, const FieldSpec& spec, double value) const {
    if (value >= spec.range.low && value <= spec.range.high) return;
    throw wrong(node, spec, fmt::format("from {} to {}", spec.range.low, spec.range.high));
  }

  void read(const ConfigNode& node, const FieldSpec& spec, bool* value) {
    if (node.scalar != "true" && node.scalar != "false") throw wrong(node, spec, "true or false");
    *value = node.scalar == "true";
  }
  void read(const ConfigNode& node, const FieldSpec& spec, std::int64_t* value) {
    if (!parse_whole(node.scalar, *value)) throw wrong(node, spec, "a whole number");
    check_range(node, spec, static_cast<double>(*value));
  }
  void read(const ConfigNode& node, const FieldSpec& spec, double* value) {
    if (!parse_whole(node.scalar, *value) || !std::isfinite(*value)) throw wrong(node, spec, "a number");
    check_range(node, spec, *value);
  }
  void read(const ConfigNode& node, const FieldSpec& spec, std::string* value) {
    if (node.kind != Kind::scalar) throw wrong(node, spec, "a word");
    check_choice(node, spec, node.scalar);
    *value = node.scalar;
  }
  void check_choice(const ConfigNode& node, const FieldSpec& spec, const std::string& word) const {
    if (spec.choices.empty() || std::find(spec.choices.begin(), spec.choices.end(), word) != spec.choices.end()) return;
    std::vector<std::string> words = spec.choices;
    std::erase(words, "");
    throw wrong(node, spec, fmt::format("one of {}", fmt::join(words, ", ")));
  }
  void read(const ConfigNode& node, const FieldSpec& spec, std::vector<std::string>* value) {
    if (node.kind != Kind::scalar && node.kind != Kind::sequence) throw wrong(node, spec, "a list of words");
    value->clear();
    // A single word stands for a list of one.
    for (const ConfigNode& item : node.kind == Kind::scalar ? std::vector{node} : node.items) {
      if (item.kind != Kind::scalar) throw wrong(item, spec, "a list of words");
      check_choice(item, spec, item.scalar);
      // Names of things: twice the same would count double. Lines of a script, which run as they are, may repeat.
      if (!spec.execution && std::find(value->begin(), value->end(), item.scalar) != value->end())
        throw item.error(fmt::format("{}: '{}' is named twice", spec.name, item.scalar), "name it once");
      value->push_back(item.scalar);
    }
  }
  void read(const ConfigNode& node, const FieldSpec& spec, std::vector<std::vector<double>>* value) {
    value->clear();
    for (const ConfigNode& row : node.items) {
      if (row.kind != Kind::sequence) throw wrong(row, spec, "a list of lists of numbers");
      std::vector<double>& numbers = value->emplace_back();
      for (const ConfigNode& item : row.items) {
        double& number = numbers.emplace_back();
        if (!parse_whole(item.scalar, number) || !std::isfinite(number))
          throw wrong(item, spec, "a list of lists of numbers");
      }
    }
    if (value->empty()) throw wrong(node, spec, "a list of lists of numbers");
  }
  void read(const ConfigNode& node, const FieldSpec& spec, std::map<std::string, std::string>* value) {
    if (node.kind != Kind::mapping) throw wrong(node, spec, "a mapping of words to words");
    value->clear();
    for (const auto& [key, word] : node.entries) {
      if (word.kind != Kind::scalar) throw wrong(word, spec, "a mapping of words to words");
      (*value)[key.scalar] = word.scalar;
    }
  }
  void read(const ConfigNode& node, const FieldSpec& spec, const Nested& nested) {
    descend(node, nested, fmt::format("'{}' of {}", spec.name, where_));
  }
  void read(const ConfigNode& node, const FieldSpec& spec, const NestedMap& map) {
    if (node.kind != Kind::mapping) throw wrong(node, spec, "a mapping of names to mappings");
    for (const ConfigNode::Entry& entry : node.entries) {
      const std::string& name = entry.key.scalar;
      descend(
          entry.value, [&](Fields& fields) { map.at(fields, name); },
          fmt::format("'{}.{}' of {}", spec.name, name, where_));
    }
  }
  void read(const ConfigNode& node, const FieldSpec& spec, const NestedList& list) {
    if (node.kind != Kind::sequence) throw wrong(node, spec, "a list of `- name: {...}` entries");
    std::vector<std::string> names;
    for (const auto& [name, unused] : list.kinds) names.push_back(name);
    for (const ConfigNode& item : node.items) {
      const bool bare = item.kind == Kind::scalar;  // `- drop_duplicates` stands for `- drop_duplicates: {}`
      if (!bare && (item.kind != Kind::mapping || item.entries.size() != 1)) {
        throw wrong(item, spec, "a list of `- name: {...}` entries");
      }
      const ConfigNode& key = bare ? item : item.entries.front().key;
      if (std::find(names.begin(), names.end(), key.scalar) == names.end()) {
        const std::string near = nearest(key.scalar, names);
        throw key.error(fmt::format("unknown entry '{}' in '{}' of {}", key.scalar, spec.name, where_),
                        near.empty() ? fmt::format("the entries are: {}", fmt::join(names, ", "))
                                     : fmt::format("did you mean '{}'?", near));
      }
      const ConfigNode nothing{.source = item.source, .line = item.line, .column = item.column};
      descend(
          bare ? nothing : item.entries.front().value, [&](Fields& fields) { list.add(fields, key.scalar); },
          fmt::format("'{}' of {}", key.scalar, where_));
    }
  }

  void descend(const ConfigNode& node, const Nested& nested, const std::string& where) {
    for (std::string& note : read_fields(node, nested, where)) notes.push_back(std::move(note));
  }

  const ConfigNode& mapping_;
  std::string where_;
  std::vector<std::string> known_;
  std::set<const ConfigNode*> used_;
  std::optional<Error> missing_;
};

}  // namespace

std::vector<std::string> read_fields(const ConfigNode& mapping, const Nested& describe, const std::string& where) {
  Reader reader(mapping, where);
  describe(reader);
  reader.finish();
  return std::move(reader.notes);
}

}  // namespace cohort
