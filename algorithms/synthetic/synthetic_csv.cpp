// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_csv.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include "core/column.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

constexpr std::size_t longest_integer = 20;
constexpr std::size_t longest_line =
    5 * (longest_integer + 1) + 20 + 2 * (longest_integer + 2);  // two labels, each a letter and a number

char* put(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* put_integer(char* at, std::int64_t value, char after) {
  at = std::to_chars(at, at + longest_integer, value).ptr;
  *at = after;
  return at + 1;
}

char* put_two_digits(char* at, std::int64_t value, char after) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
  at[2] = after;
  return at + 3;
}

char* put_clock(char* at, std::int64_t second_of_day) {
  at = put_two_digits(at, second_of_day / 3600, ':');
  at = put_two_digits(at, second_of_day / 60 % 60, ':');
  return put_two_digits(at, second_of_day % 60, ',');
}

}  // namespace

SyntheticCsv::SyntheticCsv(const SyntheticRetailer& retailer) : retailer_(retailer) {
  for (std::int32_t day = retailer.first_day(); day < retailer.end_day(); ++day) dates_.push_back(iso_date(day) + ' ');
  for (std::int32_t item = 0; item < retailer.params().items; ++item) items_.push_back(retailer.item_label(item) + ',');
  for (std::int32_t channel = 0; channel < retailer.params().channels; ++channel)
    channels_.push_back(retailer.channel_label(channel) + '\n');
}

void SyntheticCsv::append(std::int64_t customer, const SyntheticRetailer::Line& line, std::string& out) const {
  std::array<char, longest_line> text;
  const std::int64_t day = floor_div(line.time, 86'400);
  char* at = put_integer(text.data(), line.basket, ',');
  at = put_integer(at, customer, ',');
  at = put(at, dates_[static_cast<std::size_t>(day - retailer_.first_day())]);
  at = put_clock(at, line.time - day * 86'400);
  at = put(at, items_[static_cast<std::size_t>(line.item)]);
  at = put_integer(at, line.quantity, ',');
  at = put_integer(at, line.price / 100, '.');
  at = put_two_digits(at, line.price % 100, ',');
  at = put(at, channels_[static_cast<std::size_t>(line.channel)]);
  out.append(text.data(), at);
}

std::string SyntheticCsv::customers_header() const {
  std::string header = "customer";
  for (std::int64_t trait = 1; trait <= retailer_.params().traits; ++trait) header += fmt::format(",trait_{}", trait);
  return header + '\n';
}

void SyntheticCsv::append_customer(const SyntheticRetailer::Customer& customer, std::string& out) const {
  out += fmt::format("{}", customer.number);
  for (const double trait : customer.traits) out += fmt::format(",{}", trait);
  out += '\n';
}

void SyntheticCsv::append_truth(const SyntheticRetailer::Customer& customer, std::string& out) const {
  const std::int64_t day = floor_div(customer.alive_until, 86'400), second = customer.alive_until - day * 86'400;
  out += fmt::format("{},{},{},{},{},{} {:02}:{:02}:{:02}\n", customer.number, customer.segment, customer.lambda,
                     customer.p, customer.nu, iso_date(static_cast<std::int32_t>(day)), second / 3600, second / 60 % 60,
                     second % 60);
}

}  // namespace cohort
