// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_dirt.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace cohort {
namespace {

struct Kind {
  std::string_view name, text;
};
constexpr std::array<Kind, dirt_kinds> kinds{{
    {"missing_customer", "Nobody's: the customer is empty."},
    {"unknown_customer", "Events of a customer who is not among the customers."},
    {"bad_date", "A 30th of February."},
    {"wrong_type", "A word where a number belongs."},
    {"ragged", "The last field is lacking."},
    {"duplicate", "The record stands twice."},
    {"non_positive", "Sales of a quantity of 0."},
    {"out_of_range", "A price or rating far too large."},
    {"unknown_item", "An item that the products do not have."},
    {"unlisted", "A channel that there is not: FAX."},
    {"returned", "Sales that come back whole up to two weeks later, as a receipt C... of a negative quantity."},
    {"conflicting", "Customers with an older record that says otherwise."},
    {"blanks", "A channel with blanks around it."},
    {"mixed_case", "A channel in lower case."},
    {"full_width", "A channel in full-width letters and digits."},
}};

std::string in_full_width(const std::string& text) {
  std::string wide;
  for (const char c : text) {  // U+FF01 to U+FF5E stand for ! to ~
    const unsigned code = static_cast<unsigned char>(c) - 0x21U + 0xFF01U;
    wide += static_cast<char>(0xE0 | code >> 12);
    wide += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    wide += static_cast<char>(0x80 | (code & 0x3F));
  }
  return wide;
}

/// Another month and day of the year in which a time lies.
std::string on_day(std::string_view time, std::string_view day) {
  return fmt::format("{}{}{}", time.substr(0, 5), day, time.substr(10));
}

std::string in_lower_case(std::string text) {
  for (char& c : text) c = 'A' <= c && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return text;
}

}  // namespace

std::string_view name_of(Dirt kind) {
  return kind == Dirt::none ? "none" : kinds[static_cast<std::size_t>(kind)].name;
}

void DirtShares::describe(Fields& fields) {
  for (std::size_t kind = 0; kind < dirt_kinds; ++kind)
    fields({.name = kinds[kind].name, .text = kinds[kind].text, .range = {0, 1}}, shares[kind]);
}

bool DirtShares::any() const {
  return std::any_of(shares.begin(), shares.end(), [](double share) { return share > 0; });
}

SyntheticDirt::SyntheticDirt(const DirtShares& shares, const RecordShape& shape, std::int64_t customers)
    : shape_(shape), customers_(customers) {
  double sum = 0;
  for (std::size_t kind = 0; kind < dirt_kinds; ++kind)
    up_to_[kind] = sum += applies(static_cast<Dirt>(kind), shape) ? shares.shares[kind] : 0;
  if (sum > 1)
    throw Error(ExitCode::bad_config, fmt::format("dirty: the shares of {} add up to {}", shape.source, sum),
                "a record has at most one fault, so keep the sum below 1");
}

bool SyntheticDirt::applies(Dirt kind, const RecordShape& shape) {
  switch (kind) {
    case Dirt::unknown_customer: return shape.events;
    case Dirt::bad_date: return shape.time >= 0;
    case Dirt::wrong_type: return shape.number >= 0;
    case Dirt::non_positive: return shape.quantity >= 0;
    case Dirt::out_of_range: return shape.bounded >= 0;
    case Dirt::unknown_item: return shape.item >= 0;
    case Dirt::returned: return shape.basket >= 0;
    case Dirt::conflicting: return shape.conflicting >= 0;
    case Dirt::unlisted:
    case Dirt::blanks:
    case Dirt::mixed_case:
    case Dirt::full_width: return shape.label >= 0;
    case Dirt::none: return false;
    default: return true;
  }
}

Dirt SyntheticDirt::draw(RandomStream& random) const {
  return static_cast<Dirt>(std::upper_bound(up_to_.begin(), up_to_.end(), random.uniform()) - up_to_.begin());
}

void SyntheticDirt::soil(Dirt kind, std::vector<std::string>& fields) const {
  const auto field = [&](int index) -> std::string& { return fields[static_cast<std::size_t>(index)]; };
  switch (kind) {
    case Dirt::missing_customer: field(shape_.customer).clear(); break;
    case Dirt::unknown_customer:
      field(shape_.customer) = fmt::format("{}", customers_ + std::stoll(field(shape_.customer)));
      break;
    case Dirt::bad_date: field(shape_.time) = on_day(field(shape_.time), "02-30"); break;
    case Dirt::wrong_type: field(shape_.number) = "many"; break;
    case Dirt::ragged: fields.pop_back(); break;
    case Dirt::non_positive: field(shape_.quantity) = '0'; break;
    case Dirt::out_of_range: field(shape_.bounded) = "99999"; break;
    case Dirt::unknown_item: field(shape_.item) = fmt::format("X{}", field(shape_.item)); break;
    case Dirt::unlisted: field(shape_.label) = "FAX"; break;
    case Dirt::returned:
      field(shape_.basket) = fmt::format("C{}", field(shape_.basket));
      field(shape_.quantity) = fmt::format("-{}", field(shape_.quantity));
      break;
    case Dirt::conflicting:  // as an older system had it
      field(shape_.conflicting) = "1900";
      field(shape_.time) = "2000-01-01";
      break;
    case Dirt::blanks: field(shape_.label) = fmt::format("  {} ", field(shape_.label)); break;
    case Dirt::mixed_case: field(shape_.label) = in_lower_case(field(shape_.label)); break;
    case Dirt::full_width: field(shape_.label) = in_full_width(field(shape_.label)); break;
    case Dirt::duplicate:
    case Dirt::none: break;
  }
}

}  // namespace cohort
