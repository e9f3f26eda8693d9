// SPDX-License-Identifier: Apache-2.0
#include "io/store/numeric_table.hpp"

#include <algorithm>
#include <optional>

#include "io/store/shard_reader.hpp"

namespace cohort {

class ShardNumericTable::ShardReader final : public NumericTable::Reader {
 public:
  explicit ShardReader(const ShardNumericTable& table) : table_(table) {
    const TableSchema& schema = table.manifest_.tables[table.table_];
    for (const std::size_t column : table.columns_) {
      columns_.emplace_back(schema.name, schema.columns[column]);
      buffers_.emplace_back(static_cast<std::size_t>(numeric_block_rows));
    }
  }

  NumericBlock read(std::int64_t index) override {
    const Block& block = table_.blocks_[static_cast<std::size_t>(index)];
    go_to(block.shard);
    NumericBlock view{.first_row = block.first_global, .rows = block.rows, .columns = {}};
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::int64_t end = block.first + block.rows;
      columns_[i].will_need(end, end + numeric_block_rows);
      columns_[i].read_values(block.first, end, buffers_[i].data());
      view.columns.emplace_back(buffers_[i].data(), static_cast<std::size_t>(block.rows));
    }
    return view;
  }

 private:
  void go_to(std::int32_t shard) {
    if (shard == shard_) return;
    shard_ = -1;
    const ShardEntry& entry = table_.manifest_.shards[static_cast<std::size_t>(shard)];
    file_.emplace(open_shard(table_.folder_, entry));
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      columns_[i].attach(*file_, entry.tables[table_.table_].columns[table_.columns_[i]]);
    }
    shard_ = shard;
  }

  const ShardNumericTable& table_;
  std::int32_t shard_ = -1;
  std::optional<InputFile> file_;
  std::vector<ColumnReader> columns_;
  std::vector<AlignedArray<double>> buffers_;
};

ShardNumericTable::ShardNumericTable(const Manifest& manifest, std::string folder, std::vector<std::int32_t> shards,
                                     std::vector<std::string> columns, std::string_view table)
    : manifest_(manifest),
      folder_(std::move(folder)),
      names_(std::move(columns)),
      table_(table_index(manifest, table)),
      total_rows_(cohort::total_rows(manifest, table_)) {
  for (const std::string& name : names_) columns_.push_back(column_index(manifest.tables[table_], name));
  (void)ShardReader(*this);  // refuses text columns
  std::sort(shards.begin(), shards.end());
  std::int64_t first_global = 0;
  std::int32_t next = 0;
  for (const std::int32_t shard : shards) {
    (void)open_shard(folder_, manifest.shards[static_cast<std::size_t>(shard)]);
    for (; next < shard; ++next) first_global += manifest.shards[static_cast<std::size_t>(next)].tables[table_].rows;
    add_blocks(shard, first_global);
  }
}

void ShardNumericTable::add_blocks(std::int32_t shard, std::int64_t first_global) {
  const std::int64_t rows = manifest_.shards[static_cast<std::size_t>(shard)].tables[table_].rows;
  for (std::int64_t first = 0; first < rows; first += numeric_block_rows) {
    blocks_.push_back({shard, first, first_global + first, std::min(numeric_block_rows, rows - first)});
  }
}

std::optional<NumericGrid> ShardNumericTable::grid(std::size_t column) const {
  const Zone zone = zone_of(manifest_, table_, columns_[column]);
  if (zone.empty()) return std::nullopt;
  return NumericGrid{zone.low, zone.high, divisor_of(manifest_.tables[table_].columns[columns_[column]])};
}

std::unique_ptr<NumericTable::Reader> ShardNumericTable::reader() const {
  return std::make_unique<ShardReader>(*this);
}

}  // namespace cohort
