// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/sgd.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "algorithms/linear/gram_tile.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/collectively.hpp"
#include "core/progress.hpp"
#include "core/random.hpp"
#include "core/resumable.hpp"

namespace cohort {
namespace {

constexpr std::int64_t window_rows = 262144;  // of all ranks, about: what is held in memory at once

/// A chunk of gram_rows rows or fewer.
struct Chunk {
  std::int64_t first_row = 0;
  std::vector<std::vector<double>> columns;
};

/// Some chunks as a table, one a block.
class BatchRows final : public NumericTable {
 public:
  BatchRows(const NumericTable& table, std::vector<const Chunk*> chunks) : table_(table), chunks_(std::move(chunks)) {}

  [[nodiscard]] const std::vector<std::string>& columns() const override { return table_.columns(); }
  [[nodiscard]] std::int64_t total_rows() const override { return table_.total_rows(); }  ///< no more than these
  [[nodiscard]] std::int64_t block_count() const override { return std::ssize(chunks_); }
  [[nodiscard]] std::int64_t block_rows(std::int64_t index) const override {
    return std::ssize(chunks_[static_cast<std::size_t>(index)]->columns.front());
  }
  [[nodiscard]] std::unique_ptr<Reader> reader() const override { return std::make_unique<BatchReader>(*this); }

 private:
  class BatchReader final : public Reader {
   public:
    explicit BatchReader(const BatchRows& rows) : rows_(rows) {}
    NumericBlock read(std::int64_t index) override {
      const Chunk& chunk = *rows_.chunks_[static_cast<std::size_t>(index)];
      return {.first_row = chunk.first_row,
              .rows = rows_.block_rows(index),
              .columns = {chunk.columns.begin(), chunk.columns.end()}};
    }

   private:
    const BatchRows& rows_;
  };

  const NumericTable& table_;
  std::vector<const Chunk*> chunks_;
};

/// The draws of an epoch, each by the number of a row: no rank and no order can show.
class Draws {
 public:
  Draws(std::uint64_t seed, std::int64_t epoch) : seed_(seed), epoch_(epoch) {}
  [[nodiscard]] std::int64_t window(std::int64_t first_row, std::int64_t windows) const {
    return of("sgd window", first_row).below(windows);
  }
  [[nodiscard]] std::int64_t batch(std::int64_t first_row, std::int64_t batches) const {
    return of("sgd batch", first_row).below(batches);
  }

 private:
  [[nodiscard]] RandomStream of(std::string_view purpose, std::int64_t row) const {
    RandomStream of_epoch(seed_, "sgd epoch", static_cast<std::uint64_t>(epoch_));
    return RandomStream(of_epoch.next_uint64(), purpose, static_cast<std::uint64_t>(row));
  }
  std::uint64_t seed_;
  std::int64_t epoch_;
};

/// One descent at work.
class Descent {
 public:
  Descent(const Sgd::Params& params, const NumericTable& rows, const Sgd::Evaluate& evaluate, std::vector<double> start,
          const Context& context)
      : params_(params),
        rows_(rows),
        evaluate_(evaluate),
        context_(context),
        at_(std::move(start)),
        average_(at_),
        windows_(std::max<std::int64_t>(1, rows.total_rows() / window_rows)),
        batches_(std::max<std::int64_t>(1, rows.total_rows() / windows_ / params.batch_size)) {}

  /// Collective.
  Sgd run() {
    Progress progress(context_.show_progress, "epochs", params_.epochs);
    find_rows();
    Resumable loop(context_, "sgd", *this);
    for (std::int64_t epoch = std::ssize(epochs_); epoch < params_.epochs; ++epoch) {
      const Draws draws(params_.seed, epoch);
      const bool averages = 2 * epoch >= params_.epochs;
      for (std::int64_t window = 0; window < windows_; ++window) {
        go_through(load(draws, window), draws, averages,
                   static_cast<double>(epoch) + static_cast<double>(window) / static_cast<double>(windows_));
      }
      const std::vector<double>& told = averages ? average_ : at_;
      epochs_.push_back({.loss = evaluate_(told, rows_).loss, .learning_rate = rate(static_cast<double>(epoch + 1))});
      progress.advance();
      if (!std::isfinite(epochs_.back().loss)) break;
      loop.boundary();
    }
    return {.at = averaged_ > 0 ? average_ : at_, .epochs = epochs_};
  }

