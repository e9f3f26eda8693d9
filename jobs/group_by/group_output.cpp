// SPDX-License-Identifier: Apache-2.0
#include "jobs/group_by/group_output.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/gather.hpp"
#include "io/text/csv_field.hpp"
#include "jobs/customer_rows.hpp"
#include "jobs/output_folder.hpp"
#include "jobs/table_file.hpp"

namespace cohort {
namespace {

ColumnValues stored(const Column& column, const std::vector<std::int64_t>& values) {
  switch (storage_of(column.type)) {
    case Storage::int32: {
      std::vector<std::int32_t> narrow;
      for (const std::int64_t value : values)
        narrow.push_back(value == missing_int64 ? missing_int32 : static_cast<std::int32_t>(value));
      return narrow;
    }
    case Storage::float64: {
      std::vector<double> reals;
      for (const std::int64_t bits : values) reals.push_back(std::bit_cast<double>(bits));
      return reals;
    }
    default: return values;
  }
}

ColumnData labelled(const std::string& name, const std::vector<std::string>& labels,
                    const std::vector<std::int64_t>& codes) {
  TextValues texts;
  for (const std::int64_t code : codes)
    texts.push_back(code == missing_int64 ? std::string_view() : labels[static_cast<std::size_t>(code)]);
  return {{.name = name, .type = ColumnType::text}, std::move(texts)};
}

const GroupPiece& piece_of(const GroupedTable& table, int number) {
  return *std::ranges::lower_bound(table.pieces, number, {}, &GroupPiece::number);
}

/// A cell as result.json holds it: numbers as numbers, the rest as the CSV has it.
Json cell(const ColumnData& data, std::size_t row) {
  if (const auto* real = std::get_if<std::vector<double>>(&data.values))
    return std::isnan((*real)[row]) ? Json(nullptr) : Json((*real)[row]);
  if (const auto* texts = std::get_if<TextValues>(&data.values)) return std::string((*texts)[row]);
  std::string text;
  append_csv_value(data, row, {}, text);
  if (text.empty()) return nullptr;
  if (data.column.type == ColumnType::date || data.column.type == ColumnType::timestamp) return text;
  return Json::parse(text);
}

/// A group that may be among the first.
struct Candidate {
  double weight = 0;
  int piece = 0;
  std::size_t row = 0;
  std::vector<Json> cells;

