// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/ingest_job.hpp"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "io/durable_file.hpp"
#include "jobs/ingest/append_account.hpp"
#include "jobs/ingest/cleaning_record.hpp"
#include "jobs/ingest/dataset_build.hpp"
#include "jobs/ingest/duplicates.hpp"
#include "jobs/ingest/ingest_result.hpp"
#include "jobs/ingest/label_codes.hpp"
#include "jobs/ingest/learn_steps.hpp"
#include "jobs/ingest/parse_pass.hpp"
#include "jobs/ingest/quarantine.hpp"
#include "jobs/ingest/source_files.hpp"
#include "jobs/ingest/stored_rows.hpp"
#include "jobs/ingest/table_plan.hpp"

namespace cohort {
namespace {

constexpr std::int64_t text_per_shard = std::int64_t{8} << 20;
constexpr std::int32_t fewest_shards = 16, most_shards = 4096;

/// Shares of memory_per_rank; what these and the rows on their way leave is for building shards.
constexpr double digests_share = 0.1, labels_share = 0.15, lookups_share = 0.1;

/// The whole ingest, phase by phase. All members but the constructor are collective.
class Ingest {
 public:
  Ingest(const IngestParams& params, const StepContext& step)
      : params_(params), step_(step), context_(step.context), comm_(step.context.comm) {}

  StepResult run() {
    read_lookups();
    collectively(comm_, [&] { plans_ = make_plans(params_, lookups_); });
    if (params_.append) open_stored();
    scan();
    if (stored_) {
      if (std::optional<StepResult> told = account_->recall()) return *std::move(told);
    }
    parse();
    settle();
    return build();
  }

 private:
  void read_lookups() {
    LookupTables tables;
    for (const auto& [name, lookup] : params_.lookups) {
      const std::vector<CsvFile> file = look_together(
          context_, [&, &name = name, &lookup = lookup] { return std::vector{lookup_path(name, lookup, step_.out)}; });
      collectively(comm_, [&, &name = name, &lookup = lookup] {
        tables.emplace(name, LookupTable(file.front(), lookup, memory(lookups_share)));
      });
    }
    lookups_ = std::make_shared<const LookupTables>(std::move(tables));
  }

  void scan() {
    const Metrics::Phase phase(context_.metrics, comm_, "ingest/scan");
    std::vector<SourceSchema> schemas;
    for (const TablePlan& plan : plans_) schemas.push_back(plan.schema);
    opened_ =
        open_sources(context_, params_, schemas, step_.out, stored_ ? stored_->contents() : std::set<std::string>());
    for (const auto& [name, table] : *lookups_) opened_.contents.push_back(table.source());
    if (params_.append) account_.emplace(step_, params_, opened_.contents);
    if (stored_)
      keep_what_is_stored();
    else
      shards_ = IngestJob::shard_count(step_.job.shards, opened_.raw_bytes);
    unite(opened_.contents);
  }

  /// Collective. The dataset that files are added to, where there is one.
  void open_stored() {
    std::string text;
    collectively(comm_, [&] {
      const std::filesystem::path path = step_.dataset() / manifest_name;
      if (comm_.rank() == 0 && std::filesystem::exists(path)) text = read_file(path.string());
    });
    comm_.broadcast(text, 0);
    collectively(comm_, [&] {
      if (!text.empty()) stored_.emplace(step_.dataset().string(), text);
    });
  }

  /// Shards, cleaning and the files of before.
  void keep_what_is_stored() {
    const Manifest& manifest = stored_->manifest();
    shards_ = static_cast<std::int32_t>(manifest.shards.size());
    opened_.contents.insert(opened_.contents.end(), manifest.sources.begin(), manifest.sources.end());
    collectively(comm_, [&] {
      if (step_.job.shards > 0 && step_.job.shards != shards_)
        throw Error(ExitCode::bad_config,
                    fmt::format("append: {} has {} shards, not {}", stored_->folder(), shards_, step_.job.shards),
                    "leave `shards` out, or ingest all files anew");
      check_same_cleaning(stored_->folder(), manifest.cleaning, cleaning_record(params_, *lookups_));
    });
  }

  [[nodiscard]] std::int64_t memory(double share) const {
    return static_cast<std::int64_t>(static_cast<double>(context_.memory_per_rank) * share);
  }

