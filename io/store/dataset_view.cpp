// SPDX-License-Identifier: Apache-2.0
#include "io/store/dataset_view.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "io/store/content_hash.hpp"
#include "io/store/event_table.hpp"
#include "io/store/hdf5_file.hpp"
#include "io/store/shard_reader.hpp"

namespace cohort {
namespace {

Element element_of_storage(Storage storage) {
  switch (storage) {
    case Storage::int32: return Element::int32;
    case Storage::int64: return Element::int64;
    case Storage::float64: return Element::float64;
    case Storage::text: break;
  }
  return Element::byte;
}

/// Writes dataset.h5 column by column.
class ViewWriter {
 public:
  ViewWriter(const std::string& folder, const std::string& path, const Manifest& manifest)
      : folder_(folder), manifest_(manifest), file_(Hdf5File::create(path)) {}

  void write_column(std::size_t table, std::size_t column) {
    const TableSchema& schema = manifest_.tables[table];
    const Column& type = schema.columns[column];
    const std::string name = fmt::format("/{}/{}", schema.name, type.name);
    const bool text = storage_of(type.type) == Storage::text, customers = schema.name == customers_table;
    const std::size_t events = customers ? events_of_offset(type.name) : 0;
    if (text) {
      write_text(name, table, column, customers && column == 0);
    } else if (customers && (column == 0 || events > 0)) {
      write_plain(name, table, column, events);
    } else {
      file_.create_virtual(name, element_of_storage(storage_of(type.type)), parts(table, column, 0));
    }
    file_.write_type(name, type);
  }

  void close() { file_.close(); }

 private:
  /// Index of the event table whose offsets the customers' column `name` holds; 0 (customers) if none.
  [[nodiscard]] std::size_t events_of_offset(const std::string& name) const {
    for (std::size_t t = 1; t < manifest_.tables.size(); ++t) {
      if (name == offset_column(manifest_.tables[t].name)) return t;
    }
    return 0;
  }

  [[nodiscard]] std::vector<VirtualPart> parts(std::size_t table, std::size_t column, std::size_t stream) const {
    std::vector<VirtualPart> list;
    for (const ShardEntry& shard : manifest_.shards)
      list.push_back({shard.file, shard.tables[table].columns[column][stream].values});
    return list;
  }

  [[nodiscard]] ColumnValues read(std::size_t shard, std::size_t table, std::size_t column) const {
    const TableSchema& schema = manifest_.tables[table];
    return cohort::read_column(manifest_, folder_, shard, schema.name, schema.columns[column].name);
  }

  void write_plain(const std::string& name, std::size_t table, std::size_t column, std::size_t events) {
    file_.create_plain(name, element_of_storage(storage_of(manifest_.tables[table].columns[column].type)),
                       total_rows(manifest_, table));
    std::int64_t first = 0, first_event = 0;
    for (std::size_t s = 0; s < manifest_.shards.size(); ++s) {
      ColumnValues values = read(s, table, column);
      if (auto* offsets = std::get_if<std::vector<std::int64_t>>(&values); offsets != nullptr && events > 0) {
        for (std::int64_t& offset : *offsets) offset += first_event;
        first_event += manifest_.shards[s].tables[events].rows;
      }
      std::visit([&](const auto& list) { write_rows(name, first, list); }, values);
      first += rows_of(values);
    }
  }

  void write_text(const std::string& name, std::size_t table, std::size_t column, bool plain_bytes) {
    const std::vector<VirtualPart> bytes = parts(table, column, 1);
    std::int64_t total_bytes = 0, first = 0, first_byte = 0;
    for (const VirtualPart& part : bytes) total_bytes += part.rows;
    file_.create_plain(name + "/offsets", Element::int64, total_rows(manifest_, table) + 1);
    if (plain_bytes)
      file_.create_plain(name + "/bytes", Element::byte, total_bytes);
    else
      file_.create_virtual(name + "/bytes", Element::byte, bytes);
    file_.write_rows<std::int64_t>(name + "/offsets", 0, std::vector<std::int64_t>{0});
    for (std::size_t s = 0; s < manifest_.shards.size(); ++s) {
      auto texts = std::get<TextValues>(read(s, table, column));
      for (std::int64_t& offset : texts.offsets) offset += first_byte;
      file_.write_rows<std::int64_t>(name + "/offsets", first, texts.offsets);
      if (plain_bytes) file_.write_rows<char>(name + "/bytes", first_byte, texts.bytes);
      first += static_cast<std::int64_t>(texts.size());
      first_byte = texts.offsets.back();
    }
  }

  template <typename T>
  void write_rows(const std::string& name, std::int64_t first, const std::vector<T>& values) {
    file_.write_rows<T>(name, first, values);
  }
  void write_rows(const std::string&, std::int64_t, const TextValues&) {}

  const std::string& folder_;
  const Manifest& manifest_;
  Hdf5File file_;
};

}  // namespace

void write_dataset_view(const std::string& folder, Manifest& manifest) {
  const std::string path = fmt::format("{}/{}", folder, dataset_view_name);
  TemporaryFile temporary(path);
  ViewWriter view(folder, temporary.name(), manifest);
  for (std::size_t t = 0; t < manifest.tables.size(); ++t) {
    for (std::size_t c = 0; c < manifest.tables[t].columns.size(); ++c) view.write_column(t, c);
  }
  view.close();
  temporary.publish();
  manifest.dataset_file = WholeFile{InputFile(path).size(), file_hash_hex(path)};
}

}  // namespace cohort
