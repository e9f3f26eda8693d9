// SPDX-License-Identifier: Apache-2.0
#include "jobs/prediction/model_card.hpp"

#include <algorithm>
#include <numeric>

#include "algorithms/linear/recipe_fit.hpp"
#include "io/store/content_hash.hpp"

namespace cohort {
namespace {

constexpr double suspicious = 0.98;  // AUC of a feature alone, by bins

/// Of the bytes of all shards and dictionaries of a table.
std::string digest_of(const Manifest& manifest) {
  ContentHash digest;
  const auto add = [&](const ShardEntry& shard) {
    digest.add(std::as_bytes(std::span(shard.outside_hash)));
    for (const TableEntry& table : shard.tables) {
      for (const ColumnEntry& column : table.columns) {
        for (const StreamEntry& stream : column) {
          for (const ChunkEntry& chunk : stream.chunks) digest.add(std::as_bytes(std::span(&chunk.hash, 1)));
        }
      }
    }
  };
  std::ranges::for_each(manifest.shards, add);
  if (manifest.dictionary_file) add(*manifest.dictionary_file);
  return digest.hex();
}

/// Collective. Above which a label counts as positive: a number's median in a sample; of several classes all but the
/// first.
double positive_above(const TrainingTable& table, const LabelledRows& rows, const Context& context) {
  if (table.classifies() || !table.params().classes.empty()) return 0;
  const std::vector<double> median = sampled_quantiles(rows, {0.5}, context).back();
  return median.empty() ? 0 : median.front();
}

/// What each feature says alone, the most telling first; returns the suspects.
Json add_alone_table(const ProfiledFeatures& columns, Judgement& judgement) {
  std::vector<std::size_t> order(columns.alone.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t j) { return columns.alone[j].roc_auc; });
  ResultTable table{.name = "features_alone",
                    .title = "What each feature alone says of the label",
                    .columns = {"feature", "roc_auc", "information_value", "missing_share", "note"},
                    .rows = {}};
  Json suspects = Json::array();
  for (const std::size_t j : order) {
    const FeatureAlone& alone = columns.alone[j];
    const bool suspect = alone.roc_auc >= suspicious;
    table.rows.push_back({columns.profiles[j].name, alone.roc_auc, alone.information_value,
                          columns.profiles[j].shares.back(), suspect ? "leak suspect: it tells the label" : ""});
    if (suspect) suspects.push_back(columns.profiles[j].name);
  }
  judgement.tables.push_back(std::move(table));
  return suspects;
}

}  // namespace

ModelCard make_card(const TrainingTable& table, const CustomerRows& rows, Judgement& judgement,
                    const StepContext& step) {
  const Context& context = step.context;
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/profile");
  const LabelledRows labelled{.table = table, .labels = table.labels()};
  ProfiledFeatures columns = profile_features(labelled, positive_above(table, labelled, context), context);
  const Json suspects = add_alone_table(columns, judgement);
  judgement.metrics["leak_suspects"] = suspects;
  if (!suspects.empty() && context.comm.rank() == 0) {
    fmt::print(stderr,
               "warning: {}: leak suspects: {}: a feature that tells the label by itself may come from after it\n",
               step.id, suspects.dump());
  }
  const JudgementParams& judged = table.params().judgement;
  return {.label = table.params().label,
          .learned = digest_of(*rows.manifest),
          .metrics = judgement.metrics.dump(),
          .threshold = judgement.threshold,
          .value = judged.profit.value,
          .cost = judged.profit.cost,
          .columns = std::move(columns.profiles)};
}

ModelCard card_in(const ModelFile& file) {
  ModelCard card;
  ModelUnpacker unpacker(file);
  unpacker("card", card);
  return card;
}

std::string model_id(const std::string& kind, const std::filesystem::path& path) {
  return fmt::format("{}-{}", kind, file_hash_hex(path.string()).substr(0, 12));
}

}  // namespace cohort
