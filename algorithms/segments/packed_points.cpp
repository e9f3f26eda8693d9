// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/packed_points.hpp"

#include <algorithm>

#include "core/collectively.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

constexpr std::int64_t state_bytes_per_point = 16;  // distance and label of the nearest candidate, while seeding

template <class T>
bool fits(const NumericTable& table, const Context& context) {
  const auto point_bytes = static_cast<std::int64_t>(table.columns().size() * sizeof(T)) + state_bytes_per_point;
  std::int64_t bytes = 0;
  for (std::int64_t block = 0; block < table.block_count(); ++block) {
    bytes += (table.block_rows(block) + tile_points) * point_bytes;
  }
  return bytes <= context.memory_per_rank - context.memory_per_rank / 10 - peak_resident_bytes();
}

}  // namespace

template <class T>
PointBlock<T> TileBuffer<T>::pack(const NumericBlock& block) {
  const auto dimensions = static_cast<std::int64_t>(block.columns.size());
  packed_ = {.first_row = block.first_row, .rows = block.rows, .dimensions = dimensions};
  const std::int64_t values = packed_.tile_count() * tile_points * dimensions;
  lines_.resize(static_cast<std::size_t>(values) * sizeof(T) / sizeof(CacheLine));
  T* to = reinterpret_cast<T*>(lines_.data());
  packed_.tiles = to;
  for (std::int64_t t = 0; t < packed_.tile_count(); ++t) {
    for (std::int64_t j = 0; j < dimensions; ++j, to += tile_points) {
      const double* from = block.columns[static_cast<std::size_t>(j)].data() + t * tile_points;
      const std::int64_t rows = packed_.rows_in(t);
      std::transform(from, from + rows, to, [](double x) { return static_cast<T>(x); });
      std::fill(to + rows, to + tile_points, T{0});
    }
  }
  return packed_;
}

template <class T>
PackedPoints<T>::PackedPoints(const NumericTable& table, const Context& context)
    : table_(table), readers_(table, context.threads), resident_(fits<T>(table, context)) {
  const std::int64_t blocks = table.block_count();
  buffers_.resize(static_cast<std::size_t>(resident_ ? blocks : context.threads));
  collectively(context.comm, [&] {
    parallel_for(context.threads, resident_ ? blocks : 0, [&](int worker, std::int64_t index) {
      buffers_[static_cast<std::size_t>(index)].pack(readers_.read(worker, index));
    });
  });
}

template <class T>
PointBlock<T> PackedPoints<T>::block(int worker, std::int64_t index) {
  if (resident_) return buffers_[static_cast<std::size_t>(index)].packed();
  return buffers_[static_cast<std::size_t>(worker)].pack(readers_.read(worker, index));
}

template class TileBuffer<float>;
template class TileBuffer<double>;
template class PackedPoints<float>;
template class PackedPoints<double>;

}  // namespace cohort
