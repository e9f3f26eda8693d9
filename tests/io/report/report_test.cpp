// SPDX-License-Identifier: Apache-2.0
#include "io/report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "io/report/report_assets.hpp"
#include "io/report/report_balance.hpp"
#include "io/report/report_section.hpp"
#include "io/report/report_table.hpp"

namespace cohort {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The page without what is the same in all of them.
std::string body_of(const std::vector<ReportSection>& sections, const std::string& title = "Title") {
  const std::string page = render_report(title, sections);
  const std::size_t begin = page.find("<body>");
  return page.substr(begin, page.find("<script>") - begin);
}

Json table_of(const Json& columns, const Json& rows, const Json& chart = nullptr) {
  return {{"name", "t"}, {"title", "A table"}, {"columns", columns}, {"rows", rows}, {"chart", chart}};
}

ReportSection section_of(const std::string& id, const std::string& verdict = "ok") {
  return {{{"job", "kmeans"}, {"id", id}, {"verdict", verdict}}, Json::object()};
}

std::string text_of(const std::string& column, const Json& value) {
  NumberStyle style(column);
  style.see(value);
  return style.text(value);
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

TEST(ReportText, EscapesWhatHtmlReads) {
  EXPECT_EQ(escaped("<b a='1' c=\"2\">&amp;"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;");
  EXPECT_EQ(escaped(""), "");
}

TEST(ReportText, SpeaksNames) {
  EXPECT_EQ(spoken("roc_auc", english), "ROC AUC");
  EXPECT_EQ(spoken("average_basket", english), "Average basket");
  EXPECT_EQ(spoken("<x>", english), "&lt;x&gt;");
  EXPECT_EQ(spoken("", english), "");
}

TEST(ReportText, GroupsAndRoundsNumbers) {
  EXPECT_EQ(text_of("count", 0), "0");
  EXPECT_EQ(text_of("count", 999), "999");
  EXPECT_EQ(text_of("count", -1234567), "−1,234,567");
  EXPECT_EQ(text_of("count", std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
  EXPECT_EQ(text_of("count", std::numeric_limits<std::int64_t>::min()), "−9,223,372,036,854,775,808");
  EXPECT_EQ(text_of("customer_id", 17850), "17850");
  EXPECT_EQ(text_of("x", 1234567.89), "1,234,568");
  EXPECT_EQ(text_of("x", 1234.5), "1,234.5");
  EXPECT_EQ(text_of("x", 0.41237890123), "0.412");
  EXPECT_EQ(text_of("x", 0.5), "0.5");
  EXPECT_EQ(text_of("x", 3.0), "3");
  EXPECT_EQ(text_of("x", -0.0), "0");
  EXPECT_EQ(text_of("x", 1e-300), "1e-300");
  EXPECT_EQ(text_of("x", -std::numeric_limits<double>::max()), "−1.798e+308");
}

TEST(ReportText, ShowsBytesInBinaryUnits) {
  EXPECT_EQ(text_of("peak_rss_bytes", 0), "0 B");
  EXPECT_EQ(text_of("bytes_sent", 1023), "1023 B");
  EXPECT_EQ(text_of("bytes", 1536), "1.50 KiB");
  EXPECT_EQ(text_of("memory_per_rank", 4294967296), "4.00 GiB");
}

TEST(ReportText, AColumnSharesItsDecimals) {
  NumberStyle style("x");
  for (const double value : {1520.25, 3.5, 0.001}) style.see(value);
  EXPECT_EQ(style.text(1520.25), "1,520.2");
  EXPECT_EQ(style.text(3.5), "3.5");
  EXPECT_EQ(style.text(12), "12.0");
  EXPECT_EQ(style.text(0.001), "0.001") << "never rounded to nothing";
}

TEST(ReportText, KeepsTheExactValue) {
  EXPECT_EQ(shown("td", "x", 0.41237890123, english),
            R"(<td class="number" data-value="0.41237890123" title="0.41237890123">0.412</td>)");
  EXPECT_EQ(shown("td", "x", 1234, english), R"(<td class="number" data-value="1234">1,234</td>)");
  EXPECT_EQ(shown("td", "x", "<i>", english), "<td>&lt;i&gt;</td>");
  EXPECT_EQ(shown("td", "x", true, english), "<td>yes</td>");
  EXPECT_EQ(shown("td", "x", Json{"milk", "bread"}, english), "<td>milk, bread</td>");
  EXPECT_EQ(shown("td", "x", "\xff", english), "<td>\xff</td>");
}

TEST(ReportText, MissingIsADash) {
  for (const Json& value : {Json(), Json(std::nan("")), Json(std::numeric_limits<double>::infinity())})
    EXPECT_THAT(shown("td", "x", value, english), HasSubstr(">–<"));
}

TEST(ReportTable, ShowsEveryCell) {
  const std::string html = render_table(
      table_of({"name", "x"}, Json::array({Json::array({"a<b", 1.25}), Json::array({"c", nullptr})})), "id", english);
  EXPECT_THAT(html, HasSubstr("<td>a&lt;b</td><td class=\"number\" data-value=\"1.25\">1.25</td>"));
  EXPECT_THAT(html, HasSubstr(R"(<td>c</td><td class="missing number" title="missing">–</td>)"));
  EXPECT_THAT(html, Not(HasSubstr("<details")));
}

TEST(ReportTable, EmptyTablesHaveNoChart) {
  const Json chart = {{"type", "bar"}, {"x", "name"}, {"y", {"x"}}};
  const std::string html = render_table(table_of({"name", "x"}, Json::array(), chart), "id", english);
  EXPECT_THAT(html, HasSubstr(english.empty_table));
  EXPECT_THAT(html, Not(HasSubstr("data-chart")));
}

TEST(ReportTable, StopsAtAThousandRowsAndSaysSo) {
  Json rows = Json::array();
  for (int i = 0; i < 1000; ++i) rows.push_back({i});
  EXPECT_THAT(render_table(table_of({"x"}, rows), "id", english), Not(HasSubstr("first 1,000")));
  rows.push_back({1000});
  const std::string html = render_table(table_of({"x"}, rows), "id", english);
  EXPECT_THAT(html, HasSubstr("the first 1,000 of 1,001 rows"));
  EXPECT_EQ(count_of(html, "<tr><td"), 1000u);
  EXPECT_THAT(html, HasSubstr("<details"));
}

TEST(ReportTable, RefusesWhatDoesNotFit) {
  const auto code_of = [](const Json& table) {
    try {
      static_cast<void>(render_table(table, "id", english));
    } catch (const Error& error) {
      return error.code();
    }
    return ExitCode::success;
  };
  EXPECT_EQ(code_of(table_of({"x", "y"}, {{1, 2}, {1}})), ExitCode::internal);
  EXPECT_EQ(code_of(table_of({"x"}, {{1}}, {{"type", "bar"}, {"x", "x"}, {"y", {"z"}}})), ExitCode::internal);
  EXPECT_EQ(code_of(table_of({"x"}, {{1}}, {{"type", "spiral"}, {"x", "x"}, {"y", {"x"}}})), ExitCode::internal);
  EXPECT_EQ(code_of(table_of({"x"}, {{1}}, {{"type", "heatmap"}, {"x", "x"}, {"y", {"x"}}})), ExitCode::internal);
  EXPECT_EQ(code_of(table_of({"x"}, {{1}}, {{"type", "bar"}, {"x", "x"}, {"y", Json::array()}})), ExitCode::internal);
  EXPECT_EQ(code_of(table_of({"x"}, {{1}}, Json::object())), ExitCode::internal);
}

TEST(ReportBalance, IsReadMinusRemoved) {
  Json rows = {{"read", 100}, {"kept", 70}, {"rules", {{{"rule", "a < b"}, {"matched", 25}, {"removed", 20}}}}};
  rows["rules"].push_back({{"rule", "c"}, {"matched", 10}, {"removed", 10}});
  const std::string html = render_balance(rows, english);
  EXPECT_THAT(html, HasSubstr(english.balanced));
  EXPECT_THAT(html, HasSubstr("a &lt; b"));
  EXPECT_THAT(html, HasSubstr(R"(class="removed" style="margin-left:80.000%;width:20.000%")"));
  EXPECT_THAT(html, HasSubstr(R"(class="removed" style="margin-left:70.000%;width:10.000%")"));
  rows["kept"] = 69;
  EXPECT_THAT(render_balance(rows, english), HasSubstr("kept and removed add up to 99"));
}

TEST(ReportBalance, NothingReadAndNothingToSay) {
  EXPECT_EQ(render_balance(nullptr, english), "");
  EXPECT_EQ(render_balance({{"read", 5}, {"kept", 5}, {"rules", Json::array()}}, english), "");
  const Json rows = {{"read", 0}, {"kept", 0}, {"rules", {{{"rule", "a"}, {"matched", 0}, {"removed", 0}}}}};
  EXPECT_THAT(render_balance(rows, english), HasSubstr("width:0.000%"));
  EXPECT_THAT(render_balance({{"read", 5}, {"kept", 4}}, english), HasSubstr("warning"));
}

TEST(ReportSections, ShowEveryNumberOfResultAndRun) {
  ReportSection section = section_of("segments");
  section.result["metrics"] = Json::object();
  for (int i = 0; i < 20; ++i) section.result["metrics"][fmt::format("m{}", i)] = 1000 + i;
  section.result["parameters"] = {{"tol", 1e-4}, {"init", "k-means||"}};
  section.result["sources"] = {{{"hash", "abc"}, {"name", "a.csv"}, {"bytes", 5000}}};
  section.result["outputs"] = {{"segments.csv", "def"}};
  section.result["rows"] = {{"read", 7}, {"kept", 6}, {"rules", {{{"rule", "r"}, {"matched", 2}, {"removed", 1}}}}};
  section.run = {{"ranks", 3},
                 {"threads", 4},
                 {"isa", "avx2"},
                 {"memory_per_rank", 2048},
                 {"peak_rss_bytes", 1024},
                 {"phases", {{{"phase", "read"}, {"wall_s", 0.25}, {"cpu_s", 0.75}}}},
                 {"plan", {{"disk_bytes", {{"planned", 31}, {"actual", 29}}}}}};
  const std::string html = render_section(section, {"s", true}, english);
  for (int i = 0; i < 20; ++i) EXPECT_THAT(html, HasSubstr(fmt::format(R"(data-value="{}")", 1000 + i)));
  for (const char* number :
       {"0.0001", "5000", "7", "6", "2", "1", "3", "4", "2048", "1024", "0.25", "0.75", "31", "29"})
    EXPECT_THAT(html, HasSubstr(fmt::format(R"(data-value="{}")", number)));
  for (const char* text : {"k-means||", "abc", "a.csv", "def", "avx2", "segments.csv"})
    EXPECT_THAT(html, HasSubstr(text));
}

TEST(Report, AnEmptyJobAndAnEmptySection) {
  EXPECT_THAT(body_of({}), HasSubstr(english.nothing));
  const std::string html = body_of({section_of("a")});
  EXPECT_THAT(html, HasSubstr("<section"));
  EXPECT_THAT(html, Not(HasSubstr("<table")));
  EXPECT_THAT(body_of({{section_of("a").result, nullptr}}), HasSubstr("<section"));
}

TEST(Report, TheLastStepComesFirst) {
  const std::string html = body_of({section_of("first"), section_of("second"), section_of("third")});
  EXPECT_LT(html.find("id=\"step-2\""), html.find("id=\"step-0\""));
  EXPECT_LT(html.find("id=\"step-0\""), html.find("id=\"step-1\""));
  EXPECT_LT(html.find("href=\"#step-0\""), html.find("href=\"#step-2\"")) << "contents keep the order of the job";
}

TEST(Report, AVerdictThatIsNotOkStandsOut) {
  EXPECT_THAT(body_of({section_of("a")}), Not(HasSubstr("role=\"alert\"")));
  EXPECT_THAT(body_of({section_of("a", "not_converged")}), HasSubstr(english.not_converged_text));
  EXPECT_THAT(body_of({section_of("a", "<odd>")}), HasSubstr("verdict \"&lt;odd&gt;\""));
  EXPECT_THAT(body_of({section_of("a", "not_converged"), section_of("b")}), HasSubstr("Step A: Not converged."));
}

TEST(Report, TextCannotBecomeMarkup) {
  const std::string evil = "</script><script>alert(1)</script>";
  ReportSection section = section_of(evil, evil);
  section.result["metrics"] = {{evil, evil}};
  section.result["parameters"] = {{evil, {evil}}};
  section.result["outputs"] = {{evil, evil}};
  section.result["tables"] = Json::array({table_of({evil}, {{evil}}, {{"type", "pie"}, {"x", evil}, {"y", {evil}}})});
  section.run = {{"host", evil}, {"isa", evil}, {"plan", {{evil, evil}}}};
  EXPECT_EQ(count_of(render_report(evil, {section}), "<script"), 2u);
}

TEST(Report, LoadsNothing) {
  EXPECT_THAT(render_report("t", {}), HasSubstr("default-src 'none'"));
  for (const std::string_view part : {report_style(), report_script()})
    EXPECT_THAT(std::string(part), Not(HasSubstr("http")));
  for (const std::string_view script : {report_script(), charts_library()}) {
    EXPECT_GT(script.size(), 1000u);
    EXPECT_THAT(std::string(script), Not(HasSubstr("</script")));
    EXPECT_THAT(std::string(script), Not(HasSubstr("<!--")));
  }
}

TEST(Report, SameBitsEachTime) {
  const std::vector<ReportSection> sections{section_of("a"), section_of("b")};
  EXPECT_EQ(render_report("t", sections), render_report("t", sections));
}

}  // namespace
}  // namespace cohort
