// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.hpp"
#include "core/context.hpp"
#include "jobs/job_file.hpp"

namespace cohort {

/// Where a step runs and what it may use. Every rank holds an equal one.
struct StepContext {
  const Context& context;
  const JobFile& job;
  std::filesystem::path out;     ///< the job's --out
  std::filesystem::path folder;  ///< this step's own folder while it is being made; exists
  std::string id;
  bool replace = false;  ///< a dataset of the same name may be replaced

  [[nodiscard]] std::filesystem::path dataset() const { return job.dataset_folder(out); }
};

/// A table of result.json: what the report shows, and how.
struct ResultTable {
  std::string name, title;
  std::vector<std::string> columns;
  std::vector<std::vector<Json>> rows;
  /// {"type": "bar|heatmap|...", "x": column, "y": [columns], "value": column}, or several; an interval has y, low,
  /// high.
  Json chart = nullptr;
};

/// What a step leaves in result.json, equal on all ranks and at any number of them.
struct StepResult {
  Json metrics = Json::object();
  Json rows = nullptr;     ///< the balance sheet, where rows were read
  Json sources = nullptr;  ///< content hashes and base names, where files were read
  std::vector<ResultTable> tables;
  std::string verdict = "ok";
};

/// A step whose parameters have been read and checked.
class Step {
 public:
  virtual ~Step() = default;
  [[nodiscard]] virtual Json parameters() = 0;
  /// Files and datasets the step may read that no earlier step made; resume looks whether they changed. A path where
  /// nothing is does no harm.
  [[nodiscard]] virtual std::vector<std::string> inputs(const std::filesystem::path& out) = 0;
  /// Collective.
  virtual StepResult run(const StepContext& context) = 0;
};

/// What the registry knows of a job.
struct JobEntry {
  std::string_view name;
  std::string_view summary;  ///< one sentence
  std::string_view notes;    ///< complexity, memory, reference
  Nested describe;           ///< its parameters at their defaults
  std::function<std::unique_ptr<Step>(const ConfigNode&, const std::string& where, std::vector<std::string>& notes)>
      read;
};

/// Makes the entry of a job: a struct with `name`, `summary`, `notes`, `Params` that describes itself and
/// `static StepResult run(const Params&, const StepContext&)`.
template <class Job>
JobEntry entry() {
  class JobStep : public Step {
   public:
    typename Job::Params params;
    Json parameters() override { return record_fields(description_of(params)); }
    std::vector<std::string> inputs(const std::filesystem::path& out) override {
      std::vector<std::string> paths;
      if constexpr (requires { Job::inputs(params, out); }) paths = Job::inputs(params, out);
      // A dataset from elsewhere may be named in the place of a step.
      if constexpr (requires { params.input; }) paths.push_back(params.input);
      if constexpr (requires { params.data; }) paths.push_back(params.data);
      if constexpr (requires { params.columns_of; }) paths.push_back(params.columns_of);
      if constexpr (requires { params.holdout.input; }) paths.push_back(params.holdout.input);
      return paths;
    }
    StepResult run(const StepContext& context) override { return Job::run(params, context); }
  };
  return JobEntry{.name = Job::name,
                  .summary = Job::summary,
                  .notes = Job::notes,
                  .describe =
                      [](Fields& fields) {
                        typename Job::Params defaults;
                        defaults.describe(fields);
                      },
                  .read =
                      [](const ConfigNode& node, const std::string& where, std::vector<std::string>& notes) {
                        auto step = std::make_unique<JobStep>();
                        for (std::string& note : read_fields(node, description_of(step->params), where)) {
                          notes.push_back(std::move(note));
                        }
                        if constexpr (requires { step->params.check(node); }) step->params.check(node);
                        return std::unique_ptr<Step>(std::move(step));
                      }};
}

}  // namespace cohort
