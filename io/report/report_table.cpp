// SPDX-License-Identifier: Apache-2.0
#include "io/report/report_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/error.hpp"

namespace cohort {
namespace {

constexpr std::size_t most_rows = 1000;
constexpr std::size_t unfolded_rows = 12;
constexpr std::array chart_types{"bar",     "line",        "pie",     "scatter", "interval", "radar",
                                 "heatmap", "stacked_bar", "network", "sankey",  "parallel"};

[[noreturn]] void fail(const Json& table, const std::string& complaint) {
  throw Error(ExitCode::internal, fmt::format("report: table {}: {}", table.value("name", "?"), complaint),
              "This is a fault in the job that wrote the table; please report it with its result.json.");
}

std::string counted(std::size_t count) {
  return NumberStyle("rows").text(Json(count));
}

void check_rows(const Json& table) {
  const std::size_t columns = table.at("columns").size();
  std::size_t number = 0;
  for (const Json& row : table.at("rows")) {
    if (row.size() != columns)
      fail(table, fmt::format("row {} has {} values for {} columns", number, row.size(), columns));
    ++number;
  }
}

void check_chart(const Json& table, const Json& chart) {
  if (!at(chart, "type").is_string() || !at(chart, "y").is_array() || chart["y"].empty())
    fail(table, "its chart lacks a type or columns y");
  const auto& type = chart.at("type").get_ref<const std::string&>();
  if (std::find(chart_types.begin(), chart_types.end(), type) == chart_types.end())
    fail(table, fmt::format("unknown chart type \"{}\"", type));
  std::vector<Json> used = chart.at("y");
  used.push_back(at(chart, "x"));
  if (type == "heatmap" || type == "network" || type == "sankey" || type == "parallel")
    used.push_back(at(chart, "value"));
  if (type == "interval" && chart["y"].size() != 3) fail(table, "its chart of intervals needs y, low and high");
  const Json& columns = table.at("columns");
  for (const Json& column : used)
    if (std::find(columns.begin(), columns.end(), column) == columns.end())
      fail(table, fmt::format("its chart names no column of it: {}", json_line(column)));
}

std::vector<NumberStyle> styles_of(const Json& table) {
  std::vector<NumberStyle> styles;
  for (const Json& column : table.at("columns")) styles.emplace_back(column.get_ref<const std::string&>());
  for (const Json& row : table.at("rows"))
    for (std::size_t c = 0; c < styles.size(); ++c) styles[c].see(row[c]);
  return styles;
}

/// A column's heading stands on the side of its values.
std::string render_head(const Json& columns, const std::vector<NumberStyle>& styles, const ReportWords& words) {
  std::string html;
  for (std::size_t c = 0; c < styles.size(); ++c) {
    const auto& column = columns[c].get_ref<const std::string&>();
    html += fmt::format(R"(<th scope="col"{} data-column="{}">{}</th>)",
                        styles[c].is_numeric() ? R"( class="number")" : "", escaped(column), spoken(column, words));
  }
  return html;
}

std::string render_rows(const Json& rows, const std::vector<NumberStyle>& styles, const ReportWords& words) {
  std::string html;
  for (std::size_t r = 0; r < std::min(rows.size(), most_rows); ++r) {
    html += "<tr>";
    for (std::size_t c = 0; c < styles.size(); ++c) html += shown("td", rows[r][c], styles[c], words);
    html += "</tr>\n";
  }
  return html;
}

/// What is drawn, for tables with more than one chart.
std::string measure_of(const Json& chart, const ReportWords& words) {
  const Json& measure = at(chart, "value").is_string() ? chart["value"] : chart.at("y").front();
  return spoken(measure.get_ref<const std::string&>(), words);
}

/// One chart, or several side by side.
std::string render_charts(const Json& table, const std::string& id, const std::string& title,
                          const ReportWords& words) {
  const Json& given = at(table, "chart");
  if (given.is_null()) return {};
  const Json charts = given.is_array() ? given : Json::array({given});
  for (const Json& chart : charts) check_chart(table, chart);
  if (table.at("rows").empty()) return {};
  // Charts of one kind differ by their measure: they stand side by side and say it.
  const bool alike = charts.size() > 1 &&
                     std::ranges::all_of(charts, [&](const Json& chart) { return chart["type"] == charts[0]["type"]; });
  std::string html;
  for (const Json& chart : charts) {
    const std::string measure = measure_of(chart, words);
    html += fmt::format(R"(<div>{}<div class="chart" role="img" aria-label="{}" data-table="{}-table" data-chart="{}">
</div></div>)",
                        alike ? fmt::format("<h4>{}</h4>", measure) : "",
                        filled(words.chart_of, alike ? title + ": " + measure : title), id, escaped(json_line(chart)));
  }
  return fmt::format(R"(<div class="charts{}">{}</div>)", alike ? " beside" : "", html);
}

/// The table itself, behind a summary that opens it when it is long.
std::string render_grid(const Json& table, const std::string& id, const std::string& title, const ReportWords& words) {
  const std::size_t rows = table.at("rows").size();
  if (rows == 0) return fmt::format(R"(<p class="note">{}</p>)", words.empty_table);
  const std::vector<NumberStyle> styles = styles_of(table);
  const std::string grid = fmt::format(
      R"(<div class="scroll" tabindex="0" role="region" aria-label="{1}"><table id="{0}-table">
<caption class="unseen">{1}</caption><thead><tr>{2}</tr></thead><tbody>
{3}</tbody></table></div>)",
      id, title, render_head(table["columns"], styles, words), render_rows(table["rows"], styles, words));
  if (rows <= unfolded_rows) return grid;
  const std::string note = rows <= most_rows ? ""
                                             : fmt::format(R"(<p class="note">{}</p>)",
                                                           filled(words.first_rows, counted(most_rows), counted(rows)));
  const std::string filter =
      fmt::format(R"(<input class="filter" type="search" data-table="{}-table" placeholder="{}" aria-label="{}">)", id,
                  words.filter_rows, words.filter_rows);
  return fmt::format(R"({}<details class="fold"><summary>{}</summary>{}{}</details>)", note,
                     filled(words.row_count, counted(std::min(rows, most_rows))), filter, grid);
}

}  // namespace

std::string render_table(const Json& table, const std::string& id, const ReportWords& words) {
  check_rows(table);
  const std::string title = title_of(table, words);
  return fmt::format(R"(<figure id="{}"><h3>{}</h3>
{}{}</figure>
)",
                     id, title, render_charts(table, id, title, words), render_grid(table, id, title, words));
}

std::string render_settings(const std::string& heading, const Json& settings, const ReportWords& words) {
  if (!settings.is_object() || settings.empty()) return {};
  std::string rows;
  for (const auto& [key, value] : settings.items()) {
    const std::string cell = value.is_number() && !is_missing(value)
                                 ? fmt::format(R"(<td class="number" data-value="{0}">{0}</td>)", value.dump())
                                 : shown("td", key, value, words);
    rows += fmt::format(R"(<tr><th scope="row"><code>{}</code></th>{}</tr>)", escaped(key), cell);
  }
  return fmt::format(R"(<h4>{}</h4><table class="settings"><tbody>{}</tbody></table>)", heading, rows);
}

}  // namespace cohort
