// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/own_units.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace cohort {

std::vector<double> own_units(const DesignMatrix& design, std::span<const double> standardised) {
  std::vector<double> result(standardised.begin(), standardised.end());
  for (std::size_t j = 1; j < result.size(); ++j) {
    const DesignMatrix::Term& term = design.terms[j - 1];
    if (term.sd > 0) result[j] /= term.sd;
    result[0] -= result[j] * term.mean;
  }
  return result;
}

std::vector<double> own_unit_errors(const DesignMatrix& design, const Matrix& covariance, std::size_t first,
                                    std::span<const std::uint8_t> given) {
  std::vector<double> errors(given.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<double> shift(given.size());  // the intercept in columns' units is this times the standardised ones
  shift[0] = 1;
  const auto row = [&](std::size_t j) {
    return covariance.row(static_cast<std::int64_t>(first + j)).subspan(first, given.size());
  };
  for (std::size_t j = 1; j < given.size(); ++j) {
    if (given[j] == 0) continue;
    const DesignMatrix::Term& term = design.terms[j - 1];
    shift[j] = -term.mean / term.sd;
    errors[j] = std::sqrt(row(j)[j]) / term.sd;
  }
  if (given[0] == 0) return errors;
  double variance = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::span<const double> of_row = row(i);
    variance += shift[i] * std::inner_product(of_row.begin(), of_row.end(), shift.begin(), 0.0);
  }
  errors[0] = std::sqrt(variance);
  return errors;
}

std::vector<std::uint8_t> where_zero(std::span<const std::int64_t> verdicts) {
  std::vector<std::uint8_t> result;
  for (const std::int64_t verdict : verdicts) result.push_back(verdict == 0 ? 1 : 0);
  return result;
}

}  // namespace cohort
