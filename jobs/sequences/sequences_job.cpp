// SPDX-License-Identifier: Apache-2.0
#include "jobs/sequences/sequences_job.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "algorithms/sequences/sequences.hpp"
#include "core/collectively.hpp"
#include "core/error.hpp"
#include "io/text/csv_field.hpp"
#include "jobs/output_folder.hpp"

namespace cohort {
namespace {

constexpr std::int64_t patterns_per_piece = 65536;
constexpr std::size_t report_rows = 1000;

/// "A & B -> C": items of one element joined by &, elements by an arrow.
std::string pattern_text(const SequencePattern& pattern, const std::vector<std::string>& labels) {
  std::string text;
  for (std::size_t i = 0; i < pattern.steps.size(); ++i) {
    if (pattern.steps[i] == SequencePattern::next_element) {
      text += " -> ";
      continue;
    }
    if (i > 0 && pattern.steps[i - 1] != SequencePattern::next_element) text += " & ";
    text += labels[static_cast<std::size_t>(pattern.steps[i])];
  }
  return text;
}

/// "12 40 -1 7 -1 #SUP: 365", items by label.
std::string spmf_text(const SequencePattern& pattern, const std::vector<std::string>& labels) {
  std::string text;
  for (const std::int32_t step : pattern.steps) {
    text += step == SequencePattern::next_element ? "-1" : labels[static_cast<std::size_t>(step)];
    text += ' ';
  }
  return fmt::format("{}-1 #SUP: {}\n", text, pattern.count);
}

std::int64_t elements_of(const SequencePattern& pattern) {
  return 1 + std::count(pattern.steps.begin(), pattern.steps.end(), SequencePattern::next_element);
}

/// Collective. One text file of all patterns, a line each, written by all ranks.
void write_patterns(const StepContext& step, const std::string& file, const std::string& header,
                    const std::vector<SequencePattern>& patterns,
                    const std::function<std::string(const SequencePattern&)>& line) {
  const std::int64_t pieces = (std::ssize(patterns) + patterns_per_piece - 1) / patterns_per_piece;
  std::vector<int> mine;
  for (int piece = step.context.comm.rank(); piece < pieces; piece += step.context.comm.size()) mine.push_back(piece);
  write_in_pieces(step.context, step.folder / file, header, pieces, mine, [&](int piece) {
    std::string text;
    const std::int64_t begin = piece * patterns_per_piece;
    const std::int64_t end = std::min(begin + patterns_per_piece, std::ssize(patterns));
    for (std::int64_t i = begin; i < end; ++i) text += line(patterns[static_cast<std::size_t>(i)]);
    return text;
  });
}

double share(std::int64_t count, std::int64_t total) {
  return static_cast<double>(count) / static_cast<double>(total);
}

ResultTable lengths_table(const std::vector<SequencePattern>& patterns) {
  ResultTable table{.name = "lengths",
                    .title = "Patterns by number of items",
                    .columns = {"length", "patterns"},
                    .rows = {},
                    .chart = {{"type", "bar"}, {"x", "length"}, {"y", {"patterns"}}}};
  for (auto begin = patterns.begin(); begin != patterns.end();) {
    const std::int64_t length = begin->length();
    const auto end =
        std::find_if(begin, patterns.end(), [&](const auto& pattern) { return pattern.length() != length; });
    table.rows.push_back({length, end - begin});
    begin = end;
  }
  return table;
}

ResultTable patterns_table(const std::vector<SequencePattern>& patterns, const SequenceInput& input) {
  ResultTable table{.name = "patterns",
                    .title = "Most frequent patterns of two steps or more",
                    .columns = {"pattern", "length", "count", "support"},
                    .rows = {}};
  std::vector<const SequencePattern*> shown;
  for (const SequencePattern& pattern : patterns) {
    if (elements_of(pattern) > 1) shown.push_back(&pattern);
  }
  std::stable_sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) { return a->count > b->count; });
  shown.resize(std::min(shown.size(), report_rows));
  for (const SequencePattern* pattern : shown) {
    table.rows.push_back(
        {pattern_text(*pattern, input.labels), pattern->length(), pattern->count, share(pattern->count, input.total)});
  }
  return table;
}

