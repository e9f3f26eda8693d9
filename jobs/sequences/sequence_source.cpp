// SPDX-License-Identifier: Apache-2.0
#include "jobs/sequences/sequence_source.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/gather.hpp"
#include "io/store/content_hash.hpp"
#include "io/store/dataset.hpp"
#include "io/store/event_table.hpp"
#include "io/text/sequence_text.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/ingest/balance_sheet.hpp"
#include "jobs/ingest/source_files.hpp"
#include "jobs/shard_gather.hpp"
#include "jobs/time_span.hpp"

namespace cohort {
namespace {

struct Event {
  std::int64_t time = 0, basket = 0, item = 0;
};

/// Turns the events of one customer, which come by time, into elements: what has the same time, or the same basket.
class ElementBuilder {
 public:
  ElementBuilder(bool by_basket, SequenceDatabase& sequences) : by_basket_(by_basket), sequences_(sequences) {}

  void add(const Event& event) { events_.push_back(event); }

  void end_customer(std::int64_t row) {
    if (by_basket_) move_to_start_of_basket();
    for (const Event& event : events_) {
      if (!element_.empty() && event.time != time_) close();
      time_ = event.time;
      element_.push_back(static_cast<std::int32_t>(event.item));
    }
    close();
    if (!events_.empty()) sequences_.end_sequence(row);
    events_.clear();
  }

 private:
  void close() {
    sequences_.add_element(time_, element_);
    element_.clear();
  }
  /// A basket happens when it begins; baskets that begin together are one element, since neither is before the other.
  void move_to_start_of_basket() {
    std::map<std::int64_t, std::int64_t> start;
    for (Event& event : events_) event.time = start.try_emplace(event.basket, event.time).first->second;
    std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
  }

