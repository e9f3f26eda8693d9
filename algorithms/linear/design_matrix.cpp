// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/design_matrix.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/statistics/table_pass.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

bool is_used(double weight, double label) {
  return weight > 0 && label == label;
}

/// Features and label with the rows left out as missing, so that whoever reads it learns from the others alone; then
/// all weights.
class UsedRows final : public NumericTable {
 public:
  explicit UsedRows(const LabelledRows& rows) : rows_(rows), names_(rows.table.columns()) {
    names_.resize(rows.features() + 2);
  }

  [[nodiscard]] const std::vector<std::string>& columns() const override { return names_; }
  [[nodiscard]] std::int64_t total_rows() const override { return rows_.table.total_rows(); }
  [[nodiscard]] std::int64_t block_count() const override { return rows_.table.block_count(); }
  [[nodiscard]] std::int64_t block_rows(std::int64_t index) const override { return rows_.table.block_rows(index); }
  [[nodiscard]] std::unique_ptr<Reader> reader() const override { return std::make_unique<UsedReader>(rows_); }

 private:
  class UsedReader final : public Reader {
   public:
    explicit UsedReader(const LabelledRows& rows) : rows_(rows), inner_(rows.table.reader()) {}
    NumericBlock read(std::int64_t index) override {
      NumericBlock block = inner_->read(index);
      const std::span<const double> label = rows_.label(block), weight = rows_.weight(block);
      block.columns.resize(rows_.features() + 2);
      used_.resize(label.size());
      std::transform(label.begin(), label.end(), weight.begin(), used_.begin(),
                     [](double y, double w) { return is_used(w, y) ? 1 : 0; });
      if (std::ranges::count(used_, 0) > 0) leave_out(block);
      return block;
    }

   private:
    void leave_out(NumericBlock& block) {
      columns_.resize(rows_.features() + 1);
      for (std::size_t j = 0; j < columns_.size(); ++j) {
        columns_[j].resize(used_.size());
        std::transform(block.columns[j].begin(), block.columns[j].end(), used_.begin(), columns_[j].begin(),
                       [](double x, std::uint8_t used) { return used != 0 ? x : missing_float64; });
        block.columns[j] = columns_[j];
      }
    }

    const LabelledRows& rows_;
    std::unique_ptr<Reader> inner_;
    std::vector<std::uint8_t> used_;
    std::vector<std::vector<double>> columns_;
  };

  const LabelledRows& rows_;
  std::vector<std::string> names_;
};

/// How often each level of each category is met, feature after feature.
struct Counts {
  std::vector<std::int64_t> levels;
  void parts(Parts& parts) { parts.sum(levels); }
};

/// Collective. A pass over the rows where there are categories.
Counts count_levels(const LabelledRows& rows, const Context& context) {
  std::vector<std::size_t> first{0};
  for (const auto& labels : rows.labels) first.push_back(first.back() + labels.size());
  const Counts identity{.levels = std::vector<std::int64_t>(first.back())};
  if (identity.levels.empty()) return identity;
  return aggregate_table(context, rows.table, identity, [&](Counts& state, const NumericBlock& block) {
    const std::span<const double> label = rows.label(block), weight = rows.weight(block);
    for (std::size_t j = 0; j < rows.features(); ++j) {
      if (rows.labels[j].empty()) continue;
      for (std::size_t i = 0; i < label.size(); ++i) {
        const double code = block.columns[j][i];
        if (is_used(weight[i], label[i]) && code == code) ++state.levels[first[j] + static_cast<std::size_t>(code)];
      }
    }
  });
}

void check_rows(const ColumnMoments& weight, const ColumnMoments& label) {
  if (weight.missing > 0 || weight.min < 0) {
    throw Error(ExitCode::bad_data, "the weight column holds a negative or missing weight",
                "weights are numbers of at least 0; 0 leaves a row out");
  }
  if (label.count == 0) {
    throw Error(ExitCode::bad_data, "no row has a label and a positive weight: there is nothing to learn from",
                "look at label, weight and holdout");
  }
}

/// Learns the design of one feature after the other.
class DesignBuilder {
 public:
  DesignBuilder(const DesignMatrix::Params& params, const LabelledRows& rows, std::int64_t used)
      : params_(params), rows_(rows), used_(used) {}

