// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/cleaning_record.hpp"

#include "core/config.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

using nlohmann::json;

std::string text_at(const json& record, const json::json_pointer& place) {
  return record.contains(place) ? record.at(place).dump() : "nothing";
}

}  // namespace

json cleaning_record(IngestParams params, const LookupTables& lookups) {
  json record{{"rules", json(record_fields(description_of(params)).at("clean"))},
              {"lookups", json::object()},
              {"joined", json::object()}};
  for (const auto& [name, lookup] : params.lookups)
    record["lookups"][name] = {
        {"content", lookups.at(name).source().hash}, {"key", lookup.key}, {"encoding", lookup.encoding}};
  for (const auto& [table, source] : params.sources) {
    for (const SourceColumn& column : make_schema(table, params).columns) {
      if (column.lookup.empty()) continue;
      record["joined"][table][column.column.name] =
          fmt::format("{} by {}", column.source_name, source.joins.at(column.lookup));
    }
  }
  return record;
}

void check_same_cleaning(const std::string& folder, const json& before, const json& now) {
  json comparable{{"rules", json::array()}, {"lookups", json::object()}, {"joined", json::object()}};
  comparable.update(before);
  if (comparable == now) return;
  json::json_pointer place(json::diff(comparable, now).at(0).at("path").get<std::string>());
  if (place.back() == "-") place.pop_back();  // what is added to the end of a list is at no place of either
  throw Error(ExitCode::bad_config,
              fmt::format("append: {} was cleaned by other rules or lookup tables: {} was {}, now {}", folder,
                          place.to_string().substr(1), text_at(comparable, place), text_at(now, place)),
              "use those it was ingested with, or ingest all files anew");
}

}  // namespace cohort
