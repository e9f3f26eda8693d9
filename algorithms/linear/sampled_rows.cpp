// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/sampled_rows.hpp"

#include <algorithm>

#include "algorithms/linear/gram_tile.hpp"
#include "algorithms/statistics/table_pass.hpp"

namespace cohort {
namespace {

struct RowCount {
  std::int64_t rows = 0;
  void parts(Parts& parts) { parts.sum(rows); }
};

}  // namespace

class SampledRows::SampleReader final : public NumericTable::Reader {
 public:
  explicit SampleReader(const std::vector<Block>& blocks) : blocks_(blocks) {}
  NumericBlock read(std::int64_t index) override {
    const Block& block = blocks_[static_cast<std::size_t>(index)];
    return {.first_row = block.first_row,
            .rows = std::ssize(block.columns.front()),
            .columns = {block.columns.begin(), block.columns.end()}};
  }

 private:
  const std::vector<Block>& blocks_;
};

SampledRows::SampledRows(const NumericTable& table, std::int64_t stride, const Context& context)
    : table_(table), blocks_(static_cast<std::size_t>(table.block_count())) {
  Readers readers(table, context.threads);
  total_rows_ = aggregate(context, table.block_count(), RowCount{}, [&](int worker, RowCount& state, std::int64_t b) {
                  blocks_[static_cast<std::size_t>(b)] = sample_of(readers.read(worker, b), stride);
                  state.rows += block_rows(b);
                }).rows;
}

SampledRows::Block SampledRows::sample_of(const NumericBlock& block, std::int64_t stride) {
  Block sample{.first_row = block.first_row, .columns = {}};
  // The first run taken moves from block to block: rows at a block's head are not more alike than others.
  const std::int64_t first = block.first_row / gram_rows % stride * gram_rows;
  for (const std::span<const double> column : block.columns) {
    std::vector<double>& kept = sample.columns.emplace_back();
    for (std::int64_t at = first; at < block.rows; at += stride * gram_rows) {
      const auto begin = column.begin() + at;
      kept.insert(kept.end(), begin, begin + std::min(gram_rows, block.rows - at));
    }
  }
  return sample;
}

std::int64_t SampledRows::block_rows(std::int64_t index) const {
  return std::ssize(blocks_[static_cast<std::size_t>(index)].columns.front());
}

std::unique_ptr<NumericTable::Reader> SampledRows::reader() const {
  return std::make_unique<SampleReader>(blocks_);
}

}  // namespace cohort
