// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace cohort {

/// A YAML value with the place it stands at, so that every later error can name file, line and column.
struct ConfigNode {
  struct Entry;
  enum class Kind { null, scalar, sequence, mapping };

  Kind kind = Kind::null;
  std::string scalar;
  std::vector<ConfigNode> items;  ///< sequence
  std::vector<Entry> entries;     ///< mapping, in the order written; keys are scalars
  std::string source;             ///< file name, or "--set"
  int line = 0, column = 0;       ///< from 1

  [[nodiscard]] const ConfigNode* find(std::string_view key) const;
  [[nodiscard]] ConfigNode* find(std::string_view key);
  [[nodiscard]] std::string place() const { return fmt::format("{}:{}:{}", source, line, column); }
  /// An Error(bad_config) that begins with this node's place.
  [[nodiscard]] Error error(const std::string& what, const std::string& next) const;
};

struct ConfigNode::Entry {
  ConfigNode key, value;
};

/// Reads YAML text. Throws Error(bad_config) for bad syntax, duplicate keys and anchors' cycles.
[[nodiscard]] ConfigNode parse_yaml(const std::string& text, const std::string& source);

/// The candidate at the least edit distance from `word`, or "" where none is near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace cohort
