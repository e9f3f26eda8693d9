// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/parse_pass.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "core/error.hpp"
#include "core/progress.hpp"
#include "core/signals.hpp"
#include "core/threads.hpp"
#include "io/text/csv_unit_reader.hpp"

namespace cohort {

ParsePass::ParsePass(const Context& context, const std::vector<TablePlan>& plans, const OpenedSources& opened,
                     std::int32_t shards, Repartition& rows, Repartition& digests, std::int64_t max_bad_rows,
                     std::int64_t label_memory)
    : context_(context),
      opened_(opened),
      label_memory_(label_memory),
      buffers_(static_cast<std::size_t>(context.threads)) {
  for (int worker = 0; worker < context_.threads; ++worker) {
    std::deque<RowParser>& of_worker = parsers_.emplace_back();
    for (const TablePlan& plan : plans)
      of_worker.emplace_back(plan, worker, shards, rows, plan.duplicates >= 0 ? &digests : nullptr, max_bad_rows);
  }
}

/// The spans of a unit, each for the thread that asks for it. Where one has failed there are no more, so that the
/// others do not read on to the end; between two the pass can be stopped.
class ParsePass::Spans {
 public:
  Spans(const OpenedSource& source, std::size_t unit, Progress& progress)
      : file_(source.files[static_cast<std::size_t>(source.csv.units()[unit].file)]),
        reader_(source.csv, unit, source.plans[unit]),
        progress_(progress),
        left_(estimated_text(source.csv, source.csv.units()[unit])) {}
  ~Spans() { progress_.advance(left_); }
  Spans(const Spans&) = delete;
  Spans& operator=(const Spans&) = delete;

  [[nodiscard]] const FileLayout& file() const { return file_; }
  [[nodiscard]] bool next(std::string& buffer, CsvSpan& span) {
    const std::lock_guard lock(mutex_);
    Stoppable::poll();
    if (failed_ || !reader_.next(buffer, span)) return false;
    const std::int64_t come = std::min(left_, std::ssize(span.text));
    progress_.advance(come);
    left_ -= come;
    return true;
  }
  void fail() { failed_ = true; }

 private:
  const FileLayout& file_;
  CsvUnitReader reader_;
  Progress& progress_;
  std::int64_t left_;  ///< text that is not read yet, by estimate
  std::mutex mutex_;
  std::atomic<bool> failed_ = false;
};

/// Plain units go to whichever thread is free; inside a compressed one a single thread inflates at a time and each
/// parses the span it drew.
void ParsePass::run() {
  std::vector<std::pair<std::size_t, std::size_t>> plain, compressed;
  std::int64_t text = 0;
  for (const auto& unit : opened_.my_units) {
    const CsvSource& csv = opened_.sources[unit.first].csv;
    const CsvUnit& bytes = csv.units()[unit.second];
    (csv.files()[static_cast<std::size_t>(bytes.file)].is_compressed() ? compressed : plain).push_back(unit);
    text += estimated_text(csv, bytes);
  }
  Progress progress(context_.show_progress, "reading the sources", text);
  parallel_for(context_.threads, std::ssize(plain), [&](int worker, std::int64_t i) {
    const auto& [source, unit] = plain[static_cast<std::size_t>(i)];
    Spans spans(opened_.sources[source], unit, progress);
    parse_spans(worker, source, spans);
  });
  for (const auto& [source, unit] : compressed) {
    Spans spans(opened_.sources[source], unit, progress);
    parallel_for(context_.threads, context_.threads,
                 [&, source = source](int worker, std::int64_t) { parse_spans(worker, source, spans); });
  }
}

void ParsePass::parse_spans(int worker, std::size_t source, Spans& spans) {
  RowParser& parser = parsers_[static_cast<std::size_t>(worker)][source];
  const CsvDialect dialect = opened_.sources[source].csv.options().dialect();
  std::string& buffer = buffers_[static_cast<std::size_t>(worker)];
  CsvSpan span;
  try {
    while (spans.next(buffer, span)) {
      parser.parse(span, spans.file(), dialect);
      check_labels(parser);
    }
  } catch (...) {
    spans.fail();
    throw;
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
