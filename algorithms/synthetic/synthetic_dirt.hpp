// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/fields.hpp"
#include "core/random.hpp"

namespace cohort {

/// What is wrong with a record of an export; a record has at most one fault.
enum class Dirt : std::uint8_t {
  missing_customer,
  unknown_customer,
  bad_date,
  wrong_type,
  ragged,
  duplicate,
  non_positive,
  out_of_range,
  unknown_item,
  unlisted,
  returned,
  conflicting,
  blanks,
  mixed_case,
  full_width,
  none
};
inline constexpr auto dirt_kinds = static_cast<std::size_t>(Dirt::none);

/// The key of a kind in a job file: "bad_date".
[[nodiscard]] std::string_view name_of(Dirt kind);

/// Shares of the records that have each fault, of all records of a source that can have it.
struct DirtShares {
  std::array<double, dirt_kinds> shares{};

  void describe(Fields& fields);
  [[nodiscard]] bool any() const;
};

/// Which field of a record is what; -1: it has none such.
struct RecordShape {
  std::string source;    ///< its file is called so
  bool events = true;    ///< else one record a customer, and a fault spoils a second copy of it
  int customer = 0;      ///< a number
  int time = -1;         ///< starts YYYY-MM-DD
  int number = -1;       ///< what wrong_type makes a word
  int quantity = -1;     ///< what non_positive makes 0, and a return turns round
  int bounded = -1;      ///< what out_of_range makes very large
  int item = -1;         ///< a key of the products
  int label = -1;        ///< a word of a few
  int basket = -1;       ///< the receipt's number
  int conflicting = -1;  ///< what two records of one customer differ in
};

/// Soils records of one shape at declared shares.
class SyntheticDirt {
 public:
  /// `customers` is the first number that no customer has. Throws Error(bad_config) where the shares exceed 1.
  SyntheticDirt(const DirtShares& shares, const RecordShape& shape, std::int64_t customers);

  /// Whether records of this shape can have the fault.
  [[nodiscard]] static bool applies(Dirt kind, const RecordShape& shape);
  /// One number of `random` decides.
  [[nodiscard]] Dirt draw(RandomStream& random) const;
  /// Puts the fault into a clean record; nothing to do for a duplicate.
  void soil(Dirt kind, std::vector<std::string>& fields) const;
  [[nodiscard]] const RecordShape& shape() const { return shape_; }

 private:
  RecordShape shape_;
  std::int64_t customers_;
  std::array<double, dirt_kinds> up_to_{};  ///< sums of the shares
};

}  // namespace cohort