  template <class Archive>
  void archive(Archive& members) {
    members("at", at_);
    members("average", average_);
    members("averaged", averaged_);
    members("epochs", epochs_);
  }

 private:
  [[nodiscard]] double rate(double epochs) const { return params_.learning_rate / (1 + params_.decay * epochs); }

  /// Collective. The number of each block's first row, by which it is drawn.
  void find_rows() {
    first_rows_.resize(static_cast<std::size_t>(rows_.block_count()));
    collectively(context_.comm, [&] {
      Readers readers(rows_, context_.threads);
      parallel_for(context_.threads, rows_.block_count(), [&](int worker, std::int64_t index) {
        first_rows_[static_cast<std::size_t>(index)] = readers.read(worker, index).first_row;
      });
    });
  }

  /// Collective. The chunks of this rank's blocks that are in a window, in the order of the rows.
  [[nodiscard]] std::vector<Chunk> load(const Draws& draws, std::int64_t window) const {
    std::vector<std::vector<Chunk>> of_block(static_cast<std::size_t>(rows_.block_count()));
    collectively(context_.comm, [&] {
      Readers readers(rows_, context_.threads);
      parallel_for(context_.threads, rows_.block_count(), [&](int worker, std::int64_t index) {
        if (windows_ > 1 && draws.window(first_rows_[static_cast<std::size_t>(index)], windows_) != window) return;
        const NumericBlock block = readers.read(worker, index);
        for (std::int64_t first = 0; first < block.rows; first += gram_rows) {
          Chunk& chunk = of_block[static_cast<std::size_t>(index)].emplace_back();
          chunk.first_row = block.first_row + first;
          const auto begin = static_cast<std::size_t>(first);
          const auto count = static_cast<std::size_t>(std::min(gram_rows, block.rows - first));
          for (const std::span<const double> column : block.columns) {
            const auto part = column.subspan(begin, count);
            chunk.columns.emplace_back(part.begin(), part.end());
          }
        }
      });
    });
    std::vector<Chunk> chunks;
    for (std::vector<Chunk>& of : of_block) std::ranges::move(of, std::back_inserter(chunks));
    return chunks;
  }

  /// Collective. The batches of a window, one after the other.
  void go_through(const std::vector<Chunk>& chunks, const Draws& draws, bool averages, double epochs) {
    std::vector<std::vector<const Chunk*>> batches(static_cast<std::size_t>(batches_));
    for (const Chunk& chunk : chunks) {
      batches[static_cast<std::size_t>(draws.batch(chunk.first_row, batches_))].push_back(&chunk);
    }
    for (std::size_t b = 0; b < batches.size(); ++b) {
      const double share = static_cast<double>(b) / static_cast<double>(batches_ * windows_);
      step(BatchRows(rows_, std::move(batches[b])), rate(epochs + share), averages);
    }
  }

  void step(const BatchRows& batch, double rate, bool averages) {
    const Sgd::Here here = evaluate_(at_, batch);
    if (!std::isfinite(here.loss)) return;
    for (std::size_t j = 0; j < at_.size(); ++j) at_[j] += rate * here.downhill[j];
    if (!averages) return;
    ++averaged_;
    for (std::size_t j = 0; j < at_.size(); ++j) average_[j] += (at_[j] - average_[j]) / static_cast<double>(averaged_);
  }

  const Sgd::Params& params_;
  const NumericTable& rows_;
  const Sgd::Evaluate& evaluate_;
  const Context& context_;
  std::vector<double> at_, average_;
  std::vector<Sgd::Epoch> epochs_;
  std::vector<std::int64_t> first_rows_;
  std::int64_t windows_, batches_, averaged_ = 0;
};

}  // namespace

Sgd Sgd::run(const Params& params, const NumericTable& rows, const Evaluate& evaluate, std::vector<double> start,
             const Context& context) {
  return Descent(params, rows, evaluate, std::move(start), context).run();
}

}  // namespace cohort
