// SPDX-License-Identifier: Apache-2.0
#include "jobs/table_file.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/gather.hpp"
#include "io/durable_file.hpp"
#include "io/store/hdf5_file.hpp"

namespace cohort {
namespace {

Element element_of_column(const Column& column) {
  const Storage storage = storage_of(column.type);
  return storage == Storage::int32 ? Element::int32 : storage == Storage::int64 ? Element::int64 : Element::float64;
}

/// A piece as it travels: column after column, of texts the lengths and then the bytes.
Bytes packed(const std::vector<ColumnValues>& columns) {
  Bytes bytes;
  const auto append = [&bytes](const auto& values) {
    const auto raw = std::as_bytes(std::span(values));
    bytes.insert(bytes.end(), raw.begin(), raw.end());
  };
  for (const ColumnValues& column : columns) {
    if (const auto* texts = std::get_if<TextValues>(&column)) {
      append(std::span(texts->offsets).subspan(1));
      append(texts->bytes);
    } else {
      std::visit(
          [&]<class Values>(const Values& values) {
            if constexpr (!std::is_same_v<Values, TextValues>) append(values);
          },
          column);
    }
  }
  return bytes;
}

/// The file in the making, on rank 0.
class TableFile {
 public:
  TableFile(const std::filesystem::path& path, const std::string& table, const std::vector<Column>& columns)
      : file_(Hdf5File::create(path.string())), columns_(columns), written_(columns.size(), 0) {
    for (const Column& column : columns) names_.push_back(fmt::format("/{}/{}", table, column.name));
  }

  /// `totals` are the rows and then the bytes of each column's texts.
  void create(std::span<const std::int64_t> totals) {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (storage_of(columns_[c].type) == Storage::text) {
        file_.create_plain(names_[c] + "/offsets", Element::int64, totals[0] + 1);
        file_.create_plain(names_[c] + "/bytes", Element::byte, totals[c + 1]);
        const std::int64_t zero = 0;
        file_.write_rows<std::int64_t>(names_[c] + "/offsets", 0, std::span(&zero, 1));
      } else {
        file_.create_plain(names_[c], element_of_column(columns_[c]), totals[0]);
      }
      file_.write_type(names_[c], columns_[c]);
    }
  }

  /// `sizes` as `totals`, of the piece.
  void write(const Bytes& piece, std::span<const std::int64_t> sizes) {
    const std::byte* at = piece.data();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      switch (storage_of(columns_[c].type)) {
        case Storage::int32: write_rows<std::int32_t>(names_[c], rows_, take<std::int32_t>(at, sizes[0])); break;
        case Storage::int64: write_rows<std::int64_t>(names_[c], rows_, take<std::int64_t>(at, sizes[0])); break;
        case Storage::float64: write_rows<double>(names_[c], rows_, take<double>(at, sizes[0])); break;
        case Storage::text: {
          std::vector<std::int64_t> ends = take<std::int64_t>(at, sizes[0]);
          for (std::int64_t& end : ends) end += written_[c];
          write_rows<std::int64_t>(names_[c] + "/offsets", rows_ + 1, ends);
          write_rows<char>(names_[c] + "/bytes", written_[c], take<char>(at, sizes[c + 1]));
          written_[c] += sizes[c + 1];
        }
      }
    }
    rows_ += sizes[0];
  }

  void close() { file_.close(); }

 private:
  template <class T>
  static std::vector<T> take(const std::byte*& at, std::int64_t values) {
    std::vector<T> taken(static_cast<std::size_t>(values));
    if (values > 0) std::memcpy(taken.data(), at, taken.size() * sizeof(T));
    at += taken.size() * sizeof(T);
    return taken;
  }
  template <class T>
  void write_rows(const std::string& name, std::int64_t first, const std::vector<T>& values) {
    if (!values.empty()) file_.write_rows<T>(name, first, values);
  }

  Hdf5File file_;
  const std::vector<Column>& columns_;
  std::vector<std::string> names_;
  std::vector<std::int64_t> written_;  ///< bytes of each column's texts so far
  std::int64_t rows_ = 0;
};

}  // namespace

void write_table_file(const Context& context, const std::filesystem::path& path, const std::string& table,
                      const std::vector<Column>& columns, std::int64_t pieces, const std::vector<int>& mine,
                      const std::function<std::vector<ColumnValues>(int piece)>& make) {
  Communicator& comm = context.comm;
  const std::size_t stride = columns.size() + 1;
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(pieces) * stride, 0);
  const auto sizes_of = [&](std::int64_t piece) {
    return std::span(sizes).subspan(static_cast<std::size_t>(piece) * stride, stride);
  };
  collectively(comm, [&] {
    for (const int piece : mine) {
      const std::vector<ColumnValues> made = make(piece);
      sizes_of(piece)[0] = rows_of(made.front());
      for (std::size_t c = 0; c < made.size(); ++c) {
        if (const auto* texts = std::get_if<TextValues>(&made[c])) sizes_of(piece)[c + 1] = std::ssize(texts->bytes);
      }
    }
  });
  comm.all_reduce(sizes, {});
  std::vector<std::int64_t> totals(stride, 0);
  for (std::size_t i = 0; i < sizes.size(); ++i) totals[i % stride] += sizes[i];
  std::optional<TableFile> file;
  collectively(comm, [&] {
    if (comm.rank() == 0) file.emplace(path, table, columns).create(totals);
  });
  for (int piece = 0; piece < pieces; ++piece) {
    if (sizes_of(piece)[0] == 0) continue;
    Bytes bytes;
    collectively(comm, [&] {
      if (std::ranges::binary_search(mine, piece)) bytes = packed(make(piece));
    });
    std::vector<Bytes> from = gather_on_first(comm, std::move(bytes));
    collectively(comm, [&] {
      for (const Bytes& part : from) {
        if (!part.empty()) file->write(part, sizes_of(piece));
      }
    });
  }
  collectively(comm, [&] {
    if (!file) return;
    file->close();
    sync_path(path.string());
  });
}

}  // namespace cohort
