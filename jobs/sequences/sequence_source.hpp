// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/sequences/sequence_database.hpp"
#include "core/column.hpp"
#include "jobs/step.hpp"

namespace cohort {

/// Where sequences come from: a text file, or what the customers of a dataset did.
struct SequenceSource {
  std::string format = "store";
  std::string input = "transactions";
  std::string item = "item";
  std::string time = "time";
  std::string basket;

  void describe(Fields& f);
  [[nodiscard]] std::vector<std::string> files(const std::filesystem::path& out) const;
};

/// The sequences of this rank and what is the same on all ranks.
struct SequenceInput {
  SequenceDatabase sequences;
  std::int64_t total = 0;           ///< sequences of all ranks, those without an event too
  std::vector<std::string> labels;  ///< of items, rising with their codes: by bytes, or by number
  std::int64_t last_time = 0;       ///< of all events
  std::optional<Column> times;      ///< the column that times are of; none: they are positions
  Json rows = nullptr, sources = nullptr;

  /// A span of time in units: a whole number of positions, or "7d", "12h", "30m", "45s", "2w". Throws
  /// Error(bad_config) naming `key` for another spelling, and for one finer than the times are.
  [[nodiscard]] std::int64_t units(const std::string& key, const std::string& text) const;
};

/// Collective. Reads each rank's own customers, or its own lines.
[[nodiscard]] SequenceInput read_sequences(const SequenceSource& source, const StepContext& step);

}  // namespace cohort
