// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/itemsets_job.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/error.hpp"
#include "core/gather.hpp"
#include "io/text/csv_field.hpp"
#include "jobs/output_folder.hpp"
#include "jobs/table_file.hpp"

namespace cohort {
namespace {

constexpr std::int64_t shown_sets = 50;

std::int64_t count_at(const SortedItemsets& found, std::int64_t set) {
  return found.sets.counts[static_cast<std::size_t>(set)];
}

/// Collective. Writes the sets as CSV in mlxtend's columns, and as SPMF text.
void write_sets(const Itemsets::Model& model, const Baskets& baskets, const StepContext& step) {
  const SortedItemsets& found = model.found;
  const int rank = step.context.comm.rank();
  const auto each = [&](int piece, const auto& line) {
    std::string text;
    const auto [begin, end] = sets_of_piece(found, rank, piece);
    for (std::int64_t s = begin; s < end; ++s) line(text, found.sets[s], count_at(found, s));
    return text;
  };
  const auto n = static_cast<double>(model.items.baskets);
  write_in_pieces(step.context, step.folder / "itemsets.csv", "support,itemsets,count,length\n", found.pieces(),
                  pieces_of_rank(found, rank), [&](int piece) {
                    return each(piece, [&](std::string& text, std::span<const std::int32_t> set, std::int64_t count) {
                      fmt::format_to(std::back_inserter(text), "{},{},{},{}\n", static_cast<double>(count) / n,
                                     csv_field(labels_of(set, model.items, baskets)), count, set.size());
                    });
                  });
  write_in_pieces(step.context, step.folder / "itemsets.txt", spmf_header(model.items, baskets), found.pieces(),
                  pieces_of_rank(found, rank), [&](int piece) {
                    return each(piece, [&](std::string& text, std::span<const std::int32_t> set, std::int64_t count) {
                      for (const std::int32_t item : set) text += spmf_item(item, model.items, baskets) + " ";
                      fmt::format_to(std::back_inserter(text), "#SUP: {}\n", count);
                    });
                  });
}

/// Collective. The sets as a table of an HDF5 file.
void write_set_table(const Itemsets::Model& model, const Baskets& baskets, const StepContext& step) {
  const SortedItemsets& found = model.found;
  const int rank = step.context.comm.rank();
  const std::vector<Column> columns{{.name = "itemsets", .type = ColumnType::text},
                                    {.name = "support", .type = ColumnType::float64},
                                    {.name = "count", .type = ColumnType::int64},
                                    {.name = "length", .type = ColumnType::int32}};
  write_table_file(
      step.context, step.folder / "itemsets.h5", "itemsets", columns, found.pieces(), pieces_of_rank(found, rank),
      [&](int piece) -> std::vector<ColumnValues> {
        TextValues labels;
        std::vector<double> supports;
        std::vector<std::int64_t> counts;
        std::vector<std::int32_t> lengths;
        const auto [begin, end] = sets_of_piece(found, rank, piece);
        for (std::int64_t s = begin; s < end; ++s) {
          labels.push_back(labels_of(found.sets[s], model.items, baskets));
          counts.push_back(count_at(found, s));
          supports.push_back(static_cast<double>(counts.back()) / static_cast<double>(model.items.baskets));
          lengths.push_back(static_cast<std::int32_t>(found.sets[s].size()));
        }
        return {std::move(labels), std::move(supports), std::move(counts), std::move(lengths)};
      });
}

/// A set as it travels for the table of the most frequent: where it stands in the order of all sets, and its baskets.
struct Leader {
  std::int64_t count, rank, set;
  bool operator<(const Leader& other) const {
    return count != other.count ? count > other.count : std::pair(rank, set) < std::pair(other.rank, other.set);
  }
};

/// Collective. The most frequent sets of at least two items.
ResultTable leaders_table(const Itemsets::Model& model, const Baskets& baskets, Communicator& comm) {
  std::vector<Leader> mine;
  for (std::int64_t s = 0; s < model.found.sets.size(); ++s) {
    if (model.found.sets[s].size() > 1) mine.push_back({count_at(model.found, s), comm.rank(), s});
  }
  const std::int64_t kept = std::min<std::int64_t>(shown_sets, std::ssize(mine));
  std::partial_sort(mine.begin(), mine.begin() + kept, mine.end());
  mine.resize(static_cast<std::size_t>(kept));
  std::vector<std::pair<std::int64_t, std::string>> rows;
  Json texts = Json::array();
  for (const Leader& leader : mine)
    texts.push_back({leader.count, labels_of(model.found.sets[leader.set], model.items, baskets)});
  const std::string text = texts.dump();
  // Ranks hold consecutive runs of one order, so a stable sort by count leaves the same order at any number of them.
  for (const Bytes& from : comm.all_gather(to_bytes(std::span(text)))) {
    for (const Json& row : Json::parse(reinterpret_cast<const char*>(from.data()),
                                       reinterpret_cast<const char*>(from.data()) + from.size()))
      rows.emplace_back(row[0].get<std::int64_t>(), row[1].get<std::string>());
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(shown_sets)));
  ResultTable table{.name = "top_itemsets",
                    .title = "Most frequent sets of at least two items",
                    .columns = {"itemsets", "count", "support"},
                    .rows = {}};
  for (const auto& [count, labels] : rows)
    table.rows.push_back({labels, count, static_cast<double>(count) / static_cast<double>(model.items.baskets)});
  return table;
}

}  // namespace