Sequences::Params mining_params(const SequencesJob::Params& params, const SequenceInput& input) {
  Sequences::Params mining{.min_count = support_count(params.min_support, input.total),
                           .constraints = {},
                           .closed = params.closed,
                           .max_patterns = params.max_patterns};
  Sequences::Constraints& limits = mining.constraints;
  if (params.max_len > 0) limits.max_len = params.max_len;
  if (!params.min_gap.empty()) limits.min_gap = input.units("min_gap", params.min_gap);
  if (!params.max_gap.empty()) limits.max_gap = input.units("max_gap", params.max_gap);
  if (!params.max_span.empty()) limits.max_span = input.units("max_span", params.max_span);
  if (limits.min_gap > limits.max_gap) {
    throw Error(ExitCode::bad_config,
                fmt::format("min_gap {} is above max_gap {}: no gap is both", params.min_gap, params.max_gap),
                "lower min_gap or raise max_gap");
  }
  return mining;
}

}  // namespace

void SequencesJob::Params::describe(Fields& f) {
  source.describe(f);
  f({.name = "min_support",
     .text = "Least sequences that hold a pattern: a share of all if written with a point (0.01), else a count (25)",
     .aliases = {"minSupport"}},
    min_support);
  f({.name = "max_len",
     .text = "Most items of a pattern; 0: no limit",
     .range = {.low = 0},
     .aliases = {"maxPatternLength"}},
    max_len);
  f({.name = "min_gap",
     .text =
         "Least time from an element to the next: 7d, 12h, 30m, 45s, 2w, or positions (3) for spmf; elements follow "
         "strictly in any case"},
    min_gap);
  f({.name = "max_gap", .text = "Most time from an element to the next; empty: no limit"}, max_gap);
  f({.name = "max_span", .text = "Most time from the first element to the last; empty: no limit"}, max_span);
  f({.name = "closed", .text = "Only patterns that no longer one of the result contains at the same count"}, closed);
  f({.name = "max_patterns",
     .text = "More frequent patterns than this end the step with exit code 14",
     .range = {.low = 1, .high = 1e9}},
    max_patterns);
  rules.describe(f);
}

void SequencesJob::Params::check(const ConfigNode& node) const {
  try {
    (void)support_count(min_support, 1);
  } catch (const Error& error) {
    const ConfigNode* at = node.find("min_support");
    throw(at != nullptr ? *at : node).error(error.what(), error.next());
  }
}

std::int64_t support_count(const std::string& min_support, std::int64_t sequences) {
  __extension__ using Wide = __int128;
  const std::size_t point = min_support.find('.');
  std::string digits = min_support;
  std::int64_t scale = 1;
  if (point != std::string::npos) {
    digits.erase(point, 1);
    for (std::size_t i = point + 1; i < std::min<std::size_t>(min_support.size(), point + 18); ++i) scale *= 10;
  }
  std::int64_t number = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = status == std::errc{} && end == digits.data() + digits.size() && digits.size() <= 18;
  if (!whole || number <= 0 || (point != std::string::npos && number > scale)) {
    throw Error(ExitCode::bad_config,
                fmt::format("min_support: '{}' is neither a share in (0, 1] nor a count from 1", min_support),
                "write 0.01 for one sequence in a hundred, 25 for 25 sequences");
  }
  if (point == std::string::npos) return number;
  return std::max<std::int64_t>(1,
                                static_cast<std::int64_t>((static_cast<Wide>(number) * sequences + scale - 1) / scale));
}

StepResult SequencesJob::run(const Params& params, const StepContext& step) {
  const Context& context = step.context;
  SequenceInput input;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/read");
    input = read_sequences(params.source, step);
  }
  Sequences::Params mining;
  collectively(context.comm, [&] { mining = mining_params(params, input); });
  std::vector<SequencePattern> patterns;
  {
    const Metrics::Phase phase(context.metrics, context.comm, step.id + "/mine");
    patterns = Sequences::mine(mining, input.sequences, context);
  }
  const Metrics::Phase phase(context.metrics, context.comm, step.id + "/output");
  write_patterns(step, "patterns.csv", "pattern,length,elements,support,count\n", patterns, [&](const auto& pattern) {
    return fmt::format("{},{},{},{},{}\n", csv_field(pattern_text(pattern, input.labels)), pattern.length(),
                       elements_of(pattern), share(pattern.count, input.total), pattern.count);
  });
  write_patterns(step, "patterns.spmf.txt", "", patterns,
                 [&](const auto& pattern) { return spmf_text(pattern, input.labels); });
  StepResult result;
  result.rows = input.rows;
  result.sources = input.sources;
  result.metrics = {{"patterns", patterns.size()},
                    {"longest", patterns.empty() ? 0 : patterns.back().length()},
                    {"sequences", input.total},
                    {"min_count", mining.min_count}};
  result.tables = {lengths_table(patterns), patterns_table(patterns, input)};
  if (!params.rules.within.empty()) add_sequence_rules(params.rules, mining.min_count, input, step, result);
  return result;
}

}  // namespace cohort
