// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/block.hpp"
#include "core/context.hpp"

namespace cohort {

/// A sample of a table's rows, held in memory: of every `stride` runs of gram_rows rows one, so that every block has
/// its part and no order of the rows can make the sample one-sided. Depends on the dataset alone.
class SampledRows final : public NumericTable {
 public:
  /// Collective. One pass over the table, which must outlive the sample.
  SampledRows(const NumericTable& table, std::int64_t stride, const Context& context);

  [[nodiscard]] const std::vector<std::string>& columns() const override { return table_.columns(); }
  [[nodiscard]] std::int64_t total_rows() const override { return total_rows_; }
  [[nodiscard]] std::int64_t block_count() const override { return std::ssize(blocks_); }
  [[nodiscard]] std::int64_t block_rows(std::int64_t index) const override;
  [[nodiscard]] std::unique_ptr<Reader> reader() const override;

 private:
  class SampleReader;
  struct Block {
    std::int64_t first_row = 0;  ///< of the block it comes from
    std::vector<std::vector<double>> columns;
  };
  [[nodiscard]] static Block sample_of(const NumericBlock& block, std::int64_t stride);

  const NumericTable& table_;
  std::vector<Block> blocks_;
  std::int64_t total_rows_ = 0;
};

}  // namespace cohort
