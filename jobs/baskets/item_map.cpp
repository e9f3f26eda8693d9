// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/item_map.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.hpp"

namespace cohort {

void ItemParams::describe(Fields& f) {
  f({.name = "include", .text = "Only these items count; A* stands for all that begin with A. None: all"}, include);
  f({.name = "exclude", .text = "These items do not count, as in include; their baskets stay baskets"}, exclude);
  f({.name = "min_item_count", .text = "Items in fewer baskets than this do not count", .range = {1, 1e12}},
    min_item_count);
  f({.name = "taxonomy",
     .text = "A CSV file with a header: the first column names an item, each further one its category a level higher"},
    taxonomy);
  f({.name = "level",
     .text = "What items count as: item, a column of the taxonomy (items it does not name are left out), or all: "
             "themselves and all their categories, without sets that hold an item and a category of it"},
    level);
}

ItemMap::Patterns::Patterns(const std::vector<std::string>& written) {
  for (const std::string& text : written) {
    if (text.ends_with('*')) {
      beginnings.push_back(text.substr(0, text.size() - 1));
    } else {
      whole.insert(text);
    }
  }
}

bool ItemMap::Patterns::match(const std::string& label) const {
  return whole.contains(label) ||
         std::ranges::any_of(beginnings, [&](const std::string& text) { return label.starts_with(text); });
}

ItemMap::ItemMap(const ItemParams& params, std::shared_ptr<const Taxonomy> taxonomy, std::vector<std::string> labels)
    : include_(params.include),
      exclude_(params.exclude),
      taxonomy_(std::move(taxonomy)),
      labels_(std::move(labels)),
      across_(params.across_levels()) {
  if (params.level == "item") {
    taxonomy_ = nullptr;
  } else if (!across_) {
    const std::vector<std::string>& levels = taxonomy_->levels();
    const auto found = std::find(levels.begin(), levels.end(), params.level);
    if (found == levels.end()) {
      throw Error(ExitCode::bad_config, fmt::format("level: {} has no column {}", params.taxonomy, params.level),
                  fmt::format("write item, all, or one of {}", fmt::join(levels, ", ")));
    }
    level_ = static_cast<std::size_t>(found - levels.begin());
  }
  plain_ = taxonomy_ == nullptr && include_.empty() && exclude_.empty();
  if (plain_) return;
  known_.resize(labels_.size());
  for (std::size_t code = 0; code < labels_.size(); ++code)
    known_[code].fate = resolve(static_cast<std::int64_t>(code), labels_[code], known_[code].keys);
}

ItemMap::Fate ItemMap::resolve(std::int64_t key, const std::string& label, std::vector<std::int64_t>& keys) const {
  if ((!include_.empty() && !include_.match(label)) || exclude_.match(label)) return Fate::left_out;
  if (taxonomy_ == nullptr || across_) keys.push_back(key);
  if (taxonomy_ == nullptr) return Fate::kept;
  const std::vector<std::int32_t>& categories = taxonomy_->of_item(label);
  if (across_) {
    for (const std::int32_t category : categories) keys.push_back(first_category + category);
    return Fate::kept;
  }
  if (categories.empty()) return Fate::without_category;
  keys.push_back(first_category + categories[level_]);
  return Fate::kept;
}

std::string ItemMap::label(std::int64_t key) const {
  const std::int32_t category = category_of(key);
  if (category >= 0) return taxonomy_->label(static_cast<std::size_t>(category));
  return labels_.empty() ? std::to_string(key) : labels_[static_cast<std::size_t>(key)];
}

std::vector<std::int64_t> ItemMap::above(std::int64_t key) const {
  if (!across_) return {};
  const std::int32_t own = category_of(key);
  std::vector<std::int64_t> keys;
  for (const std::int32_t category : own >= 0 ? taxonomy_->above(own) : taxonomy_->of_item(label(key)))
    keys.push_back(first_category + category);
  return keys;
}

}  // namespace cohort
