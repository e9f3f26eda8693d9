// SPDX-License-Identifier: Apache-2.0
#include "jobs/baskets/offer_output.hpp"

#include <algorithm>
#include <cmath>

#include "algorithms/features/features_date.hpp"
#include "io/store/dataset.hpp"
#include "io/store/dictionaries.hpp"
#include "io/store/shard_reader.hpp"
#include "io/text/csv_field.hpp"
#include "jobs/output_folder.hpp"

namespace cohort {
namespace {

Json share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? Json(nullptr) : Json(static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

void OfferWriter::Shard::set(std::int64_t customer, std::span<const Offer> offers) {
  const auto row = static_cast<std::size_t>(customer);
  for (std::size_t i = 0; i < offers.size(); ++i) {
    items[i][row] = offers[i].item;
    rules[i][row] = offers[i].rule;
    scores[i][row] = offers[i].score;
    if (!due.empty()) due[i][row] = offers[i].due;
  }
}

OfferWriter::OfferWriter(const StepContext& step, const CustomerRows& rows, Shape shape, std::vector<OfferedRule> rules)
    : step_(step), rows_(rows), shape_(std::move(shape)), book_(std::move(rules)) {
  for (const OfferedRule& rule : book_) labels_.push_back(rule.item);
  std::sort(labels_.begin(), labels_.end());
  labels_.erase(std::unique(labels_.begin(), labels_.end()), labels_.end());
  for (const OfferedRule& rule : book_)
    label_of_rule_.push_back(
        static_cast<std::int32_t>(std::lower_bound(labels_.begin(), labels_.end(), rule.item) - labels_.begin()));
  columns_.push_back(rows.schema().columns.front());
  if (!shape_.as_of.empty()) columns_.push_back({.name = "as_of", .type = ColumnType::date});
  for (std::int64_t i = 1; i <= shape_.n_offers; ++i) {
    columns_.push_back({.name = fmt::format("offer_{}", i), .type = ColumnType::category});
    columns_.push_back({.name = fmt::format("score_{}", i), .type = ColumnType::float64});
    columns_.push_back({.name = fmt::format("rule_{}", i), .type = ColumnType::int32});
    if (shape_.timed) columns_.push_back({.name = fmt::format("due_{}", i), .type = ColumnType::date});
  }
  table_.emplace(step.context, step.folder / "table", columns_);
}

OfferWriter::Shard OfferWriter::start(std::int32_t shard) const {
  const auto customers =
      static_cast<std::size_t>(rows_.manifest->shards[static_cast<std::size_t>(shard)].tables.front().rows);
  const auto offers = static_cast<std::size_t>(shape_.n_offers);
  const std::vector<std::vector<std::int32_t>> none(offers, std::vector<std::int32_t>(customers, missing_int32));
  return {.number = shard,
          .items = none,
          .rules = none,
          .due = shape_.timed ? none : std::vector<std::vector<std::int32_t>>{},
          .scores = std::vector(offers, std::vector<double>(customers, missing_float64))};
}

void OfferWriter::write(Shard shard) {
  std::vector<ColumnValues> values{read_column(*rows_.manifest, rows_.folder.string(),
                                               static_cast<std::size_t>(shard.number), customers_table,
                                               columns_.front().name)};
  if (!shape_.as_of.empty())
    values.emplace_back(std::vector<std::int32_t>(shard.items.front().size(), date_from_iso(shape_.as_of, "as_of")));
  for (std::size_t i = 0; i < shard.items.size(); ++i) {
    for (std::size_t row = 0; row < shard.items[i].size(); ++row) {
      const std::int32_t rule = shard.rules[i][row];
      if (rule != missing_int32) shard.items[i][row] = label_of_rule_[static_cast<std::size_t>(rule)];
    }
    values.emplace_back(std::move(shard.items[i]));
    values.emplace_back(std::move(shard.scores[i]));
    values.emplace_back(std::move(shard.rules[i]));
    if (shape_.timed) values.emplace_back(std::move(shard.due[i]));
  }
  std::vector<ColumnData> columns;
  for (std::size_t c = 0; c < columns_.size(); ++c) columns.push_back({columns_[c], std::move(values[c])});
  table_->write(shard.number, std::move(columns));
}

void OfferWriter::finish() {
  std::vector<Dictionary> dictionaries;
  for (std::int64_t i = 1; i <= shape_.n_offers; ++i)
    dictionaries.push_back({.name = fmt::format("offer_{}", i), .labels = labels_});
  const Context& context = step_.context;
  const nlohmann::json lineage =
      shape_.as_of.empty() ? nlohmann::json::object() : nlohmann::json{{"as_of", shape_.as_of}};
  CustomerRows written{.folder = step_.folder / "table", .manifest = nullptr, .shards = {}};
  written.manifest = std::make_unique<const Manifest>(table_->finish(*rows_.manifest, dictionaries, lineage));
  write_in_pieces(
      context, step_.folder / "offers.csv",
      fmt::format("user_id,item_id,rank,score,source,confidence,lift,count{}\n", shape_.timed ? ",due" : ""),
      std::ssize(rows_.manifest->shards), rows_.shards,
      [&](int shard) { return shard_csv(static_cast<std::size_t>(shard), written); });
}

std::string OfferWriter::shard_csv(std::size_t shard, const CustomerRows& written) const {
  const auto read = [&](const std::string& name) {
    return read_column(*written.manifest, written.folder.string(), shard, customers_table, name);
  };
  const Column& id = written.schema().columns.front();
  const ColumnData ids{id, read(id.name)};
  std::vector<std::vector<std::int32_t>> rules, due;
  std::vector<std::vector<double>> scores;
  for (std::int64_t i = 1; i <= shape_.n_offers; ++i) {
    rules.push_back(std::get<std::vector<std::int32_t>>(read(fmt::format("rule_{}", i))));
    scores.push_back(std::get<std::vector<double>>(read(fmt::format("score_{}", i))));
    if (shape_.timed) due.push_back(std::get<std::vector<std::int32_t>>(read(fmt::format("due_{}", i))));
  }
  std::string text;
  for (std::size_t row = 0; row < rules.front().size(); ++row) {
    for (std::size_t i = 0; i < rules.size() && rules[i][row] != missing_int32; ++i) {
      const OfferedRule& rule = book_[static_cast<std::size_t>(rules[i][row])];
      append_csv_value(ids, row, {}, text);
      fmt::format_to(std::back_inserter(text), ",{},{},{},{},{},{},{}", csv_field(rule.item), i + 1, scores[i][row],
                     csv_field(rule.text), rule.confidence, rule.lift, rule.count);
      text += shape_.timed ? fmt::format(",{}\n", iso_date(due[i][row])) : "\n";
    }
  }
  return text;
}

void DueOffers::add(std::span<const Offer> customer, std::int64_t as_of) {
  for (std::size_t d = 0; d < days.size(); ++d) {
    const auto soon = std::ranges::count_if(customer, [&](const Offer& offer) { return offer.due < as_of + days[d]; });
    offers[d] += soon;
    customers[d] += soon > 0 ? 1 : 0;
  }
}

void DueOffers::parts(Parts& p) {
  p.sum(offers);
  p.sum(customers);
}

void add_due(const DueOffers& due, std::int64_t offers, StepResult& result) {
  ResultTable table{.name = "due",
                    .title = "Offers due within so many days",
                    .columns = {"days", "offers", "share", "customers"},
                    .rows = {},
                    .chart = {{"type", "bar"}, {"x", "days"}, {"y", {"offers"}}}};
  for (std::size_t d = 0; d < due.days.size(); ++d) {
    table.rows.push_back({due.days[d], due.offers[d], share(due.offers[d], offers), due.customers[d]});
    result.metrics[fmt::format("offers_due_in_{}_days", due.days[d])] = due.offers[d];
  }
  result.tables.push_back(std::move(table));
}

void add_backtest(const OfferBacktest& test, StepResult& result) {
  ResultTable table{.name = "backtest",
                    .title = "Offers against as many of the most popular items, on the later period",
                    .columns = {"k", "precision", "popularity_precision", "uplift", "recall", "popularity_recall",
                                "hit_rate", "popularity_hit_rate", "offers", "hits", "popularity_hits"},
                    .rows = {},
                    .chart = {{"type", "line"}, {"x", "k"}, {"y", {"precision", "popularity_precision"}}}};
  const auto customers = static_cast<double>(test.customers);
  for (std::size_t i = 0; i < test.at.size(); ++i) {
    const OfferBacktest::AtK& k = test.at[i];
    const auto mean = [&](std::size_t which) {
      return test.customers == 0 ? Json(nullptr) : Json(test.recalls.value(2 * i + which) / customers);
    };
    table.rows.push_back({i + 1, share(k.hits, k.offers), share(k.popular_hits, k.offers),
                          share(k.hits, k.popular_hits), mean(0), mean(1), share(k.customers_hit, test.customers),
                          share(k.popular_customers_hit, test.customers), k.offers, k.hits, k.popular_hits});
  }
  const OfferBacktest::AtK& last = test.at.back();
  const std::size_t n = test.at.size();
  Json& metrics = result.metrics;
  const auto& row = table.rows.back();
  metrics["tested_customers"] = test.customers;
  metrics["tested_new_items"] = test.new_items;
  metrics[fmt::format("precision@{}", n)] = row[1];
  metrics[fmt::format("recall@{}", n)] = row[4];
  metrics[fmt::format("hit@{}", n)] = row[6];
  metrics[fmt::format("popularity_precision@{}", n)] = row[2];
  metrics[fmt::format("uplift@{}", n)] = row[3];
  // Paired by customer: the difference of hits in units of its standard error.
  const auto difference = static_cast<double>(last.hits - last.popular_hits);
  const double spread =
      test.customers < 2 ? 0 : static_cast<double>(last.difference_squares) - difference * difference / customers;
  metrics["uplift_z"] = spread > 0 ? Json(difference / std::sqrt(spread * customers / (customers - 1))) : Json(nullptr);
  result.tables.push_back(std::move(table));
}

}  // namespace cohort