  bool by_basket_;
  SequenceDatabase& sequences_;
  std::vector<Event> events_;
  std::int64_t time_ = 0;
  std::vector<std::int32_t> element_;
};

std::int64_t value_at(const ColumnView& view, std::size_t row) {
  if (!view.int64s.empty()) return view.int64s[row];
  return view.int32s[row] == missing_int32 ? missing_int64 : view.int32s[row];
}

/// Collective. Replaces item numbers by their rank among all that occur on any rank, which it returns; marks stay.
std::vector<std::int64_t> number_items(Communicator& comm, const std::vector<std::int64_t>& tokens,
                                       std::vector<std::int32_t>& codes) {
  const auto sort_distinct = [](std::vector<std::int64_t>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
  };
  std::vector<std::int64_t> mine, all;
  std::ranges::copy_if(tokens, std::back_inserter(mine), [](std::int64_t token) { return token >= 0; });
  sort_distinct(mine);
  for (const Bytes& bytes : comm.all_gather(to_bytes(std::span<const std::int64_t>(mine)))) {
    append_values(bytes, all);
  }
  sort_distinct(all);
  for (const std::int64_t token : tokens) {
    const auto code = token < 0 ? token : std::lower_bound(all.begin(), all.end(), token) - all.begin();
    codes.push_back(static_cast<std::int32_t>(code));
  }
  return all;
}

SequenceInput read_text(const SequenceSource& source, const StepContext& step) {
  Communicator& comm = step.context.comm;
  SequenceInput input;
  SequenceText text;
  std::string hash;
  const std::string path = source.files(step.out).front();
  collectively(comm, [&] {
    text = read_sequence_text(path, comm.rank(), comm.size());
    if (text.lines == 0) {
      throw Error(ExitCode::bad_data, fmt::format("{} holds no sequence", path), "give a file with a sequence a line");
    }
    if (comm.rank() == 0) hash = file_hash_hex(path);
  });
  comm.broadcast(hash, 0);
  std::vector<std::int32_t> codes;
  for (const std::int64_t item : number_items(comm, text.tokens, codes)) input.labels.push_back(std::to_string(item));
  input.sequences.add_marked(codes, text.rows);
  input.sequences.n_items = static_cast<std::int32_t>(input.labels.size());
  input.total = text.lines;
  input.last_time = std::numeric_limits<std::int64_t>::max();  // a text is complete: nothing happens after it
  input.rows = {{"read", text.lines}, {"kept", text.lines}, {"rules", Json::array()}};
  input.sources = {{{"hash", hash},
                    {"name", std::filesystem::path(path).filename().string()},
                    {"bytes", std::filesystem::file_size(path)}}};
  return input;
}

/// What the scan of the events leaves beside the sequences.
struct EventTotals {
  BalanceSheet rows;
  std::int64_t last_time = std::numeric_limits<std::int64_t>::min();
  void parts(Parts& p) {
    rows.parts(p);
    p.max(std::span(&last_time, 1));
  }
};

EventTotals scan_events(const ShardEventTable& events, bool by_basket, SequenceDatabase& sequences) {
  EventTotals totals;
  totals.rows.rules.resize(2);
  ElementBuilder builder(by_basket, sequences);
  const auto reader = events.reader();
  const auto add = [&](const EventTile& tile, std::size_t row) {
    const Event event{.time = value_at(tile.columns[0], row),
                      .basket = by_basket ? value_at(tile.columns[2], row) : 0,
                      .item = value_at(tile.columns[1], row)};
    const bool bad[] = {event.time == missing_int64, event.item == missing_int64};
    ++totals.rows.read;
    for (std::size_t rule = 0; rule < 2; ++rule) totals.rows.rules[rule].matched += bad[rule] ? 1 : 0;
    if (bad[0] || bad[1]) {
      ++totals.rows.rules[bad[0] ? 0 : 1].removed;
      return;
    }
    totals.last_time = std::max(totals.last_time, event.time);
    builder.add(event);
  };
  for (std::int64_t block = 0; block < std::ssize(events.blocks()); ++block) {
    const std::int64_t shard = events.blocks()[static_cast<std::size_t>(block)].shard;
    reader->read(block, [&](const EventTile& tile) {
      for (const CustomerRun& run : tile.runs) {
        for (std::int32_t row = run.begin; row < run.end; ++row) add(tile, static_cast<std::size_t>(row));
        if (run.ends) builder.end_customer(shard << 40 | run.customer);
      }
    });
  }
  return totals;
}

SequenceInput read_store(const SequenceSource& source, const StepContext& step) {
  const Context& context = step.context;
  const CustomerRows rows = open_customer_rows(step, "dataset");
  const Manifest& manifest = *rows.manifest;
  std::vector<std::string> names{source.time, source.item};
  if (!source.basket.empty()) names.push_back(source.basket);
  SequenceInput input;
  EventTotals totals;
  totals.rows.rules.resize(2);
  std::optional<ShardEventTable> events;
  collectively(context.comm, [&] {
    events.emplace(manifest, rows.folder.string(), rows.shards, source.input, names);
    const Column& time = events->columns()[0];
    const Column& item = events->columns()[1];
    if (time.type != ColumnType::timestamp && time.type != ColumnType::date) {
      throw Error(ExitCode::bad_config, fmt::format("time: column {} is {}", time.name, type_name(time)),
                  "name a column of type date or timestamp");
    }
    if (item.type != ColumnType::category) {
      throw Error(ExitCode::bad_config, fmt::format("item: column {} is {}", item.name, type_name(item)),
                  "name a column of type category");
    }
    for (const Column& column : events->columns()) {
      if (storage_of(column.type) == Storage::float64) {
        throw Error(ExitCode::bad_config, fmt::format("basket: column {} is {}", column.name, type_name(column)),
                    "name a column of categories or whole numbers");
      }
    }
    input.labels = read_dictionary(manifest, rows.folder.string(), item.name).labels;
    input.times = time;
    totals = scan_events(*events, !source.basket.empty(), input.sequences);
  });
  Parts parts(Parts::Direction::pack);
  totals.parts(parts);
  context.comm.all_reduce(parts.sums, parts.maxima);
  parts.rewind();
  totals.parts(parts);
  input.sequences.n_items = static_cast<std::int32_t>(input.labels.size());
  input.total = total_rows(manifest, 0);
  input.last_time = totals.last_time;
  input.rows = totals.rows.json({"missing time", "missing item"});
  return input;
}

}  // namespace

void SequenceSource::describe(Fields& f) {
  f({.name = "format",
     .text = "store: what customers did, from the dataset; spmf: a text file, a line a sequence, -1 ends an element, "
             "plain or gzip",
     .choices = {"store", "spmf"}},
    format);
  f({.name = "input",
     .text = "The event table of the dataset, or the file; ${out} in its path is the job's --out",
     .execution = true},
    input);
  f({.name = "item", .text = "Store: column of what was bought, of type category"}, item);
  f({.name = "time", .text = "Store: column of when"}, time);
  f({.name = "basket",
     .text = "Store: column whose equal values make one element, at the time of its first event; empty: events of the "
             "same time are one element"},
    basket);
}

std::vector<std::string> SequenceSource::files(const std::filesystem::path& out) const {
  if (format == "store") return {};
  std::vector<std::string> paths = expand_paths({input}, out);
  if (paths.size() > 1) {
    throw Error(ExitCode::bad_config, fmt::format("input: {} stands for {} files", input, paths.size()),
                "name one file");
  }
  return paths;
}

std::int64_t SequenceInput::units(const std::string& key, const std::string& text) const {
  if (times) return span_in_units(key, text, *times);
  constexpr std::int64_t most = std::int64_t{1} << 40;
  std::int64_t number = -1;
  const char* const last = text.data() + text.size();
  const auto [end, status] = std::from_chars(text.data(), last, number);
  if (status != std::errc{} || end != last || number < 0 || number > most) {
    throw Error(ExitCode::bad_config, fmt::format("{}: '{}' is no span of time", key, text),
                "positions are whole numbers: write it as 3");
  }
  return number;
}

SequenceInput read_sequences(const SequenceSource& source, const StepContext& step) {
  return source.format == "spmf" ? read_text(source, step) : read_store(source, step);
}

}  // namespace cohort