  bool operator<(const Candidate& other) const {
    if (weight != other.weight) return weight > other.weight;
    return piece != other.piece ? piece < other.piece : row < other.row;
  }
};

void keep_first(std::vector<Candidate>& candidates, std::int64_t most) {
  std::sort(candidates.begin(), candidates.end());
  if (std::ssize(candidates) > most) candidates.resize(static_cast<std::size_t>(most));
}

double weight_of(const Column& column, std::int64_t value) {
  const double weight = column.type == ColumnType::float64 ? std::bit_cast<double>(value) : static_cast<double>(value);
  return std::isnan(weight) ? -std::numeric_limits<double>::infinity() : weight;
}

Json chart_of(const GroupedTable& table, const std::string& measure, bool all) {
  const std::vector<Column>& keys = table.keys.columns();
  if (keys.size() == 1) return {{"type", "bar"}, {"x", keys[0].name}, {"y", {measure}}};
  if (keys.size() == 2 && all)
    return {{"type", "heatmap"}, {"x", keys[1].name}, {"y", {keys[0].name}}, {"value", measure}};
  return nullptr;
}

/// This rank's first groups, with their cells.
std::vector<Candidate> first_groups(const GroupedTable& table, std::size_t ranked, bool all, std::int64_t top) {
  const Column& column = table.measures.columns()[ranked];
  std::vector<Candidate> best;
  for (const GroupPiece& piece : table.pieces) {
    for (std::size_t row = 0; row < piece.groups(table.keys.words()); ++row)
      best.push_back({.weight = all ? 0 : weight_of(column, piece.figures[ranked][row]),
                      .piece = piece.number,
                      .row = row,
                      .cells = {}});
    keep_first(best, top);
  }
  for (Candidate& one : best) {
    const GroupPiece& piece = piece_of(table, one.piece);
    const auto words = static_cast<std::ptrdiff_t>(table.keys.words());
    const auto row = static_cast<std::ptrdiff_t>(one.row);
    GroupPiece alone{.keys = {piece.keys.begin() + row * words, piece.keys.begin() + (row + 1) * words}};
    for (const std::vector<std::int64_t>& figures : piece.figures) alone.figures.push_back({figures[one.row]});
    for (const ColumnData& data : table.columns_of(alone)) one.cells.push_back(cell(data, 0));
  }
  return best;
}

}  // namespace

std::vector<ColumnData> GroupedTable::columns_of(const GroupPiece& piece) const {
  std::vector<ColumnData> columns;
  const auto words = static_cast<std::size_t>(keys.words());
  for (std::size_t field = 0; field < keys.columns().size(); ++field) {
    std::vector<std::int64_t> values;
    for (std::size_t at = 0; at < piece.keys.size(); at += words) values.push_back(keys.value(field, &piece.keys[at]));
    const Column& column = keys.columns()[field];
    columns.push_back(column.type == ColumnType::category ? labelled(column.name, labels[field], values)
                                                          : ColumnData{column, stored(column, values)});
  }
  for (std::size_t m = 0; m < measures.columns().size(); ++m)
    columns.push_back({measures.columns()[m], stored(measures.columns()[m], piece.figures[m])});
  return columns;
}

void write_groups(const StepContext& step, const GroupedTable& table, bool csv) {
  std::vector<int> mine;
  for (const GroupPiece& piece : table.pieces) mine.push_back(piece.number);
  std::vector<Column> columns;
  std::vector<std::string> names;
  for (const ColumnData& data :
       table.columns_of({.figures = std::vector<std::vector<std::int64_t>>(table.measures.columns().size())})) {
    columns.push_back(data.column);
    names.push_back(data.column.name);
  }
  write_table_file(step.context, step.folder / "groups.h5", "groups", columns, table.all_pieces, mine, [&](int piece) {
    std::vector<ColumnValues> values;
    for (ColumnData& data : table.columns_of(piece_of(table, piece))) values.push_back(std::move(data.values));
    return values;
  });
  if (!csv) return;
  const std::string header = csv_header_line(names);
  write_in_pieces(step.context, step.folder / "groups.csv", header, table.all_pieces, mine, [&](int number) {
    const GroupPiece& piece = piece_of(table, number);
    const std::vector<ColumnData> data = table.columns_of(piece);
    std::string text;
    for (std::size_t row = 0; row < piece.groups(table.keys.words()); ++row) {
      for (std::size_t c = 0; c < data.size(); ++c) {
        if (c > 0) text += ',';
        append_csv_value(data[c], row, {}, text);
      }
      text += '\n';
    }
    return text;
  });
}

ResultTable top_groups(const Context& context, const GroupedTable& table, std::size_t ranked, std::int64_t groups,
                       std::int64_t top) {
  const bool all = groups <= top;
  const std::string& measure = table.measures.columns()[ranked].name;
  Json mine = Json::array();
  for (const Candidate& one : first_groups(table, ranked, all, top))
    mine.push_back({one.weight, one.piece, one.row, one.cells});
  const std::string text = mine.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::vector<Candidate> candidates;
  for (const Bytes& bytes : context.comm.all_gather(to_bytes(std::span<const char>(text)))) {
    for (const Json& one : Json::parse(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())))
      candidates.push_back(
          {one[0].is_null() ? -std::numeric_limits<double>::infinity() : one[0].get<double>(), one[1], one[2], one[3]});
  }
  keep_first(candidates, top);
  ResultTable result{.name = "groups",
                     .title = all ? "Groups" : fmt::format("The {} groups with most {}", top, measure),
                     .columns = {},
                     .rows = {}};
  for (const Column& column : table.keys.columns()) result.columns.push_back(column.name);
  for (const Column& column : table.measures.columns()) result.columns.push_back(column.name);
  for (Candidate& one : candidates) result.rows.push_back(std::move(one.cells));
  result.chart = chart_of(table, measure, all);
  return result;
}

}  // namespace cohort
