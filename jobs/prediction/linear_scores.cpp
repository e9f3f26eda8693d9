// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "algorithms/features/features_date.hpp"
#include "algorithms/statistics/score_places.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/collectively.hpp"
#include "core/threads.hpp"
#include "jobs/prediction/linear_output.hpp"
#include "jobs/prediction/loaded_model.hpp"
#include "jobs/prediction/scored_table.hpp"

namespace cohort {
namespace {

class ScoreWriter {
 public:
  ScoreWriter(const StepContext& step, const CustomerRows& rows, const Glm::Model& model, const ScoreNotes& notes)
      : step_(step), rows_(rows), model_(model), notes_(notes) {
    collectively(step.context.comm, [&] { check_columns(rows, model.design.columns()); });
    numbers_.emplace(rows.numbers(step.context.comm, model.design.columns()));
    collectively(step.context.comm,
                 [&] { scorer_.emplace(model, model.design.columns(), labels_of(rows, model.design.columns())); });
    as_of_ = rows.manifest->lineage.value("as_of", "");
    reasons_ = LinearReasons::labels(model.design);
    sorted_reasons_ = reasons_;
    std::ranges::sort(sorted_reasons_);
  }

  /// Collective.
  void write() {
    score_all();
    std::vector<Column> columns;
    for (const ColumnData& column : empty_columns()) columns.push_back(column.column);
    std::vector<Dictionary> dictionaries;
    for (std::size_t i = 1; i <= LinearReasons::most; ++i) {
      dictionaries.push_back({.name = fmt::format("reason_{}", i), .labels = sorted_reasons_});
    }
    dictionaries.push_back({.name = "model_id", .labels = {notes_.model_id}});
    write_scored_table(step_, rows_, columns, dictionaries,
                       [this](std::int64_t begin, std::int64_t end) { return scores_of(begin, end); });
  }

 private:
  /// Collective. The means of all rows of this rank, and their places among all ranks'.
  void score_all() {
    const Context& context = step_.context;
    means_.resize(static_cast<std::size_t>(numbers_->block_count()));
    collectively(context.comm, [&] {
      Readers readers(*numbers_, context.threads);
      parallel_for(context.threads, numbers_->block_count(), [&](int worker, std::int64_t b) {
        means_[static_cast<std::size_t>(b)] = scorer_->means(readers.read(worker, b));
      });
    });
    places_ = places_of(means_, step_.folder.string(), context);
  }

  [[nodiscard]] std::vector<ColumnData> empty_columns() const {
    const bool classifier = model_.classifies();
    std::vector<ColumnData> columns;
    if (!as_of_.empty()) columns.push_back({{.name = "as_of", .type = ColumnType::date}, std::vector<std::int32_t>{}});
    if (classifier) {
      columns.push_back({{.name = "prediction", .type = ColumnType::int32}, std::vector<std::int32_t>{}});
      columns.push_back({{.name = "probability", .type = ColumnType::float64}, std::vector<double>{}});
    } else {
      columns.push_back({{.name = "prediction", .type = ColumnType::float64}, std::vector<double>{}});
    }
    if (decides()) columns.push_back({{.name = "decision", .type = ColumnType::int32}, std::vector<std::int32_t>{}});
    columns.push_back({{.name = "decile", .type = ColumnType::int32}, std::vector<std::int32_t>{}});
    columns.push_back({{.name = "rank", .type = ColumnType::int64}, std::vector<std::int64_t>{}});
    for (std::size_t i = 1; i <= LinearReasons::most; ++i) {
      columns.push_back(
          {{.name = fmt::format("reason_{}", i), .type = ColumnType::category}, std::vector<std::int32_t>{}});
    }
    columns.push_back({{.name = "model_id", .type = ColumnType::category}, std::vector<std::int32_t>{}});
    return columns;
  }

  [[nodiscard]] bool decides() const { return notes_.threshold == notes_.threshold; }

  [[nodiscard]] std::vector<ColumnData> scores_of(std::int64_t begin, std::int64_t end) const {
    std::vector<ColumnData> columns = empty_columns();
    const std::unique_ptr<NumericTable::Reader> reader = numbers_->reader();
    for (std::int64_t b = begin; b < end; ++b) {
      const Glm::Scorer::Scores scores = scorer_->explain(reader->read(b));
      for (std::size_t i = 0; i < scores.means.size(); ++i) {
        append_row(scores.means[i], places_[static_cast<std::size_t>(b)][i], scores.reasons[i], columns);
      }
    }
    return columns;
  }

  void append_row(double mean, std::int64_t place, const LinearReasons::OfRow& reasons,
                  std::vector<ColumnData>& columns) const {
    auto column = columns.begin();
    const auto push = [&]<class T>(T value) { std::get<std::vector<T>>((column++)->values).push_back(value); };
    if (!as_of_.empty()) push(date_from_iso(as_of_, "as_of"));
    if (model_.classifies()) push(std::int32_t{mean >= 0.5 ? 1 : 0});
    push(mean);
    if (decides()) push(std::int32_t{mean >= notes_.threshold ? 1 : 0});
    push(static_cast<std::int32_t>((place - 1) * 10 / numbers_->total_rows() + 1));
    push(place);
    for (const std::int32_t reason : reasons) push(reason < 0 ? missing_int32 : code_of(reason));
    push(std::int32_t{0});
  }

  [[nodiscard]] std::int32_t code_of(std::int32_t reason) const {
    const std::string& label = reasons_[static_cast<std::size_t>(reason)];
    return static_cast<std::int32_t>(std::ranges::lower_bound(sorted_reasons_, label) - sorted_reasons_.begin());
  }

  const StepContext& step_;
  const CustomerRows& rows_;
  const Glm::Model& model_;
  const ScoreNotes& notes_;
  std::optional<ShardNumericTable> numbers_;
  std::optional<Glm::Scorer> scorer_;
  std::string as_of_;
  std::vector<std::string> reasons_, sorted_reasons_;
  std::vector<std::vector<double>> means_;
  std::vector<std::vector<std::int64_t>> places_;
};

}  // namespace

void write_linear_scores(const StepContext& step, const CustomerRows& rows, const Glm::Model& model,
                         const ScoreNotes& notes) {
  ScoreWriter(step, rows, model, notes).write();
}

}  // namespace cohort