  void parse() {
    const Metrics::Phase phase(context_.metrics, comm_, "ingest/parse");
    const std::string spill = step_.folder.string();
    rows_.emplace(context_, shards_, spill, memory(IngestJob::rows_share));
    digests_.emplace(context_, shards_, spill, memory(digests_share));
    parsed_.emplace(context_, plans_, opened_, shards_, *rows_, *digests_,
                    bad_rows_.count >= 0 ? bad_rows_.count : std::numeric_limits<std::int64_t>::max(),
                    memory(labels_share));
    collectively(comm_, [&] { parsed_->run(); });
  }

  /// What only all ranks together know: sums, units of time, duplicates, dictionaries.
  void settle() {
    const Metrics::Phase phase(context_.metrics, comm_, "ingest/settle");
    Parts parts(Parts::Direction::pack);
    std::vector<std::int64_t> unit_bits;
    for (const TablePlan& plan : plans_) {
      BalanceSheet& sheet = sheets_.emplace_back();
      sheet.rules.resize(plan.rules.size());
      for (const std::deque<RowParser>& worker : parsed_->parsers()) sheet.add(worker[plan.table].sheet());
      sheet.parts(parts);
      for (int unit = 0; unit < static_cast<int>(TimeUnit::microsecond); ++unit) {
        std::int64_t inexact = 0;
        for (const std::deque<RowParser>& worker : parsed_->parsers())
          inexact |= worker[plan.table].inexact_units() >> unit & 1;
        unit_bits.push_back(inexact);
      }
    }
    comm_.all_reduce(parts.sums, unit_bits);
    parts.rewind();
    for (BalanceSheet& sheet : sheets_) sheet.parts(parts);
    check_bad_rows();
    make_layouts(unit_bits);
    count_duplicates(context_, *digests_, plans_, sheets_);
    labels_.emplace(context_, parsed_->parsers(), layouts_,
                    stored_ ? stored_->dictionaries() : std::vector<Dictionary>());
    collectively(comm_, [&] {
      if (stored_) stored_->settle(layouts_, labels_->dictionaries());
    });
    learn_steps(context_, {plans_, parsed_->parsers(), *labels_}, memory(labels_share), layouts_);
  }

  void check_bad_rows() const {
    std::int64_t bad = 0, read = 0;
    for (const BalanceSheet& sheet : sheets_) {
      bad += sheet.bad;
      read += sheet.read;
    }
    const auto allowed =
        bad_rows_.count >= 0 ? bad_rows_.count : static_cast<std::int64_t>(bad_rows_.share * static_cast<double>(read));
    collectively(comm_, [&] {
      if (bad <= allowed && (bad < read || read == 0)) return;
      const std::vector<BadRow> found = bad_rows();
      if (found.empty()) return;  // a rank that can give an example speaks for all
      throw Error(ExitCode::bad_data,
                  fmt::format("{} of {} rows are bad, {}{}", bad, read,
                              bad > allowed ? "more than max_bad_rows = " + params_.max_bad_rows : "which leaves none",
                              fmt::format("; {}:{}: {}", found[0].file, found[0].line, found[0].reason)),
                  "mend them, or allow more");
    });
  }

  /// Of this rank: events without a customer, and rows that could not be read.
  [[nodiscard]] std::vector<BadRow> bad_rows() const {
    std::vector<BadRow> bad = parsed_->bad_rows();
    bad.insert(bad.begin(), orphans_.begin(), orphans_.end());
    return bad;
  }

  void make_layouts(const std::vector<std::int64_t>& inexact_units) {
    constexpr auto finest = static_cast<std::size_t>(TimeUnit::microsecond);
    for (const TablePlan& plan : plans_) {
      std::size_t unit = 0;
      while (unit < finest && inexact_units[plan.table * finest + unit] != 0) ++unit;
      const std::string table = plan.schema.events ? plan.schema.table : std::string(customers_table);
      if (stored_) unit = std::max(unit, static_cast<std::size_t>(stored_->finest_unit(table)));
      std::vector<Column> columns = columns_of(plan.schema);
      for (Column& column : columns) {
        if (column.type == ColumnType::timestamp) column.unit = static_cast<TimeUnit>(unit);
      }
      layouts_.push_back(
          {plan.schema.table, plan.schema.events, std::move(columns), plan.format, drops_duplicates(plan)});
      layouts_.back().rules = plan.rules.size();
    }
  }

