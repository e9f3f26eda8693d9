// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/block.hpp"
#include "core/communicator.hpp"

namespace cohort::testing {

/// Columns in memory as a table: block b belongs to rank b modulo size, as if each block were a shard.
class MemoryTable : public NumericTable {
 public:
  MemoryTable(std::vector<std::string> names, std::vector<std::vector<double>> values, std::int64_t rows_per_block,
              const Communicator& comm)
      : names_(std::move(names)), values_(std::move(values)), rows_per_block_(rows_per_block) {
    for (std::int64_t b = comm.rank(); b * rows_per_block < total_rows(); b += comm.size()) blocks_.push_back(b);
  }

  [[nodiscard]] const std::vector<std::string>& columns() const override { return names_; }
  [[nodiscard]] std::int64_t total_rows() const override {
    return values_.empty() ? 0 : static_cast<std::int64_t>(values_.front().size());
  }
  [[nodiscard]] std::int64_t block_count() const override { return static_cast<std::int64_t>(blocks_.size()); }
  [[nodiscard]] std::int64_t block_rows(std::int64_t index) const override {
    return std::min(rows_per_block_, total_rows() - first_row(index));
  }
  [[nodiscard]] std::unique_ptr<Reader> reader() const override { return std::make_unique<MemoryReader>(*this); }

  [[nodiscard]] const std::vector<double>& values(std::size_t column) const { return values_[column]; }

 private:
  class MemoryReader : public Reader {
   public:
    explicit MemoryReader(const MemoryTable& table) : table_(table) {}
    NumericBlock read(std::int64_t index) override {
      NumericBlock block{.first_row = table_.first_row(index), .rows = table_.block_rows(index), .columns = {}};
      for (const auto& column : table_.values_) {
        block.columns.emplace_back(column.data() + block.first_row, static_cast<std::size_t>(block.rows));
      }
      return block;
    }

   private:
    const MemoryTable& table_;
  };

  [[nodiscard]] std::int64_t first_row(std::int64_t index) const {
    return blocks_[static_cast<std::size_t>(index)] * rows_per_block_;
  }

  std::vector<std::string> names_;
  std::vector<std::vector<double>> values_;
  std::int64_t rows_per_block_;
  std::vector<std::int64_t> blocks_;
};

}  // namespace cohort::testing
