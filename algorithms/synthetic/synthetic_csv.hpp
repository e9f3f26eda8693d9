// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "algorithms/synthetic/synthetic_retailer.hpp"

namespace cohort {

/// Writes a synthetic retailer, which must outlive it, as CSV text: UTF-8, comma, line feed, no quotes needed.
class SyntheticCsv {
 public:
  explicit SyntheticCsv(const SyntheticRetailer& retailer);

  static constexpr std::string_view transactions_header = "invoice,customer,time,item,quantity,price,channel\n";
  /// customer and its traits: what an analyst may see.
  [[nodiscard]] std::string customers_header() const;
  /// customer, segment, lambda (per week), p, nu and alive_until: what only a generator knows.
  static constexpr std::string_view truth_header = "customer,segment,lambda,p,nu,alive_until\n";

  /// Appends one line of a customer's transactions.
  void append(std::int64_t customer, const SyntheticRetailer::Line& line, std::string& out) const;
  void append_customer(const SyntheticRetailer::Customer& customer, std::string& out) const;
  void append_truth(const SyntheticRetailer::Customer& customer, std::string& out) const;

 private:
  const SyntheticRetailer& retailer_;
  std::vector<std::string> dates_;             ///< "2022-01-01 " for each day of the span
  std::vector<std::string> items_, channels_;  ///< "I00042," and "C1\n"
};

}  // namespace cohort
