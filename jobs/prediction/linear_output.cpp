// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/linear_output.hpp"

#include <cmath>

#include "algorithms/linear/linear_inference.hpp"
#include "core/elementary.hpp"
#include "jobs/prediction/judgement.hpp"

namespace cohort {
std::string_view coefficient_note(std::int64_t verdict) {
  switch (static_cast<Glm::Verdict>(verdict)) {
    case Glm::Verdict::estimated: return "";
    case Glm::Verdict::constant: return "left out: the same for all rows";
    case Glm::Verdict::collinear: return "left out: follows from the terms above";
    case Glm::Verdict::separated: return "separates the classes, or its rows' labels are all 0: no finite optimum";
    case Glm::Verdict::offset: return "offset: 1 by definition";
    case Glm::Verdict::zero: return "0 by the penalty";
  }
  return "";
}

ResultTable coefficients_table(const Glm::Model& model) {
  ResultTable table{
      .name = "coefficients",
      .title = "Coefficients in the units of the columns, with 95 % intervals",
      .columns = {"term", "coefficient", "standard_error", "statistic", "p_value", "low", "high", "vif", "note"},
      .rows = {}};
  const double half = interval_half_width(model.freedom);
  for (std::size_t j = 0; j < model.coefficients.size(); ++j) {
    const double value = model.coefficients[j], error = model.standard_errors[j];
    const std::string term = j == 0 ? "(intercept)" : model.design.terms[j - 1].name;
    const bool given = error > 0;
    table.rows.push_back({term, value, number_or_null(error), given ? number_or_null(value / error) : nullptr,
                          given ? number_or_null(two_sided_p(value / error, model.freedom)) : nullptr,
                          number_or_null(value - half * error), number_or_null(value + half * error),
                          number_or_null(model.vif[j]), coefficient_note(model.verdicts[j])});
  }
  table.chart = {{"type", "interval"}, {"x", "term"}, {"y", {"coefficient", "low", "high"}}};
  return table;
}

ResultTable epochs_table(const Glm::Model& model) {
  ResultTable table{.name = "epochs",
                    .title = "Stochastic gradient descent, epoch by epoch",
                    .columns = {"epoch", "objective", "learning_rate"},
                    .rows = {}};
  for (std::size_t epoch = 0; epoch < model.epochs.size(); ++epoch) {
    table.rows.push_back({epoch + 1, number_or_null(model.epochs[epoch].loss), model.epochs[epoch].learning_rate});
  }
  table.chart = {{"type", "line"}, {"x", "epoch"}, {"y", {"objective"}}};
  return table;
}

ResultTable path_table(const ElasticPath& path) {
  constexpr std::size_t most_terms = 20;
  std::vector<std::size_t> shown;  // the first to come in, and in the table's order
  for (const ElasticPath::Point& point : path.points) {
    for (std::size_t j = 0; j < path.terms.size() && shown.size() < most_terms; ++j) {
      if (point.coefficients[j] != 0 && std::ranges::count(shown, j) == 0) shown.push_back(j);
    }
  }
  std::ranges::sort(shown);
  ResultTable table{.name = "path",
                    .title = "Path: coefficients as the penalty falls",
                    .columns = {"log10_alpha", "alpha", "terms", "objective", "duality_gap", "r2"},
                    .rows = {}};
  Json lines = Json::array();
  for (const std::size_t j : shown) {
    table.columns.push_back(path.terms[j]);
    lines.push_back(path.terms[j]);
  }
  for (const ElasticPath::Point& point : path.points) {
    std::vector<Json>& row = table.rows.emplace_back();
    row = {cohort::log(point.alpha) / cohort::log(10),
           point.alpha,
           point.nonzero,
           point.objective,
           std::max(point.gap, 0.0),
           point.r2};
    for (const std::size_t j : shown) row.emplace_back(point.coefficients[j]);
  }
  table.chart = {{"type", "line"}, {"x", "log10_alpha"}, {"y", lines}};
  return table;
}

}  // namespace cohort
