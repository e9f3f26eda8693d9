// SPDX-License-Identifier: Apache-2.0
#include "jobs/catalogue.hpp"

#include <nlohmann/json.hpp>

#include "core/config.hpp"
#include "io/store/manifest.hpp"
#include "jobs/registry.hpp"

namespace cohort {
namespace {

std::string section(const JobEntry& job) {
  return fmt::format("## {}\n\n{}\n\n{}\n\n{}\n", job.name, job.summary, job.notes, document_fields(job.describe));
}

Nested run_fields() {
  return [](Fields& fields) {
    RunSettings settings;
    settings.describe(fields);
  };
}

Json schema_of_all() {
  Json steps = Json::array(), names = Json::array();
  for (const JobEntry& job : registry()) {
    Json keys = schema_of_fields(job.describe);
    keys["properties"]["id"] = {{"type", "string"},
                                {"description", "Name of the step's folder; the job's name by default"}};
    steps.push_back({{"type", "object"},
                     {"additionalProperties", false},
                     {"required", {job.name}},
                     {"description", job.summary},
                     {"properties", {{job.name, {{"oneOf", {keys, {{"type", "null"}}}}}}}}});
    names.push_back(job.name);
  }
  steps.push_back({{"enum", names}, {"description", "A job with its defaults"}});
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"title", "Cohort job file"},
          {"type", "object"},
          {"additionalProperties", false},
          {"required", {"version", "steps"}},
          {"properties",
           {{"version", {{"const", 1}}},
            {"run", schema_of_fields(run_fields())},
            {"dataset", {{"type", "string"}}},
            {"shards", {{"type", "integer"}, {"minimum", 0}}},
            {"steps", {{"type", "array"}, {"minItems", 1}, {"items", {{"oneOf", steps}}}}}}}};
}

}  // namespace

std::string list_jobs() {
  std::string text;
  for (const JobEntry& job : registry()) text += fmt::format("{:<12} {}\n", job.name, job.summary);
  return text + "\n`cohort describe NAME` explains one.\n";
}

std::string describe_job(const std::string& name) {
  if (name != "all") return section(find_job(name, "describe"));
  std::string text =
      "# Reference of job files\n\nWritten by `cohort describe all`.\n\n## run\n\nSettings of the whole run.\n\n" +
      document_fields(run_fields()) + "\n";
  for (const JobEntry& job : registry()) text += section(job) + "\n";
  text.pop_back();
  return text;
}

Json schema_of_job(const std::string& name) {
  return name == "all" ? schema_of_all() : schema_of_fields(find_job(name, "describe").describe);
}

std::string dataset_info(const std::string& folder) {
  const Manifest manifest = load_manifest(folder);
  std::int64_t bytes = 0;
  for (const ShardEntry& shard : manifest.shards) bytes += shard.bytes;
  std::string text = fmt::format("{}: {} shards, {} bytes\n", folder, manifest.shards.size(), bytes);
  for (std::size_t t = 0; t < manifest.tables.size(); ++t) {
    text += fmt::format("\n{}: {} rows\n", manifest.tables[t].name, total_rows(manifest, t));
    for (const Column& column : manifest.tables[t].columns)
      text += fmt::format("  {:<24} {}\n", column.name, type_name(column));
  }
  text += "\nsources:\n";
  for (const Source& source : manifest.sources)
    text += fmt::format("  {}  {} bytes  {}\n", source.hash, source.bytes, source.name);
  if (!manifest.cleaning.empty()) text += fmt::format("\ncleaning: {}\n", manifest.cleaning.dump());
  if (!manifest.lineage.empty()) text += fmt::format("lineage: {}\n", manifest.lineage.dump());
  return text;
}

}  // namespace cohort
