// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/context.hpp"
#include "core/repartition.hpp"
#include "jobs/ingest/row_parser.hpp"
#include "jobs/ingest/source_files.hpp"
#include "jobs/ingest/table_plan.hpp"

namespace cohort {

/// The pass in which this rank's part of the sources is parsed and its rows are dropped into shards.
class ParsePass {
 public:
  /// `rows` and `digests` receive what is parsed; labels and counts of values may take `label_memory` bytes.
  ParsePass(const Context& context, const std::vector<TablePlan>& plans, const OpenedSources& opened,
            std::int32_t shards, Repartition& rows, Repartition& digests, std::int64_t max_bad_rows,
            std::int64_t label_memory);

  /// Throws Error(bad_data) for a bad row too many, Error(plan_refused) for more labels than fit.
  void run();

  /// By worker, then table.
  [[nodiscard]] const std::vector<std::deque<RowParser>>& parsers() const { return parsers_; }
  [[nodiscard]] std::vector<BadRow> bad_rows() const;

 private:
  class Spans;
  void parse_spans(int worker, std::size_t source, Spans& spans);
  void check_labels(const RowParser& parser) const;

  const Context& context_;
  const OpenedSources& opened_;
  std::int64_t label_memory_;
  std::vector<std::deque<RowParser>> parsers_;
  std::vector<std::string> buffers_;  ///< of workers, from unit to unit: new memory would be cleared and faulted in
};

}  // namespace cohort
