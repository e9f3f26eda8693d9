// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "core/config.hpp"

namespace cohort {
namespace {

struct Rule {
  static constexpr std::string_view kind = "rule";
  std::int64_t limit = 2;
  void describe(Fields& f) { f({.name = "limit", .text = "how far"}, limit); }
};
struct Inner {
  double share = 0.5;
  void describe(Fields& f) { f({.name = "share", .text = "part of the rows", .range = {0, 1}}, share); }
};
struct Params {
  std::int64_t count = 8;
  std::string init = "random";
  std::vector<std::string> columns{"a"};
  std::map<std::string, Inner> tables;
  Inner inner;
  std::vector<std::variant<Rule>> rules;
  std::int64_t threads = 4;
  double below = 0;
  void describe(Fields& f) {
    f({.name = "count", .text = "how many", .range = {1, 9}, .aliases = {"k"}, .required = true}, count);
    f({.name = "init", .text = "start", .choices = {"random", "given"}}, init);
    f({.name = "columns", .text = "which"}, columns);
    f({.name = "tables", .text = "by name"}, tables);
    f({.name = "inner", .text = "nested"}, inner);
    f({.name = "rules", .text = "in order"}, rules);
    f({.name = "threads", .text = "how fast", .execution = true}, threads);
    f({.name = "below", .text = "bounded above", .range = {.high = 3}}, below);
  }
};

TEST(ConfigDocument, TheRecordHoldsTheValuesAsUsedWithoutExecutionKeys) {
  Params params;
  (void)read_fields(
      parse_yaml("{count: 3, tables: {t: {share: 1}}, rules: [{rule: {limit: 7}}], threads: 9}", "job.yaml"),
      description_of(params), "step");
  EXPECT_EQ(record_fields(description_of(params)).dump(),
            R"({"count":3,"init":"random","columns":["a"],"tables":{"t":{"share":1.0}},"inner":{"share":0.5},)"
            R"("rules":[{"rule":{"limit":7}}],"below":0.0})");
}

TEST(ConfigDocument, TheSchemaForbidsOtherKeysAndKnowsRangesChoicesAndAliases) {
  Params params;
  const Json schema = schema_of_fields(description_of(params));
  EXPECT_EQ(schema["type"], "object");
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["properties"]["count"]["type"], "integer");
  EXPECT_EQ(schema["properties"]["count"]["minimum"], 1);
  EXPECT_EQ(schema["properties"]["count"]["maximum"], 9);
  EXPECT_TRUE(schema["properties"].contains("k"));
  EXPECT_EQ(schema["properties"]["init"]["enum"], (Json{"random", "given"}));
  EXPECT_EQ(schema["properties"]["inner"]["properties"]["share"]["type"], "number");
  EXPECT_TRUE(schema["properties"].contains("threads"));
}

TEST(ConfigDocument, ASchemaNeverRefusesAJobThatUsesAnAliasOfARequiredKey) {
  Params params;
  const Json schema = schema_of_fields(description_of(params));
  // `{k: 3}` is legal, so `count` itself cannot be required outright.
  EXPECT_FALSE(schema.contains("required") && schema["required"] == Json{"count"}) << schema["required"];
}

TEST(ConfigDocument, TheReferenceHasARowForEveryKey) {
  Params params;
  const std::string text = document_fields(description_of(params));
  for (const std::string row :
       {"| `count` | integer | required | how many. From 1 to 9. Also written k. |",
        "| `init` | word | `\"random\"` | start. One of random, given. |",
        "| `inner.share` | number | `0.5` | part of the rows. From 0 to 1. |",
        "| `tables.NAME.share` | number | `0.5` |", "| `rules[].rule.limit` | integer | `2` | how far. |",
        "| `threads` | integer | `4` | how fast. |", "bounded above. At most 3. |"}) {
    EXPECT_NE(text.find(row), std::string::npos) << row << "\n" << text;
  }
}

TEST(ConfigDocument, WritingTheReferenceDoesNotChangeTheValues) {
  Params params;
  (void)document_fields(description_of(params));
  (void)schema_of_fields(description_of(params));
  EXPECT_TRUE(params.rules.empty());
  EXPECT_TRUE(params.tables.empty());
}

}  // namespace
}  // namespace cohort