  void add(std::size_t j, const ColumnMoments& moments, std::span<const std::int64_t> counts) {
    const std::string& name = rows_.table.columns()[j];
    const std::int64_t missing = used_ - moments.count;
    if (moments.count == 0) {
      throw Error(ExitCode::bad_data, fmt::format("column {} is missing for all {} customers", name, used_),
                  "leave it out of features");
    }
    if (missing > 0 && params_.impute == "none") {
      throw Error(ExitCode::bad_data, fmt::format("column {} is missing for {} of {} customers", name, missing, used_),
                  "set impute: mean or impute: constant, or leave the column out of features");
    }
    DesignMatrix::Feature feature{.name = name, .categorical = rows_.labels[j].empty() ? 0 : 1};
    feature.fills = params_.impute == "none" ? 0 : 1;
    design.features.push_back(std::move(feature));
    if (rows_.labels[j].empty()) {
      add_number(moments, missing);
    } else {
      add_category(j, counts, missing);
    }
  }

  DesignMatrix design;

 private:
  void add_number(const ColumnMoments& moments, std::int64_t missing) {
    DesignMatrix::Feature& feature = design.features.back();
    feature.fill = params_.impute == "constant" ? params_.fill_value : moments.mean;
    const auto all = static_cast<double>(used_), filled = static_cast<double>(missing);
    const double distance = feature.fill - moments.mean;
    const double mean = moments.mean + distance * (filled / all);
    const double squares = moments.squares + static_cast<double>(moments.count) * (filled / all) * distance * distance;
    double low = moments.min, high = moments.max;
    if (missing > 0) {
      low = std::min(low, feature.fill);
      high = std::max(high, feature.fill);
    }
    add_term(feature.name, -1, mean, std::sqrt(squares / all), low, high);
  }

  void add_category(std::size_t j, std::span<const std::int64_t> counts, std::int64_t missing) {
    std::vector<std::int64_t> met;
    std::vector<std::string>& levels = design.features.back().levels;
    for (std::size_t code = 0; code < counts.size(); ++code) {
      if (counts[code] == 0) continue;
      levels.push_back(rows_.labels[j][code]);
      met.push_back(counts[code]);
    }
    if (missing > 0) {
      levels.emplace_back(DesignMatrix::missing_level);
      met.push_back(missing);
    }
    const std::string name = design.features.back().name;
    for (std::size_t level = params_.drop_first ? 1 : 0; level < met.size(); ++level) {
      const double share = static_cast<double>(met[level]) / static_cast<double>(used_);
      add_term(name + "=" + levels[level], static_cast<std::int64_t>(level), share, std::sqrt(share * (1 - share)),
               share < 1 ? 0 : 1, 1);
    }
  }

  void add_term(std::string name, std::int64_t level, double mean, double sd, double low, double high) {
    design.terms.push_back({.name = std::move(name),
                            .feature = std::ssize(design.features) - 1,
                            .level = level,
                            .mean = mean,
                            .sd = low < high ? sd : 0,
                            .reach = sd > 0 ? std::max(high - mean, mean - low) / sd : 0});
  }

  const DesignMatrix::Params& params_;
  const LabelledRows& rows_;
  std::int64_t used_;
};

}  // namespace

void DesignMatrix::Params::describe(Fields& f) {
  f({.name = "scale",
     .text = "What the penalty sees: the columns as they are, or divided by their standard deviations",
     .choices = {"none", "standard"}},
    scale);
  f({.name = "drop_first", .text = "Leave out the first level of each category, against which the others count"},
    drop_first);
  f({.name = "impute",
     .text = "For missing values: none is an error; else numbers become the mean or fill_value, and a missing "
             "category a level of its own",
     .choices = {"none", "mean", "constant"}},
    impute);
  f({.name = "fill_value", .text = "What impute: constant puts in"}, fill_value);
  f({.name = "unseen",
     .text = "A category that was not met while learning: counts as the reference level, or is an error",
     .choices = {"reference", "error"}},
    unseen);
}

FittedDesign fit_design(const DesignMatrix::Params& params, const LabelledRows& rows, const Context& context) {
  const Counts counts = count_levels(rows, context);
  const std::vector<ColumnMoments> moments = moments_of(UsedRows(rows), context);
  const ColumnMoments &label = moments[rows.features()], &weight = moments[rows.features() + 1];
  check_rows(weight, label);
  DesignBuilder builder(params, rows, label.count);
  std::size_t first = 0;
  for (std::size_t j = 0; j < rows.features(); ++j) {
    const std::size_t codes = rows.labels[j].size();
    builder.add(j, moments[j], std::span(counts.levels).subspan(first, codes));
    first += codes;
  }
  builder.design.refuses_unseen = params.unseen == "error" ? 1 : 0;
  return {.design = std::move(builder.design), .label = label, .largest_weight = weight.max};
}

}  // namespace cohort
