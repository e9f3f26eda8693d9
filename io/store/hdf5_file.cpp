// SPDX-License-Identifier: Apache-2.0
#include "io/store/hdf5_file.hpp"

#include <hdf5.h>

#include <algorithm>

#include "core/column.hpp"
#include "core/error.hpp"
#include "core/fault_points.hpp"
#include "io/store/zstd_chunk.hpp"

namespace cohort {
namespace {

constexpr H5Z_filter_t zstd_filter_id = 32015;

hid_t type_of(Element element) {
  switch (element) {
    case Element::int32: return H5T_STD_I32LE;
    case Element::int64: return H5T_STD_I64LE;
    case Element::float64: return H5T_IEEE_F64LE;
    case Element::byte: return H5T_STD_U8LE;
  }
  return H5T_STD_U8LE;
}

/// `id` as a handle, or HDF5's reason why there is none.
Hdf5Handle checked(hid_t id, Hdf5Handle::Close close, const char* action, const std::string& where,
                   bool reading = false) {
  if (id < 0) throw_hdf5_error(action, where, reading);
  return {id, close};
}

void check(herr_t status, const char* action, const std::string& where, bool reading = false) {
  if (status < 0) throw_hdf5_error(action, where, reading);
}

Hdf5Handle new_properties(hid_t of_class) {
  return checked(H5Pcreate(of_class), H5Pclose, "make", "a property list");
}

Hdf5Handle new_space(hsize_t rows, hsize_t most_rows) {
  return checked(H5Screate_simple(1, &rows, &most_rows), H5Sclose, "make", "a dataspace");
}

/// Properties of every dataset: no clock, and the missing value of its type as fill value.
Hdf5Handle dataset_properties(Element element) {
  Hdf5Handle properties = new_properties(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(properties.get(), 0);
  const std::int64_t missing = missing_int64;
  const std::int32_t missing_32 = missing_int32;
  const double missing_double = missing_float64;
  switch (element) {
    case Element::int32: H5Pset_fill_value(properties.get(), H5T_NATIVE_INT32, &missing_32); break;
    case Element::int64: H5Pset_fill_value(properties.get(), H5T_NATIVE_INT64, &missing); break;
    case Element::float64: H5Pset_fill_value(properties.get(), H5T_NATIVE_DOUBLE, &missing_double); break;
    case Element::byte: break;
  }
  return properties;
}

void add_filters(hid_t properties, Element element) {
  if (element == Element::int32 || element == Element::int64) {
    check(H5Pset_scaleoffset(properties, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT), "set", "the scale-offset filter");
    return;
  }
  if (element == Element::float64) check(H5Pset_shuffle(properties), "set", "the shuffle filter");
  const unsigned level = zstd_level;
  check(H5Pset_filter(properties, zstd_filter_id, H5Z_FLAG_MANDATORY, 1, &level), "set", "the zstd filter");
}

}  // namespace

Hdf5File Hdf5File::create(std::string path) {
  prepare_hdf5();
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Handle file = new_properties(H5P_FILE_CREATE), access = new_properties(H5P_FILE_ACCESS);
  H5Pset_obj_track_times(file.get(), 0);
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_evict_on_close(access.get(), 1);  // a written virtual dataset would hold 3 KB a part until the file is closed
  fault_point("hdf5.create");
  Hdf5Handle handle =
      checked(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, file.get(), access.get()), H5Fclose, "create", path);
  return {std::move(path), std::move(handle)};
}

Hdf5File Hdf5File::open(std::string path) {
  prepare_hdf5();
  const std::scoped_lock lock(hdf5_mutex());
  fault_point("hdf5.open");
  Hdf5Handle handle = checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open", path, true);
  return {std::move(path), std::move(handle)};
}

Hdf5Handle Hdf5File::open_dataset(const std::string& name) const {
  return checked(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), H5Dclose, "open", where(name), true);
}

void Hdf5File::make_groups(const std::string& name) {
  // Groups that the library makes on the way itself (H5Pset_create_intermediate_group) carry the time of day.
  const Hdf5Handle properties = new_properties(H5P_GROUP_CREATE);
  H5Pset_obj_track_times(properties.get(), 0);
  for (std::size_t end = name.find('/', 1); end != std::string::npos; end = name.find('/', end + 1)) {
    const std::string group = name.substr(0, end);
    if (H5Lexists(file_.get(), group.c_str(), H5P_DEFAULT) > 0) continue;
    checked(H5Gcreate2(file_.get(), group.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT), H5Gclose, "create",
            where(group));
  }
}

void Hdf5File::create_dataset(const std::string& name, Element element, std::int64_t space, std::int64_t properties) {
  make_groups(name);
  checked(H5Dcreate2(file_.get(), name.c_str(), type_of(element), space, H5P_DEFAULT, properties, H5P_DEFAULT),
          H5Dclose, "create", where(name));
}

void Hdf5File::write_attribute(const std::string& object, const std::string& name, std::string_view text) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Handle type = checked(H5Tcopy(H5T_C_S1), H5Tclose, "make", "a string type");
  H5Tset_size(type.get(), text.empty() ? 1 : text.size());
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  const Hdf5Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose, "make", "a dataspace");
  const Hdf5Handle attribute = checked(H5Acreate_by_name(file_.get(), object.c_str(), name.c_str(), type.get(),
                                                         space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                                       H5Aclose, "create", where(object) + "@" + name);
  check(H5Awrite(attribute.get(), type.get(), text.empty() ? "" : text.data()), "write", where(object) + "@" + name);
}

