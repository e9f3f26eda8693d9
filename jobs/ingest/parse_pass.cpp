// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/parse_pass.hpp"

#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/threads.hpp"

namespace cohort {

ParsePass::ParsePass(const Context& context, const std::vector<TablePlan>& plans, const OpenedSources& opened,
                     std::int32_t shards, Repartition& rows, Repartition& digests, std::int64_t max_bad_rows,
                     std::int64_t label_memory)
    : context_(context), opened_(opened), label_memory_(label_memory) {
  for (int worker = 0; worker < context_.threads; ++worker) {
    std::deque<RowParser>& of_worker = parsers_.emplace_back();
    for (const TablePlan& plan : plans)
      of_worker.emplace_back(plan, worker, shards, rows, plan.duplicates >= 0 ? &digests : nullptr, max_bad_rows);
  }
}

/// Plain units go to whichever thread is free; inside a compressed one a single thread inflates at a time and each
/// parses the span it drew.
void ParsePass::run() {
  Progress progress(context_.show_progress, "reading the sources", std::ssize(opened_.my_units));
  std::vector<std::pair<std::size_t, std::size_t>> plain, compressed;
  for (const auto& unit : opened_.my_units) {
    const CsvSource& csv = opened_.sources[unit.first].csv;
    (csv.files()[static_cast<std::size_t>(csv.units()[unit.second].file)].is_compressed() ? compressed : plain)
        .push_back(unit);
  }
  parallel_for(context_.threads, std::ssize(plain), [&](int worker, std::int64_t i) {
    const auto& [source, unit] = plain[static_cast<std::size_t>(i)];
    std::mutex unshared;
    CsvUnitReader reader(opened_.sources[source].csv, unit, opened_.sources[source].plans[unit]);
    parse_spans(worker, source, unit, reader, unshared);
    progress.advance();
  });
  for (const auto& [source, unit] : compressed) {
    std::mutex inflating;
    CsvUnitReader reader(opened_.sources[source].csv, unit, opened_.sources[source].plans[unit]);
    parallel_for(context_.threads, context_.threads, [&, source = source, unit = unit](int worker, std::int64_t) {
      parse_spans(worker, source, unit, reader, inflating);
    });
    progress.advance();
  }
}

void ParsePass::parse_spans(int worker, std::size_t source, std::size_t unit, CsvUnitReader& reader,
                            std::mutex& mutex) {
  const OpenedSource& opened = opened_.sources[source];
  const FileLayout& file = opened.files[static_cast<std::size_t>(opened.csv.units()[unit].file)];
  RowParser& parser = parsers_[static_cast<std::size_t>(worker)][source];
  std::string buffer;
  CsvSpan span;
  const auto next = [&] {
    const std::lock_guard lock(mutex);
    return reader.next(buffer, span);
  };
  while (next()) {
    parser.parse(span, file, opened.csv.options().dialect());
    check_labels(parser);
  }
}

void ParsePass::check_labels(const RowParser& parser) const {
  const std::int64_t limit = label_memory_ / context_.threads;
  if (parser.label_bytes() <= limit) return;
  throw Error(
      ExitCode::plan_refused,
      fmt::format("labels of categories and counts of values outgrow {} bytes, their share of memory_per_rank = {}",
                  limit, context_.memory_per_rank),
      "declare the column with the most distinct values int64 or text, or give each rank more memory");
}

std::vector<BadRow> ParsePass::bad_rows() const {
  std::vector<BadRow> bad;
  for (const std::deque<RowParser>& worker : parsers_) {
    for (const RowParser& parser : worker) bad.insert(bad.end(), parser.bad_rows().begin(), parser.bad_rows().end());
  }
  return bad;
}

}  // namespace cohort
