// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <optional>

#include "algorithms/features/features_date.hpp"
#include "algorithms/statistics/table_pass.hpp"
#include "core/collectively.hpp"
#include "jobs/prediction/class_columns.hpp"
#include "jobs/prediction/loaded_model.hpp"
#include "jobs/prediction/scored_table.hpp"
#include "jobs/prediction/softmax_job.hpp"

namespace cohort {
namespace {

class ClassScoreWriter {
 public:
  ClassScoreWriter(const StepContext& step, const CustomerRows& rows, const Softmax::Model& model,
                   const std::string& model_id)
      : step_(step), rows_(rows), classes_(model.classes.size()) {
    const std::vector<std::string> features = model.design.columns();
    collectively(step.context.comm, [&] { check_columns(rows, features); });
    numbers_.emplace(rows.numbers(step.context.comm, features));
    collectively(step.context.comm, [&] { scorer_.emplace(model, features, labels_of(rows, features)); });
    as_of_ = rows.manifest->lineage.value("as_of", "");
    const LabelCodes classes(model.classes), reasons(LinearReasons::labels(model.design));
    class_codes_ = classes.codes;
    reason_codes_ = reasons.codes;
    dictionaries_.push_back({.name = "prediction", .labels = classes.sorted});
    for (std::size_t i = 1; i <= LinearReasons::most; ++i) {
      dictionaries_.push_back({.name = fmt::format("reason_{}", i), .labels = reasons.sorted});
    }
    dictionaries_.push_back({.name = "model_id", .labels = {model_id}});
    name_columns(model.classes);
  }

  /// Collective.
  void write() const {
    write_scored_table(step_, rows_, columns_, dictionaries_,
                       [this](std::int64_t begin, std::int64_t end) { return scores_of(begin, end); });
  }

 private:
  void name_columns(const std::vector<std::string>& classes) {
    if (!as_of_.empty()) columns_.push_back({.name = "as_of", .type = ColumnType::date});
    columns_.push_back({.name = "prediction", .type = ColumnType::category});
    columns_.push_back({.name = "probability", .type = ColumnType::float64});
    std::ranges::copy(probability_columns(classes), std::back_inserter(columns_));
    for (std::size_t i = 1; i <= LinearReasons::most; ++i) {
      columns_.push_back({.name = fmt::format("reason_{}", i), .type = ColumnType::category});
    }
    columns_.push_back({.name = "model_id", .type = ColumnType::category});
  }

  [[nodiscard]] std::vector<ColumnData> scores_of(std::int64_t begin, std::int64_t end) const {
    std::vector<ColumnData> columns;
    for (const Column& column : columns_) {
      columns.push_back({column, {}});
      if (column.type == ColumnType::float64) {
        columns.back().values = std::vector<double>{};
      } else {
        columns.back().values = std::vector<std::int32_t>{};
      }
    }
    const std::unique_ptr<NumericTable::Reader> reader = numbers_->reader();
    for (std::int64_t b = begin; b < end; ++b) {
      const Softmax::Scorer::Scores scores = scorer_->explain(reader->read(b));
      for (std::size_t i = 0; i < scores.reasons.size(); ++i) {
        append_row(std::span(scores.probabilities).subspan(i * classes_, classes_), scores.reasons[i], columns);
      }
    }
    return columns;
  }

  void append_row(std::span<const double> probabilities, const LinearReasons::OfRow& reasons,
                  std::vector<ColumnData>& columns) const {
    auto column = columns.begin();
    const auto push = [&]<class T>(T value) { std::get<std::vector<T>>((column++)->values).push_back(value); };
    const std::size_t predicted = Softmax::Scorer::most_probable(probabilities);
    if (!as_of_.empty()) push(date_from_iso(as_of_, "as_of"));
    push(class_codes_[predicted]);
    push(probabilities[predicted]);
    for (const double probability : probabilities) push(probability);
    for (const std::int32_t reason : reasons) {
      push(reason < 0 ? missing_int32 : reason_codes_[static_cast<std::size_t>(reason)]);
    }
    push(std::int32_t{0});
  }

  const StepContext& step_;
  const CustomerRows& rows_;
  std::size_t classes_;
  std::optional<ShardNumericTable> numbers_;
  std::optional<Softmax::Scorer> scorer_;
  std::string as_of_;
  std::vector<Column> columns_;  ///< after the id
  std::vector<Dictionary> dictionaries_;
  std::vector<std::int32_t> class_codes_, reason_codes_;
};

}  // namespace

void write_class_scores(const StepContext& step, const CustomerRows& rows, const Softmax::Model& model,
                        const std::string& model_id) {
  ClassScoreWriter(step, rows, model, model_id).write();
}

}  // namespace cohort
