// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jobs/prediction/training_table.hpp"

namespace cohort {

/// A training table of which only some rows are learned from: the others weigh nothing.
class KeptRows final : public NumericTable {
 public:
  /// Whether row i of block b of this rank is kept. Thread-safe.
  using Keep = std::function<bool(std::size_t block, std::size_t row)>;

  KeptRows(const TrainingTable& table, Keep keep) : table_(table), keep_(std::move(keep)) {}

  [[nodiscard]] const std::vector<std::string>& columns() const override { return table_.columns(); }
  [[nodiscard]] std::int64_t total_rows() const override { return table_.total_rows(); }
  [[nodiscard]] std::int64_t block_count() const override { return table_.block_count(); }
  [[nodiscard]] std::int64_t block_rows(std::int64_t index) const override { return table_.block_rows(index); }
  [[nodiscard]] std::unique_ptr<Reader> reader() const override { return std::make_unique<KeptReader>(*this); }

 private:
  class KeptReader final : public Reader {
   public:
    explicit KeptReader(const KeptRows& rows) : rows_(rows), inner_(rows.table_.reader()) {}
    NumericBlock read(std::int64_t index) override {
      NumericBlock block = inner_->read(index);
      std::span<const double>& weight = block.columns[rows_.table_.labels().size() + 1];
      weight_.assign(weight.begin(), weight.end());
      for (std::size_t i = 0; i < weight_.size(); ++i) {
        if (!rows_.keep_(static_cast<std::size_t>(index), i)) weight_[i] = 0;
      }
      weight = weight_;
      return block;
    }

   private:
    const KeptRows& rows_;
    std::unique_ptr<Reader> inner_;
    std::vector<double> weight_;
  };

  const TrainingTable& table_;
  Keep keep_;
};

}  // namespace cohort
