// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cohort {

/// Categories above items, a tree: "bread" lies under "bakery", "bakery" under "food".
class Taxonomy {
 public:
  /// From the text of a CSV file: a header, then a line an item; the first column names the item, each further one its
  /// category a level higher. Throws Error(bad_data) with file, line and column for an empty field, an item given twice
  /// in different ways, and a category with two parents or on two levels.
  Taxonomy(const std::string& path, std::string_view text);

  [[nodiscard]] const std::vector<std::string>& levels() const {
    return levels_;
  }                                                                  ///< without the item's, lowest first
  [[nodiscard]] std::size_t size() const { return labels_.size(); }  ///< categories of all levels
  /// Labels of the categories, sorted by bytes.
  [[nodiscard]] const std::string& label(std::size_t category) const { return labels_[category]; }
  /// The categories of an item, one a level, lowest first; empty for an item that the file does not name.
  [[nodiscard]] const std::vector<std::int32_t>& of_item(std::string_view item) const;
  /// The categories that a category lies under, nearest first.
  [[nodiscard]] std::vector<std::int32_t> above(std::int32_t category) const;

 private:
  struct Place {
    std::string parent;
    std::size_t level = 0;
    std::int64_t line = 0;
  };
  using Row = std::vector<std::string>;
  using Places = std::map<std::string, Place, std::less<>>;

  void check_categories(const Row& row, std::int64_t line, Places& places) const;
  void number_categories(const std::map<std::string, Row>& items, const Places& places);
  [[noreturn]] void fail(std::int64_t line, const std::string& complaint, const std::string& next) const;

  std::string path_;
  std::vector<std::string> levels_, labels_;
  std::vector<std::int32_t> parents_;  ///< by category; -1 on the highest level
  std::map<std::string, std::vector<std::int32_t>, std::less<>> items_;
};

}  // namespace cohort