std::string labels_of(std::span<const std::int32_t> set, const ItemCatalogue& items, const Baskets& baskets) {
  std::string text;
  for (const std::int32_t item : set) {
    if (!text.empty()) text += '|';
    text += baskets.label(items.keys[static_cast<std::size_t>(items.code_of[static_cast<std::size_t>(item)])]);
  }
  return text;
}

std::string spmf_item(std::int32_t item, const ItemCatalogue& items, const Baskets& baskets) {
  if (!baskets.numbers) return std::to_string(item + 1);
  return baskets.label(items.keys[static_cast<std::size_t>(items.code_of[static_cast<std::size_t>(item)])]);
}

std::string spmf_header(const ItemCatalogue& items, const Baskets& baskets) {
  if (baskets.numbers) return {};
  std::string text = "@CONVERTED_FROM_TEXT\n";
  for (std::int32_t item = 0; item < items.size(); ++item)
    text += fmt::format("@ITEM={}={}\n", item + 1, labels_of(std::span(&item, 1), items, baskets));
  return text;
}

std::vector<int> pieces_of_rank(const SortedItemsets& found, int rank) {
  const auto r = static_cast<std::size_t>(rank);
  std::vector<int> pieces(static_cast<std::size_t>(found.first_piece[r + 1] - found.first_piece[r]));
  std::iota(pieces.begin(), pieces.end(), static_cast<int>(found.first_piece[r]));
  return pieces;
}

std::pair<std::int64_t, std::int64_t> sets_of_piece(const SortedItemsets& found, int rank, int piece) {
  const auto p = static_cast<std::size_t>(piece - found.first_piece[static_cast<std::size_t>(rank)]);
  return {found.piece_of_set_begin[p], found.piece_of_set_begin[p + 1]};
}

ResultTable lengths_table(const SortedItemsets& found, Communicator& comm) {
  std::array<std::int64_t, 1> longest{};
  for (std::int64_t s = 0; s < found.sets.size(); ++s) longest[0] = std::max(longest[0], std::ssize(found.sets[s]));
  comm.all_reduce({}, longest);
  std::vector<std::int64_t> sets(static_cast<std::size_t>(longest[0]), 0);
  for (std::int64_t s = 0; s < found.sets.size(); ++s) ++sets[found.sets[s].size() - 1];
  comm.all_reduce(sets, {});
  ResultTable table{.name = "lengths",
                    .title = "Itemsets by length",
                    .columns = {"length", "itemsets"},
                    .rows = {},
                    .chart = {{"type", "bar"}, {"x", "length"}, {"y", {"itemsets"}}}};
  for (std::size_t i = 0; i < sets.size(); ++i) table.rows.push_back({i + 1, sets[i]});
  return table;
}

void ItemsetsJob::Params::describe(Fields& f) {
  source.describe(f);
  mining.describe(f);
}

void ItemsetsJob::Params::check(const ConfigNode& node) const {
  try {
    source.check();
    mining.check();
  } catch (const Error& error) {
    throw node.error(error.what(), error.next());
  }
}

std::vector<std::string> ItemsetsJob::inputs(const Params& params, const std::filesystem::path& out) {
  return params.source.inputs(out);
}

StepResult ItemsetsJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  const Baskets baskets = open_baskets(params.source, step);
  Itemsets::Model model;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/mine");
    model = fit_levels(params.mining, baskets.pass, context, baskets.parents);
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  write_sets(model, baskets, step);
  write_set_table(model, baskets, step);
  StepResult result;
  result.sources = baskets.sources;
  result.metrics = basket_metrics(baskets, model.items, context.comm);
  result.metrics["itemsets"] = model.total;
  result.metrics["min_count"] = model.min_count;
  result.tables.push_back(lengths_table(model.found, context.comm));
  result.metrics["longest"] = result.tables.back().rows.size();
  result.tables.push_back(leaders_table(model, baskets, context.comm));
  return result;
}

StepPlan ItemsetsJob::plan(const Params& params, Forecast& forecast) {
  return plan_baskets(params.source, forecast);
}

}  // namespace cohort
