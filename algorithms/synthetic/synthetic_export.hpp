// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "algorithms/synthetic/synthetic_dirt.hpp"
#include "algorithms/synthetic/synthetic_retailer.hpp"

namespace cohort {

/// Text of one source, the records a perfect cleaning would leave, and what is wrong with which line.
struct DirtySource {
  std::string name, text, truth;
  std::array<std::int64_t, dirt_kinds> counts{};
};

/// What a shop's systems would hand over of a synthetic retailer, which must outlive it: sales, customer records and
/// feedback that do not agree in all respects, with faults at declared shares. The faults of a customer's records
/// depend on the parameters and the customer's number alone.
class SyntheticExport {
 public:
  struct Params {
    DirtShares dirty;
    double feedback = 0;

    void describe(Fields& fields);
    /// Whether an export differs from the plain text of a retailer.
    [[nodiscard]] bool any() const { return dirty.any() || feedback > 0; }
  };
  /// The customers of one part. `dirt` lists source, line and kind of each fault.
  struct Part {
    std::vector<DirtySource> sources;
    std::string dirt;
  };
  /// Is shown each customer with the sales that are true.
  using Visitor = std::function<void(const SyntheticRetailer::Customer&, std::span<const SyntheticRetailer::Line>)>;

  /// Throws Error(bad_config) where shares exceed 1.
  SyntheticExport(const SyntheticRetailer& retailer, const Params& params);

  /// Memory: a few times the part's text.
  [[nodiscard]] Part part(std::int64_t number, const Visitor& visit) const;
  /// All items: item, category and margin, always clean.
  [[nodiscard]] std::string products() const;

 private:
  struct Sale;
  struct Answer;
  class Writer;
  void add_sales(std::int64_t customer, std::span<const SyntheticRetailer::Line> lines, std::vector<Sale>& sales) const;
  void add_answers(const SyntheticRetailer::Customer& customer, std::vector<Answer>& answers) const;
  void write_sales(std::vector<Sale>& sales, Part& part) const;
  void write_answers(std::vector<Answer>& answers, Part& part) const;
  void write_customer(const SyntheticRetailer::Customer& customer, Writer& writer) const;
  [[nodiscard]] RandomStream stream(std::string_view purpose, std::int64_t customer) const;

  const SyntheticRetailer& retailer_;
  Params params_;
  SyntheticDirt sales_, customers_, feedback_;
};

}  // namespace cohort
