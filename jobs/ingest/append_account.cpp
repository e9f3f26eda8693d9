// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/append_account.hpp"

#include "core/collectively.hpp"
#include "io/durable_file.hpp"
#include "io/store/content_hash.hpp"
#include "io/store/dataset.hpp"
#include "jobs/finished_run.hpp"
#include "jobs/ingest/quarantine.hpp"
#include "jobs/step_identity.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* account_name = "append.json";

std::string hash_of(IngestParams& params, const std::vector<Source>& files) {
  std::string text = record_fields(description_of(params)).dump();
  for (const Source& file : files) text += fmt::format("\n{} {}", file.hash, file.name);
  return hash128_hex(text);
}

}  // namespace

AppendAccount::AppendAccount(const StepContext& step, IngestParams params, const std::vector<Source>& files)
    : step_(step), folder_(step.out / (step.id + ".checkpoint")), work_(hash_of(params, files)) {}

std::optional<StepResult> AppendAccount::recall() const {
  std::string text;
  collectively(step_.context.comm, [&] {
    if (step_.context.comm.rank() != 0) return;
    const std::optional<Json> kept = read_json(folder_ / account_name);
    if (!kept || kept->value("work", "") != work_ || kept->value("dataset", "") != dataset_state(step_.dataset()))
      return;
    remove_leftovers(step_.dataset().string());  // it was killed after it had published
    const fs::path quarantine = step_.folder / quarantine_name;
    fs::copy_file(folder_ / quarantine_name, quarantine);
    sync_path(quarantine.string());
    text = kept->at("result").dump();
    fmt::print(stderr, "{}: the dataset has the files; a run that was killed had read them\n", step_.id);
  });
  step_.context.comm.broadcast(text, 0);
  if (text.empty()) return std::nullopt;
  const Json told = Json::parse(text);
  return StepResult{
      .metrics = told.at("metrics"), .rows = told.at("rows"), .sources = told.at("sources"), .tables = {}};
}

std::string AppendAccount::dataset_left(const fs::path& checkpoints) {
  const std::optional<Json> kept = read_json(checkpoints / account_name);
  return kept ? kept->value("dataset", "") : "";
}

void AppendAccount::keep(const StepResult& result, const fs::path& staging) const {
  collectively(step_.context.comm, [&] {
    if (step_.context.comm.rank() != 0) return;
    fs::create_directories(folder_);
    fs::remove(folder_ / account_name);  // never beside a quarantine that is not its own
    const fs::path quarantine = folder_ / quarantine_name;
    fs::copy_file(step_.folder / quarantine_name, quarantine, fs::copy_options::overwrite_existing);
    sync_path(quarantine.string());
    const Json told{{"metrics", result.metrics}, {"rows", result.rows}, {"sources", result.sources}};
    const Json account{{"work", work_}, {"dataset", dataset_state(staging)}, {"result", told}};
    write_file((folder_ / account_name).string(), account.dump());
    sync_parent(folder_.string());
  });
}

}  // namespace cohort
