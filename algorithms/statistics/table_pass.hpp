// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/aggregate.hpp"
#include "core/block.hpp"
#include "core/context.hpp"

namespace cohort {

/// One reader of a table for each worker, opened when the worker first reads.
class Readers {
 public:
  Readers(const NumericTable& table, int workers) : table_(table), readers_(static_cast<std::size_t>(workers)) {}

  /// Block `index`; the view lives until the worker's next call.
  NumericBlock read(int worker, std::int64_t index) {
    auto& reader = readers_[static_cast<std::size_t>(worker)];
    if (reader == nullptr) reader = table_.reader();
    return reader->read(index);
  }

 private:
  const NumericTable& table_;
  std::vector<std::unique_ptr<NumericTable::Reader>> readers_;
};

/// Collective. `aggregate` over the blocks of a table: calls add(state, block) for each.
template <MergeableState State, class Add>
State aggregate_table(const Context& context, const NumericTable& table, const State& identity, const Add& add) {
  Readers readers(table, context.threads);
  return aggregate(context, table.block_count(), identity,
                   [&](int worker, State& state, std::int64_t block) { add(state, readers.read(worker, block)); });
}

}  // namespace cohort
