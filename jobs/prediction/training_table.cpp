// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/training_table.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "algorithms/statistics/table_pass.hpp"
#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/gather.hpp"
#include "core/random.hpp"
#include "core/shard_hash.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/shard_reader.hpp"

namespace cohort {
namespace {

constexpr const char* id_column = "customer_id";

const Column& column_of(const CustomerRows& rows, const std::string& name) {
  return rows.schema().columns[column_index(rows.schema(), name)];
}

/// A number a user wrote as a value of a column.
double number_from(const std::string& text, const std::string& column) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  if (text == "true" || text == "false") return text == "true" ? 1 : 0;
  throw Error(ExitCode::bad_config, fmt::format("column {} holds numbers, and '{}' is none", column, text),
              "give a number");
}

/// The code of a label, or the number that a value of a column is stored as.
double stored_value(const CustomerRows& rows, const std::string& column, const std::string& value) {
  const std::vector<std::string> labels = labels_of(rows, {column}).front();
  if (labels.empty()) return number_from(value, column);
  const auto found = std::ranges::find(labels, value);
  if (found != labels.end()) return static_cast<double>(found - labels.begin());
  throw Error(ExitCode::bad_config, fmt::format("column {} has no value '{}'", column, value),
              fmt::format("its values are: {}", fmt::join(labels, ", ")));
}

}  // namespace

void Holdout::describe(Fields& f) {
  f({.name = "test_share", .text = "Share of the customers held out, drawn by a hash of their ids", .range = {0, 0.99}},
    test_share);
  f({.name = "modulo",
     .text = "Hold out the customers whose number leaves `remainder` when divided by this",
     .range = {0, 1e9}},
    modulo);
  f({.name = "remainder", .text = "See modulo", .range = {0, 1e9}}, remainder);
  f({.name = "column", .text = "Hold out the customers for whom this column holds `value`"}, column);
  f({.name = "value", .text = "See column"}, value);
  f({.name = "input", .text = "Judge by all rows of another step's table, as of a later date: a split by time"}, input);
}

void CrossValidateParams::describe(Fields& f) {
  f({.name = "n_splits",
     .text = "Folds; 0: no cross-validation",
     .range = {0, 1000},
     .aliases = {"cv", "nfolds", "numFolds"}},
    n_splits);
  f({.name = "split",
     .text = "How customers are dealt out: by a hash of their ids (stratified: in each class apart), by a hash of "
             "the values of a group, or in order of time, each fold judged by what came before it; auto is stratified "
             "for classifiers and kfold for numbers",
     .choices = {"auto", "kfold", "stratified", "group", "time"}},
    split);
  f({.name = "by", .text = "Column of the groups or times"}, by);
}

void TrainingParams::describe(Fields& f) {
  f({.name = "input",
     .text = "Rows to learn from: 'dataset' for the customers table, the id of an earlier step that left a table, or a "
             "folder"},
    input);
  f({.name = "features",
     .text = "Columns to learn from; default: all numbers and categories",
     .aliases = {"featuresCol", "x"}},
    features);
  f({.name = "label", .text = "Column to predict", .aliases = {"labelCol", "y"}, .required = true}, label);
  f({.name = "weight", .text = "Column of row weights; 0 leaves a row out", .aliases = {"weightCol"}}, weight);
  f({.name = "holdout", .text = "Rows to judge the model by; default: the rows it learned from"}, holdout);
  f({.name = "cross_validate",
     .text =
         "Judges the kind of model by fits to all folds but one: out-of-fold predictions, means and standard errors"},
    cross_validate);
  f({.name = "learning_curve", .text = "Fits the model to shares of the rows, and tells what more of them would bring"},
    learning_curve);
  judgement.describe(f);
  f({.name = "scores", .text = "Score every customer of the table learned from, as a table and as scores.csv"}, scores);
  f({.name = "random_state", .text = "Seed of the draw; 0: the job's", .aliases = {"seed"}}, random_state);
}

