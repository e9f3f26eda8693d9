// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/linear/design_matrix.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/prediction/judgement.hpp"

namespace cohort {

/// Which rows a model does not learn from, but is judged by. At most one rule; none judges the rows it learned from.
struct Holdout {
  double test_share = 0;    ///< by a hash of the customer's id
  std::int64_t modulo = 0;  ///< ids that leave `remainder`
  std::int64_t remainder = 0;
  std::string column, value;  ///< rows whose column holds the value
  std::string input;          ///< all rows of another step's table

  void describe(Fields& f);
  [[nodiscard]] bool any() const { return test_share > 0 || modulo > 0 || !column.empty(); }  ///< of the own rows
};

/// Whether and how a model is judged by customers that it was not fitted to, all of them in turn.
struct CrossValidateParams {
  std::int64_t n_splits = 0;
  std::string split = "auto", by;

  void describe(Fields& f);
};

/// What every supervised job asks for.
struct TrainingParams {
  std::string input = "dataset";
  std::vector<std::string> features;
  std::string label, positive, weight;
  std::string cluster;  ///< column that names each row's cluster; a job that wants one describes its key
  std::vector<std::string>
      classes;  ///< the label's values, where it is one of several; a job that wants them finds them
  std::int64_t random_state = 0;
  Holdout holdout;
  CrossValidateParams cross_validate;
  bool learning_curve = false, scores = true;
  JudgementParams judgement;

  void describe(Fields& f);
  void check(const ConfigNode& node) const;
};

/// Collective. All values of a label, as text: categories by bytes, numbers ascending. Throws Error(bad_data) where
/// there are fewer than two or more than 100.
[[nodiscard]] std::vector<std::string> classes_of(const CustomerRows& rows, const std::string& label,
                                                  const Context& context);

/// The codes' labels of columns; empty for a column of numbers. Throws Error(bad_config) for a text column.
[[nodiscard]] std::vector<std::vector<std::string>> labels_of(const CustomerRows& rows,
                                                              const std::vector<std::string>& columns);

/// Customers to learn from: features, then `label` (NaN if missing), `weight` (0 for held-out rows) and `held_out` (the
/// weight of held-out rows, 0 for the others) and, where one is asked for,
/// `cluster`.
class TrainingTable final : public NumericTable {
 public:
  /// A classifier's label becomes 1 where it is the positive value and 0 elsewhere; of several classes it becomes the
  /// number of the class. Throws Error(bad_config) for
  /// columns that cannot be what they are asked to be.
  TrainingTable(const TrainingParams& params, const CustomerRows& rows, bool classifier);

  [[nodiscard]] const std::vector<std::string>& columns() const override { return names_; }
  [[nodiscard]] std::int64_t total_rows() const override { return numbers_->total_rows(); }
  [[nodiscard]] std::int64_t block_count() const override { return numbers_->block_count(); }
  [[nodiscard]] std::int64_t block_rows(std::int64_t index) const override { return numbers_->block_rows(index); }
  [[nodiscard]] std::unique_ptr<Reader> reader() const override;

  [[nodiscard]] std::vector<std::string> features() const;
  [[nodiscard]] const std::vector<std::vector<std::string>>& labels() const { return labels_; }
  [[nodiscard]] const std::string& positive() const { return positive_; }  ///< as text
  [[nodiscard]] bool classifies() const { return classifier_; }
  /// How many numbers a model says of a row: the probability of each class, where the label is one of several.
  [[nodiscard]] std::size_t answer_width() const { return params_.classes.empty() ? 1 : params_.classes.size(); }
  [[nodiscard]] std::size_t cluster() const { return cluster_at_ > 0 ? names_.size() - 1 : 0; }  ///< 0: none
  [[nodiscard]] const TrainingParams& params() const { return params_; }

  [[nodiscard]] std::span<const double> label(const NumericBlock& block) const { return block.columns[labels_.size()]; }
  [[nodiscard]] std::span<const double> weight(const NumericBlock& block) const {
    return block.columns[labels_.size() + 1];
  }
  [[nodiscard]] std::span<const double> held_out(const NumericBlock& block) const {
    return block.columns[labels_.size() + 2];
  }

 private:
  class TrainingReader;
  [[nodiscard]] std::vector<std::string> default_features() const;
  void find_positive();
  void find_classes();
  [[nodiscard]] double label_of(double stored) const;

  TrainingParams params_;
  const CustomerRows& rows_;
  bool classifier_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> labels_;  ///< of the features
  std::string positive_;
  double positive_value_ = 1, held_out_value_ = 0;
  std::map<double, double> class_of_;  ///< number of a class, by what is stored
  bool label_is_category_ = false, text_ids_ = false;
  std::size_t weight_at_ = 0, id_at_ = 0, holdout_at_ = 0, cluster_at_ = 0;  ///< among the columns read; 0: not read
  std::unique_ptr<ShardNumericTable> numbers_;  ///< features, label, and what else is needed
};

}  // namespace cohort