void Hdf5File::write_attribute(const std::string& object, const std::string& name, std::int64_t value) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose, "make", "a dataspace");
  const Hdf5Handle attribute = checked(H5Acreate_by_name(file_.get(), object.c_str(), name.c_str(), H5T_STD_I64LE,
                                                         space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                                       H5Aclose, "create", where(object) + "@" + name);
  check(H5Awrite(attribute.get(), H5T_NATIVE_INT64, &value), "write", where(object) + "@" + name);
}

void Hdf5File::write_type(const std::string& object, const Column& column) {
  write_attribute(object, "type", type_name(column));
  if (column.type == ColumnType::decimal) write_attribute(object, "scale", std::int64_t{column.scale});
  if (column.type == ColumnType::timestamp) write_attribute(object, "unit", name_of(column.unit));
}

void Hdf5File::create_chunked(const std::string& name, Element element, std::int64_t rows, std::int64_t chunk_rows) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Handle properties = dataset_properties(element);
  const auto chunk = static_cast<hsize_t>(chunk_rows), current = static_cast<hsize_t>(rows);
  check(H5Pset_chunk(properties.get(), 1, &chunk), "chunk", where(name));
  add_filters(properties.get(), element);
  // A chunk may not be longer than the dataset can become, so the dataset may grow to a whole number of chunks.
  const hsize_t chunks = std::max<hsize_t>(1, (current + chunk - 1) / chunk);
  create_dataset(name, element, new_space(current, chunks * chunk).get(), properties.get());
}

ChunkPlace Hdf5File::write_chunk(const std::string& name, std::int64_t index, std::int64_t chunk_rows,
                                 std::span<const std::byte> chunk) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Handle dataset = open_dataset(name);
  const auto offset = static_cast<hsize_t>(index * chunk_rows);
  fault_point("hdf5.write_chunk");
  check(H5Dwrite_chunk(dataset.get(), H5P_DEFAULT, 0, &offset, chunk.size(), chunk.data()), "write", where(name));
  unsigned filter_mask = 0;
  haddr_t address = HADDR_UNDEF;
  hsize_t bytes = 0;
  check(H5Dget_chunk_info_by_coord(dataset.get(), &offset, &filter_mask, &address, &bytes), "find a chunk of",
        where(name));
  return {static_cast<std::int64_t>(address), static_cast<std::int64_t>(bytes)};
}

void Hdf5File::create_plain(const std::string& name, Element element, std::int64_t rows) {
  const std::scoped_lock lock(hdf5_mutex());
  const auto count = static_cast<hsize_t>(rows);
  create_dataset(name, element, new_space(count, count).get(), dataset_properties(element).get());
}

template <typename T>
void Hdf5File::write_rows(const std::string& name, std::int64_t first, std::span<const T> values) {
  if (values.empty()) return;
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Handle dataset = open_dataset(name);
  const auto start = static_cast<hsize_t>(first);
  const hsize_t count = values.size();
  const Hdf5Handle memory = new_space(count, count);
  const Hdf5Handle file = checked(H5Dget_space(dataset.get()), H5Sclose, "read the extent of", where(name));
  check(H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, &start, nullptr, &count, nullptr), "select rows of",
        where(name));
  fault_point("hdf5.write_rows");
  check(H5Dwrite(dataset.get(), type_of(element_of<T>), memory.get(), file.get(), H5P_DEFAULT, values.data()), "write",
        where(name));
}

template <typename T>
std::vector<T> Hdf5File::read(const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Handle dataset = open_dataset(name);
  const Hdf5Handle space = checked(H5Dget_space(dataset.get()), H5Sclose, "read the extent of", where(name), true);
  std::vector<T> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.get())));
  fault_point("hdf5.read");
  check(H5Dread(dataset.get(), type_of(element_of<T>), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "read",
        where(name), true);
  return values;
}

void Hdf5File::create_virtual(const std::string& name, Element element, std::span<const VirtualPart> parts) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Handle properties = dataset_properties(element);
  hsize_t rows = 0, start = 0;
  for (const VirtualPart& part : parts) rows += static_cast<hsize_t>(part.rows);
  const Hdf5Handle space = new_space(rows, rows);
  for (const VirtualPart& part : parts) {
    const auto count = static_cast<hsize_t>(part.rows);
    if (count == 0) continue;
    check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, &start, nullptr, &count, nullptr), "select rows of",
          where(name));
    check(H5Pset_virtual(properties.get(), space.get(), part.file.c_str(), name.c_str(), new_space(count, count).get()),
          "map", where(name));
    start += count;
  }
  H5Sselect_all(space.get());
  create_dataset(name, element, space.get(), properties.get());
}

std::string hdf5_version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

void Hdf5File::close() {
  fault_point("hdf5.close");
  if (!file_.reset()) throw_hdf5_error("close", path_, false);
}

template void Hdf5File::write_rows(const std::string&, std::int64_t, std::span<const std::int32_t>);
template void Hdf5File::write_rows(const std::string&, std::int64_t, std::span<const std::int64_t>);
template void Hdf5File::write_rows(const std::string&, std::int64_t, std::span<const double>);
template void Hdf5File::write_rows(const std::string&, std::int64_t, std::span<const char>);
template std::vector<std::int32_t> Hdf5File::read(const std::string&) const;
template std::vector<std::int64_t> Hdf5File::read(const std::string&) const;
template std::vector<double> Hdf5File::read(const std::string&) const;
template std::vector<char> Hdf5File::read(const std::string&) const;

}  // namespace cohort
