// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/table_plan.hpp"

#include <utility>

#include "core/error.hpp"
#include "jobs/ingest/source_files.hpp"

namespace cohort {
namespace {

TablePlan make_plan(const IngestParams& params, const std::string& table, std::size_t number,
                    const std::shared_ptr<const LookupTables>& lookups) {
  SourceSchema schema = make_schema(table, params);
  std::vector<CleaningRule> rules;
  std::int64_t duplicates = -1;
  for (const CleaningRule& rule : params.clean) {
    if (base_of(rule).table != table) continue;
    if (std::holds_alternative<DropDuplicates>(rule)) duplicates = std::ssize(rules);
    rules.push_back(rule);
  }
  const bool drops =
      duplicates >= 0 && std::get<DropDuplicates>(rules[static_cast<std::size_t>(duplicates)]).action == "drop";
  RowFormat format(columns_of(schema), drops, schema.events && params.unknown_customers == "quarantine");
  return {.schema = std::move(schema),
          .table = static_cast<std::uint32_t>(number),
          .format = std::move(format),
          .rules = std::move(rules),
          .duplicates = duplicates,
          .lookups = lookups};
}

}  // namespace

std::vector<Column> columns_of(const SourceSchema& schema) {
  std::vector<Column> columns;
  for (const SourceColumn& column : schema.columns) columns.push_back(column.column);
  return columns;
}

std::vector<TablePlan> make_plans(const IngestParams& params, const std::shared_ptr<const LookupTables>& lookups) {
  std::vector<TablePlan> plans;
  for (const auto& [table, unused] : params.sources) plans.push_back(make_plan(params, table, plans.size(), lookups));
  for (const TablePlan& plan : plans) {
    if (plan.schema.columns[0].column.type == plans[0].schema.columns[0].column.type) continue;
    throw Error(ExitCode::bad_config,
                fmt::format("customers are {} in {} but {} in {}", type_name(plans[0].schema.columns[0].column),
                            plans[0].schema.table, type_name(plan.schema.columns[0].column), plan.schema.table),
                "declare one type for `customer` in all sources");
  }
  return plans;
}

std::string lookup_path(const std::string& name, const LookupParams& params, const std::filesystem::path& out) {
  const std::vector<std::string> paths = expand_paths({params.path}, out);
  if (paths.size() == 1) return paths.front();
  throw Error(ExitCode::bad_config, fmt::format("lookup {}: {} files match {}", name, paths.size(), params.path),
              "name one file");
}

}  // namespace cohort