  /// Collective.
  void add_to_sheets(std::vector<BalanceSheet> found) {
    Parts parts(Parts::Direction::pack);
    for (BalanceSheet& sheet : found) sheet.parts(parts);
    comm_.all_reduce(parts.sums, parts.maxima);
    parts.rewind();
    for (std::size_t t = 0; t < found.size(); ++t) {
      found[t].parts(parts);
      sheets_[t].add(found[t]);
    }
  }

  StepResult build() {
    const Metrics::Phase phase(context_.metrics, comm_, "ingest/build");
    digests_.reset();
    DatasetBuild build(context_, step_.dataset(), step_.replace || stored_, shards_, stored_ ? &*stored_ : nullptr);
    ShardFindings found = build.write_shards(
        *rows_, [this](int worker, std::span<std::byte> rows) { labels_->patch(worker, rows); }, layouts_);
    add_to_sheets(std::move(found.sheets));
    orphans_ = quarantined(found.orphans, opened_);
    check_bad_rows();
    Manifest manifest{.sources = opened_.contents, .cleaning = cleaning_record(params_, *lookups_)};
    if (stored_) manifest.lineage = stored_->manifest().lineage;
    manifest = build.seal(layouts_, labels_->dictionaries(), std::move(manifest));
    write_quarantine(context_, step_.folder / quarantine_name, bad_rows());
    StepResult made = result(manifest);
    if (account_) account_->keep(made, build.staging());
    build.publish();
    return made;
  }

  /// Collective. Counts that rank 0 alone has seen, in the manifest, go to all.
  StepResult result(const Manifest& manifest) {
    std::vector<std::int64_t> rows(layouts_.size() + 1, 0);
    if (comm_.rank() == 0) {
      for (std::size_t t = 0; t < manifest.tables.size(); ++t) rows[t] = total_rows(manifest, t);
    }
    comm_.all_reduce(rows, {});
    StepResult result;
    tell_rows(plans_, sheets_, result);
    result.metrics["files_passed_over"] = opened_.passed_over.size();
    if (stored_) {
      const std::vector<TableSchema> tables = schema_of(layouts_);
      for (std::size_t t = 1; t < tables.size(); ++t) result.metrics["stored_" + tables[t].name] = rows[t];
    }
    result.metrics["customers"] = rows[0];
    result.metrics["shards"] = shards_;
    for (const Dictionary& dictionary : labels_->dictionaries())
      result.metrics["labels_" + dictionary.name] = dictionary.labels.size();
    result.sources = listed(opened_.contents);
    return result;
  }

  const IngestParams& params_;
  const StepContext& step_;
  const Context& context_;
  Communicator& comm_;

  BadRowLimit bad_rows_ = *BadRowLimit::parse(params_.max_bad_rows);
  std::shared_ptr<const LookupTables> lookups_;
  std::vector<TablePlan> plans_;
  OpenedSources opened_;
  std::int32_t shards_ = 0;
  std::optional<Repartition> rows_, digests_;
  std::optional<StoredRows> stored_;  ///< the dataset that files are added to
  std::optional<AppendAccount> account_;
  std::optional<ParsePass> parsed_;
  std::vector<BalanceSheet> sheets_;
  std::vector<TableLayout> layouts_;
  std::optional<LabelCodes> labels_;
  std::vector<BadRow> orphans_;  ///< events of unknown customers, of this rank's shards
};

}  // namespace

std::int32_t IngestJob::shard_count(std::int64_t asked, std::int64_t text_bytes) {
  if (asked > 0) return static_cast<std::int32_t>(asked);
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>((text_bytes + text_per_shard - 1) / text_per_shard, fewest_shards, most_shards));
}

std::vector<std::string> IngestJob::inputs(const Params& params, const std::filesystem::path& out) {
  std::vector<std::string> paths;
  for (const auto& [table, source] : params.sources) {
    for (std::string& path : expand_paths(source.path, out)) paths.push_back(std::move(path));
  }
  for (const auto& [name, lookup] : params.lookups) paths.push_back(lookup_path(name, lookup, out));
  return paths;
}

StepResult IngestJob::run(const Params& params, const StepContext& step) {
  return Ingest(params, step).run();
}

}  // namespace cohort
