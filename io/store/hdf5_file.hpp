// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/column.hpp"
#include "io/store/hdf5_handle.hpp"

namespace cohort {

/// Element types that we keep in HDF5 files, little-endian.
enum class Element { int32, int64, float64, byte };
template <typename T>
inline constexpr Element element_of = Element::byte;
template <>
inline constexpr Element element_of<std::int32_t> = Element::int32;
template <>
inline constexpr Element element_of<std::int64_t> = Element::int64;
template <>
inline constexpr Element element_of<double> = Element::float64;

/// Part of a virtual dataset: the whole dataset `name` of `rows` rows in `file`, a path relative to the virtual one's.
struct VirtualPart {
  std::string file;
  std::int64_t rows = 0;
};

/// Where a chunk lies in the file.
struct ChunkPlace {
  std::int64_t address = 0, bytes = 0;
};

/// Version of the HDF5 library in use.
[[nodiscard]] std::string hdf5_version();

/// An HDF5 file without clocks. All calls throw Error(io_error or bad_data) with file, object and HDF5's own reason.
class Hdf5File {
 public:
  /// Replaces what is at `path`.
  [[nodiscard]] static Hdf5File create(std::string path);
  [[nodiscard]] static Hdf5File open(std::string path);

  /// Objects are named by path; groups on the way are made.
  void write_attribute(const std::string& object, const std::string& name, std::string_view text);
  void write_attribute(const std::string& object, const std::string& name, std::int64_t value);
  /// Attributes type, and scale (decimal) or unit (timestamp).
  void write_type(const std::string& object, const Column& column);

  /// A dataset whose chunks are written raw: integers by scale-offset, float64 by shuffle + zstd, bytes by zstd.
  void create_chunked(const std::string& name, Element element, std::int64_t rows, std::int64_t chunk_rows);
  /// Writes chunk `index`, encoded as the dataset's filters would; says where it lies.
  ChunkPlace write_chunk(const std::string& name, std::int64_t index, std::int64_t chunk_rows,
                         std::span<const std::byte> chunk);

  /// A plain contiguous dataset.
  void create_plain(const std::string& name, Element element, std::int64_t rows);
  /// Rows [first, first + values) of a plain dataset; T is int32, int64, double or char, as its element.
  template <typename T>
  void write_rows(const std::string& name, std::int64_t first, std::span<const T> values);
  /// The whole dataset through HDF5's own filters. T as the stored element.
  template <typename T>
  [[nodiscard]] std::vector<T> read(const std::string& name) const;

  /// A dataset that shows `name` of every part, one after the other.
  void create_virtual(const std::string& name, Element element, std::span<const VirtualPart> parts);

  /// Writes everything out; throws if that fails. The destructor closes without a word.
  void close();

 private:
  Hdf5File(std::string path, Hdf5Handle file) : path_(std::move(path)), file_(std::move(file)) {}
  [[nodiscard]] std::string where(const std::string& name) const { return path_ + ":" + name; }
  [[nodiscard]] Hdf5Handle open_dataset(const std::string& name) const;
  void make_groups(const std::string& name);
  void create_dataset(const std::string& name, Element element, std::int64_t space, std::int64_t properties);

  std::string path_;
  Hdf5Handle file_;
};

}  // namespace cohort
