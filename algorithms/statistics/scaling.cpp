// SPDX-License-Identifier: Apache-2.0
#include "algorithms/statistics/scaling.hpp"

#include <algorithm>
#include <utility>

#include "algorithms/statistics/quantiles.hpp"
#include "core/elementary.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += " " + name;
  return text;
}

/// The logarithms that the parameters ask for, nothing shifted yet.
Scaling logarithms(const Scaling::Params& params, const std::vector<std::string>& features) {
  const bool all = contains(params.log1p, "all");
  if (!all) static_cast<void>(positions_of(params.log1p, features));
  Scaling scaling;
  for (const std::string& name : features) {
    scaling.columns.push_back({.name = name, .log1p = all || contains(params.log1p, name) ? 1 : 0});
  }
  return scaling;
}

/// The moments of (x - shift) / divisor from those of x.
ColumnMoments moments_after(const ColumnMoments& moments, double shift, double divisor) {
  ColumnMoments result = moments;
  result.min = (moments.min - shift) / divisor;
  result.max = (moments.max - shift) / divisor;
  result.mean = (moments.mean - shift) / divisor;
  result.squares = moments.squares / divisor / divisor;
  return result;
}

}  // namespace

void Scaling::Params::describe(Fields& fields) {
  fields({.name = "scale",
          .text = "Units in which distances are measured: as they are, (x - mean) / population standard deviation, or "
                  "(x - median) / interquartile range",
          .choices = {"none", "standard", "robust"}},
         scale);
  fields({.name = "log1p", .text = "Columns replaced by ln(1 + x) before scaling; [all] for all of them"}, log1p);
}

double Scaling::Column::apply(double x) const {
  if (log1p != 0) {
    if (x < 0) {
      throw Error(ExitCode::bad_data, fmt::format("log1p of column {} meets the negative value {}", name, x),
                  "take the column out of log1p, or clean its negative values");
    }
    x = cohort::log1p(x);
  }
  return (x - shift) / divisor;
}

double Scaling::Column::invert(double z) const {
  const double x = z * divisor + shift;
  return log1p != 0 ? exp(x) - 1 : x;
}

std::vector<std::size_t> positions_of(const std::vector<std::string>& names, const std::vector<std::string>& columns) {
  std::vector<std::size_t> positions;
  for (const std::string& name : names) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) {
      throw Error(ExitCode::bad_config, fmt::format("there is no column {}", name), "choose among:" + listed(columns));
    }
    positions.push_back(static_cast<std::size_t>(found - columns.begin()));
  }
  return positions;
}

FittedScaling fit_scaling(const Scaling::Params& params, const std::vector<std::string>& features,
                          const NumericTable& table, const Context& context) {
  FittedScaling fitted{logarithms(params, features.empty() ? table.columns() : features), {}};
  const ScaledTable logarithmic(table, fitted.scaling);
  fitted.moments = moments_of(logarithmic, context);
  std::vector<std::vector<double>> quartiles;
  if (params.scale == "robust") quartiles = quantiles_of(logarithmic, {0.25, 0.5, 0.75}, context);
  for (std::size_t j = 0; j < fitted.moments.size(); ++j) {
    const ColumnMoments& moments = fitted.moments[j];
    Scaling::Column& column = fitted.scaling.columns[j];
    column.shift = quartiles.empty() ? moments.mean : quartiles[j][1];
    if (params.scale == "standard") column.divisor = moments.population_sd();
    if (params.scale == "robust") column.divisor = quartiles[j][2] - quartiles[j][0];
    if (!(column.divisor > 0)) column.divisor = 1;
    fitted.moments[j] = moments_after(moments, column.shift, column.divisor);
  }
  return fitted;
}

/// Reads a block of the underlying table and scales its columns into buffers of its own.
class ScaledTable::ScalingReader : public NumericTable::Reader {
 public:
  explicit ScalingReader(const ScaledTable& scaled)
      : scaled_(scaled), reader_(scaled.table_.reader()), buffers_(scaled.positions_.size()) {}

  NumericBlock read(std::int64_t index) override {
    const NumericBlock block = reader_->read(index);
    NumericBlock result{.first_row = block.first_row, .rows = block.rows, .columns = {}};
    for (std::size_t j = 0; j < buffers_.size(); ++j) {
      const Scaling::Column& column = scaled_.scaling_.columns[j];
      const std::span<const double> values = block.columns[scaled_.positions_[j]];
      buffers_[j].resize(values.size());
      std::transform(values.begin(), values.end(), buffers_[j].begin(), [&](double x) { return column.apply(x); });
      result.columns.emplace_back(buffers_[j]);
    }
    return result;
  }

 private:
  const ScaledTable& scaled_;
  std::unique_ptr<Reader> reader_;
  std::vector<std::vector<double>> buffers_;
};

ScaledTable::ScaledTable(const NumericTable& table, const Scaling& scaling) : table_(table), scaling_(scaling) {
  for (const Scaling::Column& column : scaling.columns) names_.push_back(column.name);
  positions_ = positions_of(names_, table.columns());
}

std::unique_ptr<NumericTable::Reader> ScaledTable::reader() const {
  return std::make_unique<ScalingReader>(*this);
}

}  // namespace cohort
