// SPDX-License-Identifier: Apache-2.0
#include "algorithms/segments/rfm.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "algorithms/statistics/quantiles.hpp"
#include "algorithms/statistics/scaling.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

enum Segment : std::int32_t {
  champions,
  loyal,
  potential_loyalist,
  new_customers,
  promising,
  need_attention,
  about_to_sleep,
  at_risk,
  cannot_lose_them,
  hibernating,
  lost,
};

/// Segment by recency score (rows, 1 to 5) and the rounded mean of frequency and monetary scores (columns, 1 to 5).
constexpr std::array<std::array<Segment, 5>, 5> segment_of = {{
    {lost, hibernating, at_risk, at_risk, cannot_lose_them},
    {hibernating, hibernating, at_risk, at_risk, cannot_lose_them},
    {about_to_sleep, about_to_sleep, need_attention, loyal, loyal},
    {promising, potential_loyalist, potential_loyalist, loyal, loyal},
    {new_customers, potential_loyalist, potential_loyalist, champions, champions},
}};

constexpr std::array tier_probabilities = {0.5, 0.8, 0.95};

/// How many cuts lie below x.
std::int32_t cuts_below(const std::vector<double>& cuts, double x) {
  return static_cast<std::int32_t>(std::lower_bound(cuts.begin(), cuts.end(), x) - cuts.begin());
}

/// A score of n_bins on the scale of the segment table, 0 to 4; rounded up, so that the best stays the best.
std::size_t table_row(std::int64_t score, std::int64_t n_bins) {
  return static_cast<std::size_t>((5 * score + n_bins - 1) / n_bins - 1);
}

void check_cuts(const Rfm::Params& params) {
  const auto rises = [](const std::vector<double>& cuts) {
    return std::adjacent_find(cuts.begin(), cuts.end(), [](double a, double b) { return !(a < b); }) == cuts.end();
  };
  const bool good = params.cuts.size() == 3 && std::ranges::all_of(params.cuts, [&](const std::vector<double>& cuts) {
                      return static_cast<std::int64_t>(cuts.size()) == params.n_bins - 1 && rises(cuts);
                    });
  if (good) return;
  throw Error(ExitCode::bad_config,
              fmt::format("cuts must be three lists of {} rising numbers (n_bins - 1)", params.n_bins - 1),
              "give the cuts of recency_days, frequency and monetary, in this order");
}

/// The three scored columns of a table, nothing changed.
Scaling unchanged() {
  Scaling scaling;
  for (const std::string& name : Rfm::columns()) scaling.columns.push_back({.name = name});
  return scaling;
}

}  // namespace

void Rfm::Params::describe(Fields& fields) {
  fields({.name = "n_bins", .text = "Scores run from 1 to n_bins", .range = {2, 100}}, n_bins);
  fields({.name = "cuts",
          .text = "Fixed cuts between the scores, n_bins - 1 each for recency_days, frequency and monetary, in this "
                  "order; none means quantiles"},
         cuts);
}

const std::vector<std::string>& Rfm::columns() {
  static const std::vector<std::string> names = {"recency_days", "frequency", "monetary"};
  return names;
}

const std::vector<std::string>& Rfm::segment_names() {
  static const std::vector<std::string> names = {
      "Champions",      "Loyal",   "Potential Loyalist", "New Customers", "Promising", "Need Attention",
      "About to Sleep", "At Risk", "Cannot Lose Them",   "Hibernating",   "Lost"};
  return names;
}

const std::vector<std::string>& Rfm::tier_names() {
  static const std::vector<std::string> names = {"Bronze", "Silver", "Gold", "Platinum"};
  return names;
}

Rfm::Model Rfm::fit(const Params& params, const NumericTable& table, const Context& context) {
  if (!params.cuts.empty()) check_cuts(params);
  std::vector<double> probabilities(tier_probabilities.begin(), tier_probabilities.end());
  for (std::int64_t i = 1; i < params.n_bins; ++i) {
    probabilities.push_back(static_cast<double>(i) / static_cast<double>(params.n_bins));
  }
  const ScaledTable scored(table, unchanged());
  Model model{.n_bins = params.n_bins, .cuts = params.cuts, .tier_cuts = {}};
  for (const std::vector<double>& quantiles : quantiles_of(scored, probabilities, context)) {
    if (std::isnan(quantiles.front())) {
      throw Error(ExitCode::bad_data, "recency_days, frequency or monetary has no values at all",
                  "check the features step that makes them");
    }
    const auto middle = quantiles.begin() + tier_probabilities.size();
    model.tier_cuts.assign(quantiles.begin(), middle);  // the last column, monetary, stays
    if (params.cuts.empty()) model.cuts.emplace_back(middle, quantiles.end());
  }
  return model;
}

Rfm::Assignment Rfm::assign(const Model& model, const std::vector<std::string>& names, const NumericBlock& block) {
  const std::vector<std::size_t> at = positions_of(columns(), names);
  Assignment result;
  for (std::size_t i = 0; i < static_cast<std::size_t>(block.rows); ++i) {
    const double recency = block.columns[at[0]][i], frequency = block.columns[at[1]][i];
    const double monetary = block.columns[at[2]][i];
    const bool known = !std::isnan(recency) && !std::isnan(frequency) && !std::isnan(monetary);
    const std::int32_t r = known ? static_cast<std::int32_t>(model.n_bins) - cuts_below(model.cuts[0], recency) : 0;
    const std::int32_t f = known ? 1 + cuts_below(model.cuts[1], frequency) : 0;
    const std::int32_t m = known ? 1 + cuts_below(model.cuts[2], monetary) : 0;
    result.r.push_back(r);
    result.f.push_back(f);
    result.m.push_back(m);
    result.tiers.push_back(known ? cuts_below(model.tier_cuts, monetary) : -1);
    result.segments.push_back(known ? segment_of[table_row(r, model.n_bins)][table_row((f + m + 1) / 2, model.n_bins)]
                                    : -1);
  }
  return result;
}

Labeller Rfm::recency_by_frequency(const Model& model) {
  return [model](const NumericBlock& block) {
    const Assignment scores = assign(model, columns(), block);
    std::vector<std::int32_t> cells(scores.r.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
      cells[i] =
          scores.segments[i] < 0 ? -1 : (scores.r[i] - 1) * static_cast<std::int32_t>(model.n_bins) + scores.f[i] - 1;
    return cells;
  };
}

}  // namespace cohort
