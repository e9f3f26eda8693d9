// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/shard_builder.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <type_traits>

#include "core/error.hpp"
#include "io/store/event_table.hpp"
#include "jobs/ingest/customer_index.hpp"

namespace cohort {
namespace {

constexpr std::size_t strip_rows = 512;  // whose bytes stay in the nearest cache while all columns are taken from them
constexpr std::size_t rows_ahead = 64;   // asked for from memory before their turn

/// A row as it came, with the number of its customer.
struct MetRow {
  const std::byte* row;
  std::uint32_t customer;
};

/// Events of unknown customers, of copies only the one that comes first in the files, so that all are the same ones
/// in whichever order rows come.
class Orphans {
 public:
  void add(const RowFormat& format, const std::byte* row, std::string customer) {
    const OrphanRow orphan{.table = RowFormat::header(row).table,
                           .place = RowFormat::load<RowPlace>(row, format.place_offset()),
                           .customer = std::move(customer)};
    if (!format.with_digest()) return rows_.push_back(orphan);
    const auto [copy, is_new] = copies_.try_emplace({orphan.table, RowFormat::digest(row)}, orphan);
    if (!is_new && orphan.place.position < copy->second.place.position) copy->second = orphan;
  }
  [[nodiscard]] std::vector<OrphanRow> take() && {
    for (auto& [key, orphan] : copies_) rows_.push_back(std::move(orphan));
    return std::move(rows_);
  }

 private:
  std::vector<OrphanRow> rows_;
  std::map<std::pair<std::uint32_t, RowDigest>, OrphanRow> copies_;
};

std::size_t most_rows(const RowFormat& format, std::span<const std::span<const std::byte>> pieces) {
  std::size_t bytes = 0;
  for (const std::span<const std::byte> piece : pieces) bytes += piece.size();
  return bytes / format.fixed_bytes();
}

/// The rows by table. Numbers their customers on the way; those of the customers table first, since they say who may
/// have events where rows know their place.
std::vector<std::vector<MetRow>> meet_rows(std::span<const TableLayout> layouts,
                                           std::span<const std::span<const std::byte>> pieces, CustomerIndex& customers,
                                           std::vector<OrphanRow>& orphans) {
  std::vector<std::vector<MetRow>> rows(layouts.size());
  if (layouts.size() == 1) rows.front().reserve(most_rows(layouts.front().format, pieces));
  Orphans found;
  for (const bool events : {false, true}) {
    if (std::ranges::find(layouts, events, &TableLayout::events) == layouts.end()) continue;
    for (const std::span<const std::byte> piece : pieces) {
      for (std::size_t at = 0; at < piece.size();) {
        const std::byte* row = piece.data() + at;
        const RowHeader header = RowFormat::header(row);
        at += header.bytes;
        const TableLayout& layout = layouts[header.table];
        if (layout.events != events) continue;
        if (layout.format.with_place() && !customers.contains(layout.format, row))
          found.add(layout.format, row, customers.text_of(layout.format, row));
        else
          rows[header.table].push_back({row, customers.add(layout.format, row)});
      }
    }
  }
  orphans = std::move(found).take();
  return rows;
}

/// Orders the rows of a customer by time, then by all their other values, so that no file's name, split or order shows.
/// One column's values at a time stand where the time stood: most rows differ in the first few.
class RowOrder {
 public:
  explicit RowOrder(const TableLayout& layout) : format_(layout.format) {
    for (std::size_t c = layout.events ? 2 : 1; c < layout.columns.size(); ++c) {
      const Storage storage = storage_of(layout.columns[c].type);
      if (storage != Storage::text) fields_.push_back({storage, format_.offset(c)});
    }
  }

  void sort(std::span<PlacedRow> customer) const { sort_by_time(customer, 0); }

 private:
  struct FieldPlace {
    Storage storage;
    std::size_t offset;
  };

  /// `time` is the time, or the value of the field before `field`.
  void sort_by_time(std::span<PlacedRow> rows, std::size_t field) const {
    std::ranges::sort(rows, {}, &PlacedRow::time);
    for (std::size_t begin = 0; begin < rows.size();) {
      const std::int64_t time = rows[begin].time;
      std::size_t end = begin + 1;
      while (end < rows.size() && rows[end].time == time) ++end;
      if (end - begin > 1) sort_equal(rows.subspan(begin, end - begin), field);
      begin = end;
    }
  }

