// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/glm_clusters.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include "algorithms/linear/gram.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/error.hpp"
#include "core/repartition.hpp"

namespace cohort {
namespace {

constexpr std::int64_t partitions = 256;  // however many ranks there are: sums inside one are rounded

using Scores = std::map<std::uint64_t, std::vector<double>>;
using ExactScores = std::map<std::uint64_t, ExactSums>;

struct State {
  std::int64_t clusters = 0;
  std::vector<double> largest;
  void parts(Parts& parts) {
    parts.sum(clusters);
    parts.max(largest);
  }
};

[[noreturn]] void throw_missing(std::int64_t row) {
  throw Error(ExitCode::bad_data, fmt::format("row {} of the table has no cluster", row),
              "give every row a value in the column of groups, or leave it out by weight");
}

/// Gradients of a block's clusters.
Scores scores_of(const GlmObjective& objective, const NumericBlock& block, const std::vector<double>& coefficients) {
  Scores scores;
  const std::span<const double> names = block.columns[objective.rows().cluster];
  const auto each = [&](const double* columns, const GlmRows& rows, const NumericBlock&, std::int64_t first) {
    for (std::int64_t i = 0; i < std::min(gram_rows, block.rows - first); ++i) {
      if (!(rows.weight[i] > 0)) continue;
      const double name = names[static_cast<std::size_t>(first + i)];
      if (name != name) throw_missing(block.first_row + first + i);
      std::vector<double>& sums = scores[std::bit_cast<std::uint64_t>(name + 0.0)];  // -0 and 0 are one name
      sums.resize(coefficients.size());
      for (std::size_t j = 0; j < sums.size(); ++j) {
        sums[j] += rows.residual[i] * columns[static_cast<std::int64_t>(j) * gram_rows + i];
      }
    }
  };
  objective.for_chunks(block, coefficients, each);
  return scores;
}

/// Collective. Sends every block's part of a cluster to where the cluster is added up.
void send(const GlmObjective& objective, const std::vector<double>& coefficients, Repartition& exchange) {
  const Context& context = objective.context();
  Readers readers(objective.rows().table, context.threads);
  const std::size_t bytes = coefficients.size() * sizeof(double);
  collectively(context.comm, [&] {
    parallel_for(context.threads, objective.rows().table.block_count(), [&](int worker, std::int64_t index) {
      for (const auto& [name, sums] : scores_of(objective, readers.read(worker, index), coefficients)) {
        const auto partition = static_cast<std::int64_t>(name * 0x9E3779B97F4A7C15U >> 56);
        std::byte* to = exchange.append(worker, partition, sizeof name + bytes);
        std::memcpy(to, &name, sizeof name);
        std::memcpy(to + sizeof name, sums.data(), bytes);
      }
    });
  });
}

/// Collective. The clusters of this rank's partitions.
std::map<std::int64_t, Scores> collect(Repartition& exchange, const std::vector<int>& bounds) {
  std::map<std::int64_t, Scores> result;
  std::mutex mutex;
  exchange.deliver(nullptr, [&](std::int64_t partition, std::span<const std::span<const std::byte>> pieces) {
    ExactScores exact;
    std::vector<double> part(bounds.size());
    for (const std::span<const std::byte> piece : pieces) {
      for (const std::byte *at = piece.data(), *end = at + piece.size(); at < end;) {
        std::uint64_t name = 0;
        std::memcpy(&name, at, sizeof name);
        std::memcpy(part.data(), at + sizeof name, part.size() * sizeof(double));
        at += sizeof name + part.size() * sizeof(double);
        ExactSums& sums = exact.try_emplace(name, bounds).first->second;
        for (std::size_t j = 0; j < part.size(); ++j) sums.add(j, part[j]);
      }
    }
    Scores scores;
    for (const auto& [name, sums] : exact) {
      std::vector<double>& values = scores[name];
      for (std::size_t j = 0; j < bounds.size(); ++j) values.push_back(sums.value(j));
    }
    const std::lock_guard lock(mutex);
    result[partition] = std::move(scores);
  });
  return result;
}

/// Products of the scores of a partition, chunk by chunk.
GramSums products_of(const Scores& scores, std::size_t size) {
  GramSums gram(static_cast<std::int64_t>(size));
  std::vector<double> chunk(static_cast<std::size_t>(gram.padded_columns() * gram_rows));
  std::size_t row = 0;
  const auto flush = [&] {
    gram.add(chunk.data());
    std::ranges::fill(chunk, 0.0);
    row = 0;
  };
  for (const auto& [name, values] : scores) {
    for (std::size_t j = 0; j < size; ++j) chunk[j * static_cast<std::size_t>(gram_rows) + row] = values[j];
    if (++row == static_cast<std::size_t>(gram_rows)) flush();
  }
  flush();
  return gram;
}

}  // namespace

ClusterScores cluster_scores(const GlmObjective& objective, const std::vector<double>& coefficients) {
  const Context& context = objective.context();
  const std::size_t size = coefficients.size();
  std::vector<int> bounds = objective.score_bounds(coefficients);
  for (int& bound : bounds) bound = sum_bound(bound, objective.rows().table.total_rows()) + 1;
  Repartition exchange(context, partitions, objective.rows().spill_folder, context.memory_per_rank / 4);
  send(objective, coefficients, exchange);
  const std::map<std::int64_t, Scores> held = collect(exchange, bounds);
  std::vector<const Scores*> parts;
  for (const auto& [partition, scores] : held) parts.push_back(&scores);

  const State identity{.clusters = 0, .largest = std::vector<double>(size)};
  const State found = aggregate(context, std::ssize(parts), identity, [&](int, State& state, std::int64_t p) {
    state.clusters += std::ssize(*parts[static_cast<std::size_t>(p)]);
    for (const auto& [name, values] : *parts[static_cast<std::size_t>(p)]) {
      for (std::size_t j = 0; j < size; ++j) state.largest[j] = std::max(state.largest[j], std::abs(values[j]));
    }
  });
  if (found.clusters < 2) {
    throw Error(ExitCode::bad_data, "the column of groups holds a single cluster: nothing tells how clusters differ",
                "name a column with more values in groups, or use covariance: HC1");
  }
  std::vector<int> of_products;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = i; j < size; ++j) {
      const int product = magnitude_bound(found.largest[i]) + magnitude_bound(found.largest[j]);
      of_products.push_back(sum_bound(product, found.clusters) + 1);
    }
  }
  const ExactTotals sums = aggregate(context, std::ssize(parts), ExactTotals{ExactSums(of_products)},
                                     [&](int, ExactTotals& state, std::int64_t p) {
                                       const GramSums gram = products_of(*parts[static_cast<std::size_t>(p)], size);
                                       std::size_t next = 0;
                                       for (std::int64_t i = 0; i < std::ssize(coefficients); ++i) {
                                         for (std::int64_t j = i; j < std::ssize(coefficients); ++j)
                                           state.sums.add(next++, gram.sum(i, j));
                                       }
                                     });
  ClusterScores result{.products = Matrix(std::ssize(coefficients), std::ssize(coefficients)),
                       .clusters = found.clusters};
  std::size_t next = 0;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = i; j < size; ++j)
      result.products.row(static_cast<std::int64_t>(i))[j] = sums.sums.value(next++);
  }
  return result;
}

}  // namespace cohort
