// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/linear_output.hpp"

#include <cmath>

#include "algorithms/linear/linear_inference.hpp"
#include "jobs/prediction/judgement.hpp"

namespace cohort {
namespace {

std::string_view words_of(std::int64_t verdict) {
  switch (static_cast<Glm::Verdict>(verdict)) {
    case Glm::Verdict::estimated: return "";
    case Glm::Verdict::constant: return "left out: the same for all rows";
    case Glm::Verdict::collinear: return "left out: follows from the terms above";
    case Glm::Verdict::separated: return "separates the classes: no finite optimum";
  }
  return "";
}

}  // namespace

ResultTable coefficients_table(const Glm::Model& model) {
  ResultTable table{.name = "coefficients",
                    .title = "Coefficients in the units of the columns, with 95 % intervals",
                    .columns = {"term", "coefficient", "standard_error", "statistic", "p_value", "low", "high", "note"},
                    .rows = {}};
  const double half = interval_half_width(model.freedom);
  for (std::size_t j = 0; j < model.coefficients.size(); ++j) {
    const double value = model.coefficients[j], error = model.standard_errors[j];
    const std::string term = j == 0 ? "(intercept)" : model.design.terms[j - 1].name;
    const bool given = error > 0;
    table.rows.push_back({term, value, number_or_null(error), given ? number_or_null(value / error) : nullptr,
                          given ? number_or_null(two_sided_p(value / error, model.freedom)) : nullptr,
                          number_or_null(value - half * error), number_or_null(value + half * error),
                          words_of(model.verdicts[j])});
  }
  table.chart = {{"type", "bar"}, {"x", "term"}, {"y", {"coefficient"}}};
  return table;
}

}  // namespace cohort