  void sort_equal(std::span<PlacedRow> rows, std::size_t field) const {
    const std::int64_t time = rows.front().time;
    for (; field < fields_.size(); ++field) {
      bool equal = true;
      for (PlacedRow& row : rows) {
        row.time = value(row.row, fields_[field]);
        equal = equal && row.time == rows.front().time;
      }
      if (equal) continue;
      sort_by_time(rows, field + 1);
      break;
    }
    if (field == fields_.size()) sort_texts(rows);
    for (PlacedRow& row : rows) row.time = time;
  }

  void sort_texts(std::span<PlacedRow> rows) const {
    if (format_.texts().empty()) return;
    std::ranges::sort(rows, [&](const PlacedRow& a, const PlacedRow& b) {
      for (std::size_t i = 0; i < format_.texts().size(); ++i) {
        const int order = format_.text(a.row, i).compare(format_.text(b.row, i));
        if (order != 0) return order < 0;
      }
      return false;
    });
  }

  static std::int64_t value(const std::byte* row, const FieldPlace& field) {
    return field.storage == Storage::int32 ? RowFormat::load<std::int32_t>(row, field.offset)
                                           : RowFormat::load<std::int64_t>(row, field.offset);
  }

  const RowFormat& format_;
  std::vector<FieldPlace> fields_;
};

void ask_for(const PlacedRow& row) {
  __builtin_prefetch(row.row);
}

/// Counting sort by customer, then each customer's few rows by time and values.
std::vector<PlacedRow> sort_rows(const TableLayout& layout, const std::vector<MetRow>& rows,
                                 const CustomerIndex& customers) {
  std::vector<std::size_t> begins(customers.size() + 1, 0);
  for (const MetRow& met : rows) ++begins[customers.rank_of(met.customer) + 1];
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::vector<PlacedRow> placed(rows.size());
  std::vector<std::size_t> next(begins.begin(), begins.end() - 1);
  for (const MetRow& met : rows) {
    const std::uint32_t rank = customers.rank_of(met.customer);
    const std::int64_t time = layout.events ? RowFormat::load<std::int64_t>(met.row, layout.format.offset(1)) : 0;
    placed[next[rank]++] = {rank, time, met.row};
  }
  const RowOrder order(layout);
  std::size_t called = 0;  // rows asked for from memory, where they lie in the order in which they came
  for (std::size_t c = 0; c + 1 < begins.size(); ++c) {
    for (; called < std::min(placed.size(), begins[c + 1] + rows_ahead); ++called) ask_for(placed[called]);
    order.sort(std::span(placed).subspan(begins[c], begins[c + 1] - begins[c]));
  }
  return placed;
}

/// Keeps the first of rows equal in all fields. Equal rows have equal times, so they lie within one (customer, time)
/// run.
void drop_duplicates(std::vector<PlacedRow>& rows) {
  std::set<RowDigest> seen;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool new_run =
        kept == 0 || rows[i].customer != rows[kept - 1].customer || rows[i].time != rows[kept - 1].time;
    if (new_run) seen.clear();
    if (seen.insert(RowFormat::digest(rows[i].row)).second) rows[kept++] = rows[i];
  }
  rows.resize(kept);
}

/// Puts column `c` of a strip of rows, the first of them number `first`, into its values.
void take_strip(const TableLayout& layout, std::size_t c, std::span<const PlacedRow> rows, std::size_t first,
                ColumnValues& column) {
  std::visit(
      [&]<class Values>(Values& values) {
        if constexpr (std::is_same_v<Values, TextValues>) {
          const auto& texts = layout.format.texts();
          const auto index = static_cast<std::size_t>(std::find(texts.begin(), texts.end(), c) - texts.begin());
          for (const PlacedRow& row : rows) values.push_back(layout.format.text(row.row, index));
        } else {
          const std::size_t offset = layout.format.offset(c);
          for (std::size_t i = 0; i < rows.size(); ++i)
            values[first + i] = RowFormat::load<typename Values::value_type>(rows[i].row, offset);
        }
      },
      column);
}

/// Times travel as microseconds and are kept in the coarsest unit that is exact.
void coarsen(std::vector<std::int64_t>& times, TimeUnit unit) {
  const std::int64_t microseconds = microseconds_per(unit);
  for (std::int64_t& time : times) {
    if (time != missing_int64) time /= microseconds;
  }
}

TableData columns_of_rows(const TableLayout& layout, const std::vector<PlacedRow>& rows) {
  TableData table{.name = layout.name, .columns = {}};
  for (std::size_t c = 1; c < layout.columns.size(); ++c) {
    const bool is_text = storage_of(layout.columns[c].type) == Storage::text;
    table.columns.push_back({layout.columns[c], missing_values(layout.columns[c], is_text ? 0 : rows.size())});
  }
  for (std::size_t first = 0; first < rows.size(); first += strip_rows) {
    const auto strip = std::span(rows).subspan(first, std::min(strip_rows, rows.size() - first));
    for (const PlacedRow& row : strip) ask_for(row);
    for (std::size_t c = 1; c < layout.columns.size(); ++c)
      take_strip(layout, c, strip, first, table.columns[c - 1].values);
  }
  for (ColumnData& column : table.columns) {
    if (column.column.type == ColumnType::timestamp)
      coarsen(std::get<std::vector<std::int64_t>>(column.values), column.column.unit);
  }
  return table;
}

/// First event of each customer.
std::vector<std::int64_t> offsets_of(const std::vector<PlacedRow>& rows, std::size_t customers) {
  std::vector<std::int64_t> offsets(customers);
  std::size_t at = 0;
  for (std::size_t c = 0; c < customers; ++c) {
    while (at < rows.size() && rows[at].customer < c) ++at;
    offsets[c] = static_cast<std::int64_t>(at);
  }
  return offsets;
}

/// Attributes of every customer of the shard; those without a row in the customers' table have them missing.
void add_attributes(TableData& customers, const TableLayout& layout, const std::vector<PlacedRow>& rows,
                    const CustomerIndex& index) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].customer != rows[i - 1].customer) continue;
    throw Error(ExitCode::bad_data,
                fmt::format("two rows of the customers table have the customer {}", index.id_text(rows[i].customer)),
                "keep one row a customer in the source, or let a drop_repeated rule choose");
  }
  for (ColumnData& column : columns_of_rows(layout, rows).columns) {
    ColumnData& full =
        customers.columns.emplace_back(ColumnData{column.column, missing_values(column.column, index.size())});
    std::visit(
        [&](auto& from) {
          using Values = std::decay_t<decltype(from)>;
          auto& to = std::get<Values>(full.values);
          if constexpr (std::is_same_v<Values, TextValues>) {
            to = {};
            std::size_t at = 0;
            for (std::uint32_t c = 0; c < index.size(); ++c) {
              const bool present = at < rows.size() && rows[at].customer == c;
              to.push_back(present ? from[at++] : std::string_view{});
            }
          } else {
            for (std::size_t i = 0; i < rows.size(); ++i) to[rows[i].customer] = from[i];
          }
        },
        column.values);
  }
}

}  // namespace

