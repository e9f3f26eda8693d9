// SPDX-License-Identifier: Apache-2.0
// A job file: read or refused, by every step's own keys.
#include "core/error.hpp"
#include "jobs/job_file.hpp"
#include "jobs/runner.hpp"
#include "tests/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cohort;
  try {
    (void)validate_job(std::string(reinterpret_cast<const char*>(data), size), "job.yaml", {});
  } catch (const Error&) {
  }
  return 0;
}

std::vector<std::string> cohort::testing::fuzz_seeds() {
  return {R"(version: 1
run: {name: retail, random_state: 42, memory_per_rank: 4GiB}
dataset: retail.cohort
steps:
  - ingest:
      sources:
        transactions:
          path: a.csv
          map: {customer: CustomerID, time: InvoiceDate}
      clean:
        - drop_missing: {columns: [customer]}
  - features: {as_of: 2011-12-10}
  - kmeans: {id: segments, n_clusters: 5, features: [recency_days, frequency], log1p: all}
)",
          "version: 1\ndataset: x\nsteps:\n  - generate: {customers: 10}\n  - rules: {min_support: 0.1, "
          "min_confidence: .5}\n",
          "a: &b [*b]\n? {c: d}\n: - 'e'\n"};
}