void TrainingParams::check(const ConfigNode& node) const {
  const int rules = (holdout.test_share > 0 ? 1 : 0) + (holdout.modulo > 0 ? 1 : 0) + (holdout.column.empty() ? 0 : 1) +
                    (holdout.input.empty() ? 0 : 1);
  if (rules > 1) throw node.error("holdout has more than one rule", "keep one of test_share, modulo, column and input");
  const bool by_column = cross_validate.split == "group" || cross_validate.split == "time";
  if (cross_validate.n_splits == 1) throw node.error("cross_validate.n_splits is 1", "take 2 or more, or 0 for none");
  if (cross_validate.n_splits > 0 && by_column == cross_validate.by.empty()) {
    throw node.error(fmt::format("cross_validate.split: {} {} a column", cross_validate.split,
                                 by_column ? "needs" : "does not take"),
                     by_column ? "name it in cross_validate.by" : "leave by out, or use group or time");
  }
  if (learning_curve && rules == 0) throw node.error("learning_curve needs rows to judge by", "set holdout");
}

std::vector<std::vector<std::string>> labels_of(const CustomerRows& rows, const std::vector<std::string>& columns) {
  std::vector<std::vector<std::string>> labels;
  for (const std::string& name : columns) {
    const Column& column = column_of(rows, name);
    if (column.type == ColumnType::text) {
      throw Error(ExitCode::bad_config, fmt::format("column {} holds text", name),
                  "ingest it as a category, or leave it out of features");
    }
    labels.emplace_back();
    if (column.type == ColumnType::category)
      labels.back() = read_dictionary(*rows.manifest, rows.folder.string(), name).labels;
  }
  return labels;
}

std::vector<std::string> classes_of(const CustomerRows& rows, const std::string& label, const Context& context) {
  constexpr std::size_t most = 100;
  const std::vector<std::string> labels =
      made_collectively(context.comm, [&] { return labels_of(rows, {label}).front(); });
  const ShardNumericTable column = rows.numbers(context.comm, {label});
  std::vector<std::set<double>> met(static_cast<std::size_t>(context.threads));
  collectively(context.comm, [&] {
    Readers readers(column, context.threads);
    parallel_for(context.threads, column.block_count(), [&](int worker, std::int64_t index) {
      std::set<double>& mine = met[static_cast<std::size_t>(worker)];
      const NumericBlock block = readers.read(worker, index);
      for (const double value : block.columns[0]) {
        if (value == value && mine.size() <= most) mine.insert(value);
      }
    });
  });
  std::vector<double> mine;
  for (const std::set<double>& of_worker : met) mine.insert(mine.end(), of_worker.begin(), of_worker.end());
  std::vector<double> all;
  for (const Bytes& bytes : context.comm.all_gather(to_bytes(std::span<const double>(mine)))) {
    append_values(bytes, all);
  }
  const std::set<double> values(all.begin(), all.end());
  if (values.size() < 2 || values.size() > most) {
    throw Error(ExitCode::bad_data,
                fmt::format("label {} has {} values", label,
                            values.size() > most ? "more than 100" : fmt::format("{}", values.size())),
                values.size() < 2 ? "a classifier needs two classes or more"
                                  : "predict a number by the linear job, or make fewer classes");
  }
  std::vector<std::string> classes;
  for (const double value : values) {
    classes.push_back(labels.empty() ? fmt::format("{}", value) : labels[static_cast<std::size_t>(value)]);
  }
  if (!labels.empty()) std::ranges::sort(classes);
  return classes;
}

std::vector<std::string> TrainingTable::default_features() const {
  const std::vector<std::string> numbers = rows_.numeric_columns();
  std::vector<std::string> names;
  for (const Column& column : rows_.schema().columns) {
    const bool usable = column.type == ColumnType::category || std::ranges::count(numbers, column.name) > 0;
    const bool taken = column.name == params_.label || column.name == params_.weight ||
                       column.name == params_.cluster || column.name == params_.holdout.column ||
                       column.name == params_.cross_validate.by;
    if (usable && !taken && column.name != id_column) names.push_back(column.name);
  }
  return names;
}

