// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/shard_builder.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <type_traits>

#include "core/error.hpp"
#include "io/event_table.hpp"
#include "jobs/ingest/customer_index.hpp"

namespace cohort {
namespace {

using Rows = std::vector<const std::byte*>;

/// A table's rows with what they are sorted by.
struct PlacedRow {
  std::uint32_t customer;  ///< rank of the customer in the shard
  std::int64_t time;
  std::uint64_t position;
  const std::byte* row;
};

std::vector<Rows> split_by_table(std::size_t tables, std::span<const std::span<const std::byte>> pieces) {
  std::vector<Rows> rows(tables);
  for (const std::span<const std::byte> piece : pieces) {
    for (std::size_t at = 0; at < piece.size();) {
      const RowHeader header = RowFormat::header(piece.data() + at);
      rows[header.table].push_back(piece.data() + at);
      at += header.bytes;
    }
  }
  return rows;
}

/// Counting sort by customer, then each customer's few rows by (time, position).
std::vector<PlacedRow> sort_rows(const TableLayout& layout, const Rows& rows, const CustomerIndex& customers) {
  std::vector<std::uint32_t> ranks(rows.size());
  std::vector<std::size_t> begins(customers.size() + 1, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ranks[i] = customers.rank_of(layout.format, rows[i]);
    ++begins[ranks[i] + 1];
  }
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::vector<PlacedRow> placed(rows.size());
  std::vector<std::size_t> next(begins.begin(), begins.end() - 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t time = layout.events ? RowFormat::load<std::int64_t>(rows[i], layout.format.offset(1)) : 0;
    placed[next[ranks[i]]++] = {ranks[i], time, RowFormat::header(rows[i]).position, rows[i]};
  }
  for (std::size_t c = 0; c + 1 < begins.size(); ++c) {
    std::sort(placed.begin() + static_cast<std::ptrdiff_t>(begins[c]),
              placed.begin() + static_cast<std::ptrdiff_t>(begins[c + 1]), [](const PlacedRow& a, const PlacedRow& b) {
                return a.time != b.time ? a.time < b.time : a.position < b.position;
              });
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

ColumnValues gather(const TableLayout& layout, std::size_t c, const std::vector<PlacedRow>& rows) {
  const auto fixed = [&](auto zero) {
    std::vector<decltype(zero)> values(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      values[i] = RowFormat::load<decltype(zero)>(rows[i].row, layout.format.offset(c));
    }
    return values;
  };
  switch (storage_of(layout.columns[c].type)) {
    case Storage::int32: return fixed(std::int32_t{});
    case Storage::int64: return fixed(std::int64_t{});
    case Storage::float64: return fixed(double{});
    case Storage::text: break;
  }
  const auto& texts = layout.format.texts();
  const auto index = static_cast<std::size_t>(std::find(texts.begin(), texts.end(), c) - texts.begin());
  TextValues values;
  for (const PlacedRow& row : rows) values.push_back(layout.format.text(row.row, index));
  return values;
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
    ColumnData& column = table.columns.emplace_back(ColumnData{layout.columns[c], gather(layout, c, rows)});
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
                "keep one row a customer in the source");
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
                                   std::span<const std::span<const std::byte>> pieces) {
  const std::vector<Rows> rows = split_by_table(layouts.size(), pieces);
  CustomerIndex index(layouts.front().columns.front().type == ColumnType::text);
  for (std::size_t t = 0; t < layouts.size(); ++t) {
    for (const std::byte* row : rows[t]) index.add(layouts[t].format, row);
  }
  index.sort();

  std::vector<TableData> tables(1);
  tables.front() = {.name = std::string(customers_table), .columns = {index.id_column()}};
  for (std::size_t t = 0; t < layouts.size(); ++t) {
    std::vector<PlacedRow> placed = sort_rows(layouts[t], rows[t], index);
    if (layouts[t].drop_duplicates) drop_duplicates(placed);
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
