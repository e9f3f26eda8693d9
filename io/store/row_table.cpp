// SPDX-License-Identifier: Apache-2.0
#include "io/store/row_table.hpp"

#include <algorithm>
#include <optional>

#include "io/store/tile_column.hpp"

namespace cohort {

class ShardRowTable::ShardReader final : public ShardRowTable::Reader {
 public:
  explicit ShardReader(const ShardRowTable& table) : table_(table), views_(table.columns_.size()) {
    for (const Column& column : table.columns_)
      columns_.emplace_back(table.manifest_.tables[table.table_].name, column, row_tile_rows);
  }

  void read(std::int64_t index, const std::function<void(const RowTile&)>& add) override {
    const Block& block = table_.blocks_[static_cast<std::size_t>(index)];
    go_to(block.shard);
    const std::int64_t end = block.first + block.rows;
    for (TileColumn& column : columns_) column.reader().will_need(end, end + row_block_rows);
    for (std::int64_t first = block.first; first < end; first += row_tile_rows) {
      const std::int64_t stop = std::min(end, first + row_tile_rows);
      for (std::size_t c = 0; c < columns_.size(); ++c) views_[c] = columns_[c].read(first, stop);
      add({.first = first, .rows = static_cast<std::size_t>(stop - first), .columns = views_});
    }
  }

 private:
  void go_to(std::int32_t shard) {
    if (shard == shard_) return;
    shard_ = -1;
    const ShardEntry& entry = table_.manifest_.shards[static_cast<std::size_t>(shard)];
    file_.emplace(open_shard(table_.folder_, entry));
    for (std::size_t c = 0; c < columns_.size(); ++c)
      columns_[c].reader().attach(*file_, entry.tables[table_.table_].columns[table_.indices_[c]]);
    shard_ = shard;
  }

  const ShardRowTable& table_;
  std::int32_t shard_ = -1;
  std::optional<InputFile> file_;
  std::vector<TileColumn> columns_;
  std::vector<ColumnView> views_;
};

ShardRowTable::ShardRowTable(const Manifest& manifest, std::string folder, std::vector<std::int32_t> shards,
                             std::string_view table, const std::vector<std::string>& columns)
    : manifest_(manifest), folder_(std::move(folder)), table_(table_index(manifest, table)) {
  const TableSchema& schema = manifest.tables[table_];
  for (const std::string& name : columns) {
    indices_.push_back(column_index(schema, name));
    columns_.push_back(schema.columns[indices_.back()]);
  }
  (void)ShardReader(*this);  // refuses text columns
  std::sort(shards.begin(), shards.end());
  for (const std::int32_t shard : shards) {
    const std::int64_t rows = manifest.shards[static_cast<std::size_t>(shard)].tables[table_].rows;
    for (std::int64_t first = 0; first < rows; first += row_block_rows)
      blocks_.push_back({shard, first, std::min(row_block_rows, rows - first)});
  }
}

const Zone& ShardRowTable::zone(const Block& block, std::size_t column) const {
  const ShardEntry& shard = manifest_.shards[static_cast<std::size_t>(block.shard)];
  const StreamEntry& stream = shard.tables[table_].columns[indices_[column]].front();
  return stream.chunks[static_cast<std::size_t>(block.first / row_block_rows)].zone;
}

std::unique_ptr<ShardRowTable::Reader> ShardRowTable::reader() const {
  return std::make_unique<ShardReader>(*this);
}

}  // namespace cohort