void TrainingTable::find_positive() {
  if (!params_.classes.empty()) return find_classes();
  const std::vector<std::string> values = labels_of(rows_, {params_.label}).front();
  label_is_category_ = !values.empty();
  if (!classifier_) {
    if (!label_is_category_) return;
    throw Error(ExitCode::bad_config, fmt::format("label {} is a category, not a number", params_.label),
                values.size() > 2 ? "use the softmax or the logistic job, or another label"
                                  : "use the logistic job, or another label");
  }
  positive_ = params_.positive;
  if (positive_.empty() && values.size() > 2) {
    throw Error(ExitCode::bad_config, fmt::format("label {} has {} values", params_.label, values.size()),
                fmt::format("set positive to the one to predict, of: {}", fmt::join(values, ", ")));
  }
  if (positive_.empty()) positive_ = values.empty() ? "1" : values.back();
  positive_value_ = stored_value(rows_, params_.label, positive_);
}

void TrainingTable::find_classes() {
  const std::vector<std::string> values = labels_of(rows_, {params_.label}).front();
  for (std::size_t k = 0; k < params_.classes.size(); ++k) {
    if (values.empty()) {
      class_of_[number_from(params_.classes[k], params_.label)] = static_cast<double>(k);
      continue;
    }
    const auto found = std::ranges::find(values, params_.classes[k]);  // other data need not have all
    if (found != values.end()) class_of_[static_cast<double>(found - values.begin())] = static_cast<double>(k);
  }
}

TrainingTable::TrainingTable(const TrainingParams& params, const CustomerRows& rows, bool classifier)
    : params_(params), rows_(rows), classifier_(classifier) {
  if (params_.features.empty()) params_.features = default_features();
  if (std::ranges::count(params_.features, params_.label) > 0) {
    throw Error(ExitCode::bad_config, fmt::format("label {} is among the features", params_.label),
                "leave it out of features");
  }
  names_ = params_.features;
  labels_ = labels_of(rows, names_);
  std::vector<std::string> read = names_;
  read.push_back(params_.label);
  find_positive();
  const auto also_read = [&](const std::string& name, std::size_t& at) {
    at = read.size();
    read.push_back(name);
  };
  if (!params_.weight.empty()) also_read(params_.weight, weight_at_);
  if (!params_.cluster.empty()) also_read(params_.cluster, cluster_at_);
  if (!params_.holdout.column.empty()) {
    also_read(params_.holdout.column, holdout_at_);
    held_out_value_ = stored_value(rows, params_.holdout.column, params_.holdout.value);
  }
  text_ids_ = column_of(rows, id_column).type == ColumnType::text;
  if (params_.holdout.modulo > 0 && text_ids_) {
    throw Error(ExitCode::bad_config, "holdout.modulo needs customers with numbers, and these have text",
                "use holdout.test_share, or map customer: $row");
  }
  if (!text_ids_ && (params_.holdout.modulo > 0 || params_.holdout.test_share > 0)) also_read(id_column, id_at_);
  for (const char* name : {"label", "weight", "held_out"}) names_.emplace_back(name);
  if (cluster_at_ > 0) names_.emplace_back("cluster");
  numbers_ = std::make_unique<ShardNumericTable>(*rows.manifest, rows.folder.string(), rows.shards, read);
}

std::vector<std::string> TrainingTable::features() const {
  return {names_.begin(), names_.begin() + std::ssize(labels_)};
}

