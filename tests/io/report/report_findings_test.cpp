// SPDX-License-Identifier: Apache-2.0
#include "io/report/report_findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/report/report_privacy.hpp"
#include "io/report/report_words_chinese.hpp"

namespace cohort {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Json table_of(const char* name, const Json& columns, const Json& rows) {
  return {{"name", name}, {"columns", columns}, {"rows", rows}};
}

ReportSection step_of(const char* job, const Json& tables, const Json& more = Json::object()) {
  Json result = {{"job", job}, {"id", job}, {"tables", tables}};
  result.update(more);
  return {result, Json::object()};
}

ReportSection kmeans() {
  return step_of("kmeans", {table_of("revenue", {"segment_name", "revenue", "revenue_share", "customer_share"},
                                     {{"small", 10, 0.1, 0.5}, {"<best>", 90, 0.9, 0.5}}),
                            table_of("rules", {"segment_name", "rule", "precision", "recall"},
                                     {{"small", "x <= 1", 1.0, 1.0}, {"<best>", "x > 1", 0.75, 0.5}})});
}

ReportSection lifecycle(int at_risk) {
  const Json rows = Json::parse(fmt::format(R"([["active", 100, 0.9, 1000], ["at_risk", {}, 0.1, 77]])", at_risk));
  return step_of("lifecycle",
                 Json::array({table_of("lifecycle", {"lifecycle_state", "customers", "share", "revenue"}, rows)}),
                 {{"parameters", {{"active_days", 90}, {"lapsed_days", 180}}}});
}

TEST(ReportFindings, NothingToSayIsNoSection) {
  EXPECT_EQ(render_findings({}, english), "");
  EXPECT_EQ(render_findings({step_of("kmeans", Json::array())}, english), "");
}

TEST(ReportFindings, NamesTheSegmentThatBringsMost) {
  const std::string html = render_findings({kmeans()}, english);
  EXPECT_THAT(html, HasSubstr("&lt;best&gt;"));
  EXPECT_THAT(html, HasSubstr(R"(data-value="0.9")"));
  EXPECT_THAT(html, HasSubstr("x &gt; 1"));
  EXPECT_THAT(html, Not(HasSubstr("small")));
}

TEST(ReportFindings, CountsThoseAtRisk) {
  const std::string html = render_findings({lifecycle(11)}, english);
  EXPECT_THAT(html, HasSubstr(R"(<b class="number" data-value="11">11</b> customers)"));
  EXPECT_THAT(html, HasSubstr(R"(data-value="180")"));
  EXPECT_THAT(render_findings({lifecycle(11)}, chinese), HasSubstr(R"(data-value="11")"));
}

TEST(ReportFindings, SaysWhichModelIsBetterOrThatNoneIs) {
  const Json columns{"model", "metric", "value", "difference", "standard_error", "p_value", "better"};
  const Json rows =
      Json::parse(R"([["plain", "rmse", 4.5, null, null, null, null], ["plain", "mae", 3, null, null, null, null],
    ["rich", "rmse", 4.25, -0.25, 0.125, 0.046, "rich"], ["rich", "mae", 3, 0, 0.5, 1, null],
    ["wild", "rmse", 4.75, 0.25, 0.5, 0.625, null], ["bad", "rmse", 9, 4.5, 0.5, 0.001, "plain"]])");
  const ReportSection compare =
      step_of("compare", Json::array({table_of("comparison", columns, rows)}), {{"metrics", {{"judged_rows", 345}}}});
  const std::string html = render_findings({compare}, english);
  EXPECT_THAT(html, HasSubstr("<b>rich</b> is better than <b>plain</b>: RMSE"));
  EXPECT_THAT(html, HasSubstr(R"(data-value="0.046")"));
  EXPECT_THAT(html, HasSubstr("<b>plain</b> is better than <b>bad</b>: RMSE"));
  EXPECT_THAT(html, HasSubstr("between <b>plain</b> and <b>wild</b> there is no difference that these"));
  EXPECT_THAT(html, HasSubstr(R"(data-value="345")"));
  EXPECT_THAT(html, Not(HasSubstr("MAE")));
  EXPECT_THAT(render_findings({compare}, chinese), HasSubstr("<b>rich</b> 优于 <b>plain</b>"));
}

TEST(ReportFindings, SmallCellsAreNotTold) {
  ReportSection section = lifecycle(9);
  suppress_small_cells(section.result, 10, english);
  EXPECT_EQ(render_findings({section}, english), "");
}

TEST(ReportFindings, TellsWhatIsWrongWithTheData) {
  const Json rows = {{"read", 100},
                     {"kept", 70},
                     {"rules",
                      {{{"rule", "unreadable"}, {"matched", 0}, {"removed", 0}},
                       {{"rule", "drop_missing(customer)"}, {"matched", 30}, {"removed", 30}},
                       {{"rule", "trim(city)"}, {"matched", 7}, {"removed", 0}, {"changed", 7}},
                       {{"rule", "count_duplicates"}, {"matched", 5}, {"removed", 0}}}}};
  const std::string html = render_findings({step_of("ingest", Json::array(), {{"rows", rows}})}, english);
  EXPECT_THAT(html, HasSubstr("<code>drop_missing(customer)</code>: a value is missing."));
  EXPECT_THAT(html, HasSubstr("changed by <code>trim(city)</code>."));
  EXPECT_THAT(html, HasSubstr("<code>count_duplicates</code>: equal to another row. They were kept."));
  EXPECT_THAT(html, Not(HasSubstr("unreadable")));
}

TEST(ReportPrivacy, HidesSmallCountsAndWhatFollowsFromThem) {
  Json result = Json::parse(R"({"tables": [
    {"columns": ["segment_name", "share", "customers", "mean"],
     "rows": [["few", 0.1, 9, 2.5], ["many", 0.9, 10, 3.5], ["no one", 0.0, 0, null]]},
    {"columns": ["segment_name", "revenue"], "rows": [["few", 50.0], ["many", 70.0]]},
    {"columns": ["customer_id", "value"], "rows": [[7, 99.0]]},
    {"columns": ["feature", "mean", "min", "max"], "rows": [["x", 1.5, 0.25, 99.0]]}]})");
  suppress_small_cells(result, 10, english);
  const Json& tables = result["tables"];
  // The share of the few would give their number away: the row is found again by the segment's name.
  EXPECT_EQ(tables[0]["rows"],
            Json::parse(R"([["few", "<10", "<10", "<10"], ["many", 0.9, 10, 3.5], ["no one", 0.0, 0, null]])"));
  EXPECT_EQ(tables[1]["rows"], Json::parse(R"([["few", "<10"], ["many", 70.0]])"));
  EXPECT_TRUE(tables[2]["rows"].empty()) << "a table of single customers";
  EXPECT_EQ(tables[3]["rows"], Json::parse(R"([["x", 1.5, null, null]])"));
}

TEST(ReportPrivacy, NothingToHide) {
  Json result = {{"job", "x"}};
  suppress_small_cells(result, 10, english);
  EXPECT_EQ(result, Json({{"job", "x"}}));
}

}  // namespace
}  // namespace cohort