std::vector<TableData> build_shard(std::span<const TableLayout> layouts,
                                   std::span<const std::span<const std::byte>> pieces, ShardFindings& found) {
  std::vector<BalanceSheet>& sheets = found.sheets;
  sheets.assign(layouts.size(), {});
  std::deque<std::vector<std::byte>> changed;
  CustomerIndex index(layouts.front().columns.front().type == ColumnType::text);
  const std::vector<std::vector<MetRow>> rows = meet_rows(layouts, pieces, index, found.orphans);
  index.sort();

  std::vector<TableData> tables(1);
  tables.front() = {.name = std::string(customers_table), .columns = {index.id_column()}};
  for (std::size_t t = 0; t < layouts.size(); ++t) {
    std::vector<PlacedRow> placed = sort_rows(layouts[t], rows[t], index);
    if (layouts[t].drop_duplicates) drop_duplicates(placed);
    sheets[t].rules.resize(layouts[t].rules);
    sheets[t].bad = std::count_if(found.orphans.begin(), found.orphans.end(),
                                  [&](const OrphanRow& orphan) { return orphan.table == t; });
    apply_shard_steps(layouts[t].steps, layouts[t].columns, layouts[t].format, placed, changed, sheets[t]);
    if (!layouts[t].events) {
      add_attributes(tables.front(), layouts[t], placed, index);
      continue;
    }
    tables.front().columns.push_back(
        {Column{.name = offset_column(layouts[t].name), .type = ColumnType::int64}, offsets_of(placed, index.size())});
    tables.push_back(columns_of_rows(layouts[t], placed));
  }
  return tables;
}

}  // namespace cohort
