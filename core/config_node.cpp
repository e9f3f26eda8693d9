// SPDX-License-Identifier: Apache-2.0
#include "core/config_node.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <sstream>

namespace cohort {
namespace {

constexpr int max_depth = 32;

ConfigNode converted(const YAML::Node& yaml, const std::string& source, int depth) {
  ConfigNode node{.source = source, .line = yaml.Mark().line + 1, .column = yaml.Mark().column + 1};
  if (depth > max_depth) throw node.error("nested deeper than 32 levels", "flatten the job file");
  if (yaml.IsScalar()) {
    node.kind = ConfigNode::Kind::scalar;
    node.scalar = yaml.Scalar();
  } else if (yaml.IsSequence()) {
    node.kind = ConfigNode::Kind::sequence;
    for (const YAML::Node& item : yaml) node.items.push_back(converted(item, source, depth + 1));
  } else if (yaml.IsMap()) {
    node.kind = ConfigNode::Kind::mapping;
    for (const auto& entry : yaml) {
      ConfigNode key = converted(entry.first, source, depth + 1);
      if (key.kind != ConfigNode::Kind::scalar) throw key.error("a key must be a word", "write it as `name: value`");
      if (node.find(key.scalar) != nullptr) {
        throw key.error(fmt::format("key '{}' stands twice", key.scalar), "keep one of the two");
      }
      ConfigNode value = converted(entry.second, source, depth + 1);
      if (value.kind == ConfigNode::Kind::null && value.line != key.line) {  // yaml-cpp marks the token after nothing
        value.line = key.line;
        value.column = key.column;
      }
      node.entries.push_back({std::move(key), std::move(value)});
    }
  }
  return node;
}

/// Whether a line `---`, which at the start of a line always begins a document, follows on anything but comments.
bool holds_more(const std::string& text) {
  bool begun = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("---") && (line.size() == 3 || std::isspace(static_cast<unsigned char>(line[3])) != 0)) {
      if (begun) return true;
      begun = true;
    } else {
      const std::size_t first = line.find_first_not_of(" \t\r");
      begun = begun || (first != std::string::npos && line[first] != '#' && line[first] != '%');
    }
  }
  return false;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.scalar == key) return &value;
  }
  return nullptr;
}

ConfigNode* ConfigNode::find(std::string_view key) {
  return const_cast<ConfigNode*>(std::as_const(*this).find(key));
}

Error ConfigNode::error(const std::string& what, const std::string& next) const {
  return Error(ExitCode::bad_config, fmt::format("{}: {}", place(), what), next);
}

ConfigNode parse_yaml(const std::string& text, const std::string& source) {
  try {
    // LoadAll never returns from some malformed texts.
    const YAML::Node document = YAML::Load(text);
    ConfigNode root{.source = source, .line = 1, .column = 1};
    if (!document.IsNull()) root = converted(document, source, 0);
    if (holds_more(text)) throw root.error("the file holds several documents", "keep the one before the `---` line");
    return root;
  } catch (const YAML::Exception& error) {
    const ConfigNode place{.source = source, .line = error.mark.line + 1, .column = error.mark.column + 1};
    throw place.error(error.msg, "check indentation, colons and quotes there");
  }
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 2) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace cohort
