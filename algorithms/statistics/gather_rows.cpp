// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/gather_rows.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "core/collectively.hpp"
#include "core/threads.hpp"

namespace cohort {
namespace {

Matrix sorted(const Matrix& rows) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(rows.rows));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return std::lexicographical_compare(rows.row(a).begin(), rows.row(a).end(), rows.row(b).begin(), rows.row(b).end());
  });
  Matrix result(rows.rows, rows.columns);
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    std::ranges::copy(rows.row(order[static_cast<std::size_t>(i)]), result.row(i).begin());
  }
  return result;
}

}  // namespace

Matrix gather_rows(const Context& context, std::int64_t blocks, std::int64_t columns,
                   const std::function<void(int, std::int64_t, std::vector<double>&)>& add) {
  Bytes mine;
  collectively(context.comm, [&] {
    std::vector<std::vector<double>> of_worker(static_cast<std::size_t>(context.threads));
    parallel_for(context.threads, blocks, [&](int worker, std::int64_t block) {
      add(worker, block, of_worker[static_cast<std::size_t>(worker)]);
    });
    for (const std::vector<double>& rows : of_worker) {
      const auto bytes = std::as_bytes(std::span(rows));
      mine.insert(mine.end(), bytes.begin(), bytes.end());
    }
  });
  Matrix all(0, columns);
  for (const Bytes& bytes : context.comm.all_gather(mine)) {
    const std::size_t first = all.values.size();
    all.values.resize(first + bytes.size() / sizeof(double));
    if (!bytes.empty()) std::memcpy(all.values.data() + first, bytes.data(), bytes.size());
  }
  all.rows = static_cast<std::int64_t>(all.values.size()) / columns;
  return sorted(all);
}

}  // namespace cohort
