// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "jobs/baskets/taxonomy.hpp"

namespace cohort {

/// Which items count, and as what.
struct ItemParams {
  std::vector<std::string> include, exclude;
  std::string taxonomy;
  std::string level = "item";
  std::int64_t min_item_count = 1;

  void describe(Fields& f);
  [[nodiscard]] bool across_levels() const { return level == "all"; }
};

/// What an item of the data counts as: itself, its category of one level, or itself with all its categories. Items keep
/// their keys; the taxonomy's categories have keys below all others, which rise with their labels.
class ItemMap {
 public:
  enum class Fate { kept, left_out, without_category };

  /// `labels` by key; empty where items are whole numbers. Throws Error(bad_config) for a level there is not.
  ItemMap(const ItemParams& params, std::shared_ptr<const Taxonomy> taxonomy, std::vector<std::string> labels);

  /// Appends what `key` counts as to `keys`; nothing unless it is kept.
  Fate add(std::int64_t key, std::vector<std::int64_t>& keys) const {
    if (plain_) {
      keys.push_back(key);
      return Fate::kept;
    }
    if (known_.empty()) return resolve(key, std::to_string(key), keys);
    const Target& target = known_[static_cast<std::size_t>(key)];
    keys.insert(keys.end(), target.keys.begin(), target.keys.end());
    return target.fate;
  }
  [[nodiscard]] bool is_plain() const { return plain_; }  ///< every item counts as itself
  [[nodiscard]] std::string label(std::int64_t key) const;
  /// Keys of the categories that `key` lies under, where levels are mined together; else none.
  [[nodiscard]] std::vector<std::int64_t> above(std::int64_t key) const;

 private:
  struct Target {
    Fate fate = Fate::kept;
    std::vector<std::int64_t> keys;
  };
  /// Labels and the beginnings of labels (written with * at the end).
  struct Patterns {
    std::set<std::string, std::less<>> whole;
    std::vector<std::string> beginnings;
    explicit Patterns(const std::vector<std::string>& written);
    [[nodiscard]] bool empty() const { return whole.empty() && beginnings.empty(); }
    [[nodiscard]] bool match(const std::string& label) const;
  };

  Fate resolve(std::int64_t key, const std::string& label, std::vector<std::int64_t>& keys) const;

  static constexpr std::int64_t first_category = -(std::int64_t{1} << 62);  ///< below all numbers of items
  /// The category that a key stands for; -1 for an item.
  [[nodiscard]] std::int32_t category_of(std::int64_t key) const {
    const bool category = taxonomy_ != nullptr && key - first_category < static_cast<std::int64_t>(taxonomy_->size());
    return category ? static_cast<std::int32_t>(key - first_category) : -1;
  }

  Patterns include_, exclude_;
  std::shared_ptr<const Taxonomy> taxonomy_;  ///< none: items alone
  std::vector<std::string> labels_;
  std::size_t level_ = 0;
  bool across_ = false, plain_ = false;
  std::vector<Target> known_;  ///< by code, where items have labels
};

}  // namespace cohort
