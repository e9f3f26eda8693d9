// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/row_format.hpp"

namespace cohort {

RowFormat::RowFormat(const std::vector<Column>& columns, bool with_digest, bool with_place)
    : with_digest_(with_digest), with_place_(with_place), offsets_(columns.size(), 0) {
  std::size_t at = place_offset() + (with_place ? sizeof(RowPlace) : 0);
  for (const int width : {8, 4}) {  // wide fields first, so that all are aligned
    for (std::size_t c = 1; c < columns.size(); ++c) {
      if (bytes_of(storage_of(columns[c].type)) != width) continue;
      offsets_[c] = at;
      at += static_cast<std::size_t>(width);
    }
  }
  fixed_bytes_ = at;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (storage_of(columns[c].type) == Storage::text) texts_.push_back(c);
  }
}

std::string_view RowFormat::text(const std::byte* row, std::size_t index) const {
  std::size_t at = fixed_bytes_;
  for (std::size_t i = 0; i < index; ++i) at += sizeof(std::uint32_t) + load<std::uint32_t>(row, at);
  return {reinterpret_cast<const char*>(row) + at + sizeof(std::uint32_t), load<std::uint32_t>(row, at)};
}

}  // namespace cohort
