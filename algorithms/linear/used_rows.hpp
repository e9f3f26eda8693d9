// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "algorithms/linear/glm_rows.hpp"
#include "core/column.hpp"

namespace cohort {

/// Whether a row is learned from.
[[nodiscard]] inline bool is_used(double weight, double label) {
  return weight > 0 && label == label;
}

/// Labels and weights of rows [first, first + gram_rows) of a block; 0 for rows left out and beyond the end.
/// `class_weights`: one for all rows, or one for each label from 0 on, by which weights are multiplied.
inline void load_rows(const LabelledRows& from, const std::vector<double>& class_weights, const NumericBlock& block,
                      std::int64_t first, GlmRows& rows) {
  const std::span<const double> label = from.label(block), weight = from.weight(block);
  const std::int64_t count = std::min(gram_rows, block.rows - first);
  for (std::int64_t i = 0; i < count; ++i) {
    const double y = label[static_cast<std::size_t>(first + i)], w = weight[static_cast<std::size_t>(first + i)];
    const bool used = is_used(w, y);
    rows.label[i] = used ? y : 0;
    rows.weight[i] = used ? w * class_weights[class_weights.size() > 1 ? static_cast<std::size_t>(y) : 0] : 0;
  }
  std::fill(rows.label + count, rows.label + gram_rows, 0.0);
  std::fill(rows.weight + count, rows.weight + gram_rows, 0.0);
}

/// Features and label with the rows left out as missing, so that whoever reads it learns from the others alone; then
/// all weights.
class UsedRows final : public NumericTable {
 public:
  explicit UsedRows(const LabelledRows& rows) : rows_(rows), names_(rows.table.columns()) {
    names_.resize(rows.features() + 2);
  }

  [[nodiscard]] const std::vector<std::string>& columns() const override { return names_; }
  [[nodiscard]] std::int64_t total_rows() const override { return rows_.table.total_rows(); }
  [[nodiscard]] std::int64_t block_count() const override { return rows_.table.block_count(); }
  [[nodiscard]] std::int64_t block_rows(std::int64_t index) const override { return rows_.table.block_rows(index); }
  [[nodiscard]] std::unique_ptr<Reader> reader() const override { return std::make_unique<UsedReader>(rows_); }

 private:
  class UsedReader final : public Reader {
   public:
    explicit UsedReader(const LabelledRows& rows) : rows_(rows), inner_(rows.table.reader()) {}
    NumericBlock read(std::int64_t index) override {
      NumericBlock block = inner_->read(index);
      const std::span<const double> label = rows_.label(block), weight = rows_.weight(block);
      block.columns.resize(rows_.features() + 2);
      used_.resize(label.size());
      std::transform(label.begin(), label.end(), weight.begin(), used_.begin(),
                     [](double y, double w) { return is_used(w, y) ? 1 : 0; });
      if (std::ranges::count(used_, 0) > 0) leave_out(block);
      return block;
    }

   private:
    void leave_out(NumericBlock& block) {
      columns_.resize(rows_.features() + 1);
      for (std::size_t j = 0; j < columns_.size(); ++j) {
        columns_[j].resize(used_.size());
        std::transform(block.columns[j].begin(), block.columns[j].end(), used_.begin(), columns_[j].begin(),
                       [](double x, std::uint8_t used) { return used != 0 ? x : missing_float64; });
        block.columns[j] = columns_[j];
      }
    }

    const LabelledRows& rows_;
    std::unique_ptr<Reader> inner_;
    std::vector<std::uint8_t> used_;
    std::vector<std::vector<double>> columns_;
  };

  const LabelledRows& rows_;
  std::vector<std::string> names_;
};

}  // namespace cohort
