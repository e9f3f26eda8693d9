// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "io/store/shard_writer.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// The few customers that count most, out of all shards: by descending weight, equals by the text of the id.
class TopCustomers {
 public:
  explicit TopCustomers(std::int64_t most) : most_(most) {}

  /// Offers the customers `rows` of one shard; `cells(row)` are the values beside the id. Thread-safe.
  void offer(const ColumnData& ids, const std::vector<std::size_t>& rows,
             const std::function<double(std::size_t row)>& weight,
             const std::function<std::vector<Json>(std::size_t row)>& cells);
  /// Collective. [id, cells...] of the first `most` over all ranks.
  [[nodiscard]] std::vector<std::vector<Json>> gather(Communicator& comm) const;

 private:
  struct Entry {
    double weight = 0;
    std::string id;
    std::vector<Json> row;
  };
  static bool before(const Entry& a, const Entry& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
  }
  void keep_first(std::vector<Entry>& entries) const;

  std::int64_t most_;
  std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace cohort
