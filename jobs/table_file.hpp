// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/context.hpp"
#include "io/store/shard_writer.hpp"

namespace cohort {

/// Collective. Writes a table whose pieces lie on the ranks as one HDF5 file, piece after piece: a dataset a column
/// (/table/column), texts as /table/column/offsets and /table/column/bytes, as in dataset.h5. `make(piece)` gives the
/// columns of one of this rank's pieces `mine` (ascending), out of `pieces` over all ranks; it is called twice. Rank 0
/// writes and holds one piece at a time.
void write_table_file(const Context& context, const std::filesystem::path& path, const std::string& table,
                      const std::vector<Column>& columns, std::int64_t pieces, const std::vector<int>& mine,
                      const std::function<std::vector<ColumnValues>(int piece)>& make);

}  // namespace cohort