double TrainingTable::label_of(double stored) const {
  if (!params_.classes.empty() && stored == stored) {
    const auto found = class_of_.find(stored);
    if (found != class_of_.end()) return found->second;
    throw Error(ExitCode::bad_data, fmt::format("label {} has a value that the model does not know", params_.label),
                fmt::format("its classes are: {}", fmt::join(params_.classes, ", ")));
  }
  if (!classifier_ || stored != stored) return stored;
  if (!label_is_category_ && params_.positive.empty() && stored != 0 && stored != 1) {
    throw Error(ExitCode::bad_data, fmt::format("label {} holds {}, which is neither 0 nor 1", params_.label, stored),
                "set positive to the value to predict, or use the linear job");
  }
  return stored == positive_value_ ? 1 : 0;
}

class TrainingTable::TrainingReader final : public NumericTable::Reader {
 public:
  explicit TrainingReader(const TrainingTable& table) : table_(table), inner_(table.numbers_->reader()) {}

  NumericBlock read(std::int64_t index) override {
    const NumericBlock read = inner_->read(index);
    const std::size_t features = table_.labels_.size();
    NumericBlock block{.first_row = read.first_row, .rows = read.rows, .columns = {}};
    block.columns.assign(read.columns.begin(), read.columns.begin() + static_cast<std::ptrdiff_t>(features));
    for (std::vector<double>* made : {&label_, &weight_, &held_out_}) {
      made->resize(static_cast<std::size_t>(read.rows));
      block.columns.emplace_back(*made);
    }
    if (table_.cluster_at_ > 0) block.columns.push_back(read.columns[table_.cluster_at_]);
    for (std::size_t i = 0; i < label_.size(); ++i) {
      label_[i] = table_.label_of(read.columns[features][i]);
      const double weight = table_.weight_at_ > 0 ? read.columns[table_.weight_at_][i] : 1;
      const bool held_out = is_held_out(read, i);
      held_out_[i] = held_out ? weight : 0;
      weight_[i] = held_out ? 0 : weight;
    }
    return block;
  }

 private:
  bool is_held_out(const NumericBlock& read, std::size_t i) {
    const Holdout& rule = table_.params_.holdout;
    if (rule.modulo > 0) {
      return static_cast<std::int64_t>(read.columns[table_.id_at_][i]) % rule.modulo == rule.remainder;
    }
    if (!rule.column.empty()) return read.columns[table_.holdout_at_][i] == table_.held_out_value_;
    if (rule.test_share == 0) return false;
    const std::uint64_t item =
        table_.text_ids_ ? hash_of_text(read.first_row + static_cast<std::int64_t>(i))
                         : static_cast<std::uint64_t>(static_cast<std::int64_t>(read.columns[table_.id_at_][i]));
    RandomStream stream(static_cast<std::uint64_t>(table_.params_.random_state), "hold-out", item);
    return stream.uniform() < rule.test_share;
  }

  /// Of the id of a row of the dataset; its shard's ids are kept until another shard is asked for.
  std::uint64_t hash_of_text(std::int64_t row) {
    const Manifest& manifest = *table_.rows_.manifest;
    while (row < shard_begin_ || row >= shard_end_) {
      shard_ = row < shard_begin_ ? 0 : shard_ + 1;
      shard_begin_ = shard_ == 0 ? 0 : shard_end_;
      shard_end_ = shard_begin_ + manifest.shards[shard_].tables.front().rows;
      ids_.reset();
    }
    if (!ids_) {
      ids_ =
          std::get<TextValues>(read_column(manifest, table_.rows_.folder.string(), shard_, customers_table, id_column));
    }
    const std::string_view id = (*ids_)[static_cast<std::size_t>(row - shard_begin_)];
    return XXH3_64bits(id.data(), id.size());
  }

  const TrainingTable& table_;
  std::unique_ptr<Reader> inner_;
  std::vector<double> label_, weight_, held_out_;
  std::size_t shard_ = static_cast<std::size_t>(-1);
  std::int64_t shard_begin_ = 0, shard_end_ = 0;
  std::optional<TextValues> ids_;
};

std::unique_ptr<NumericTable::Reader> TrainingTable::reader() const {
  return std::make_unique<TrainingReader>(*this);
}

}  // namespace cohort
