// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "core/config.hpp"

namespace cohort {
namespace {

struct Drop {
  static constexpr std::string_view kind = "drop";
  std::string rule = "all";
  void describe(Fields& f) { f({.name = "rule", .text = "which rows"}, rule); }
};
struct Clip {
  static constexpr std::string_view kind = "clip";
  double at = 1;
  void describe(Fields& f) { f({.name = "at", .text = "where", .range = {0, 10}}, at); }
};
struct Inner {
  std::int64_t depth = 3;
  void describe(Fields& f) { f({.name = "depth", .text = "levels", .range = {1, 9}}, depth); }
};
struct Params {
  bool scale = true;
  std::int64_t n_clusters = 8;
  double tol = 1e-4;
  std::string init = "random";
  std::string label;
  std::vector<std::string> features, metrics;
  std::vector<std::vector<double>> centers;
  std::map<std::string, std::string> map;
  std::map<std::string, Inner> tables;
  Inner inner;
  std::vector<std::variant<Drop, Clip>> clean;
  void describe(Fields& f) {
    f({.name = "scale", .text = "standardise"}, scale);
    f({.name = "n_clusters", .text = "how many", .range = {1, 100}, .aliases = {"k", "clusters"}}, n_clusters);
    f({.name = "tol", .text = "when to stop", .range = {0, 1}}, tol);
    f({.name = "init", .text = "first centres", .choices = {"random", "k-means++"}}, init);
    f({.name = "label", .text = "any word"}, label);
    f({.name = "features", .text = "columns"}, features);
    f({.name = "metrics", .text = "what to compute", .choices = {"inertia", "gap"}}, metrics);
    f({.name = "centers", .text = "given centres"}, centers);
    f({.name = "map", .text = "column names"}, map);
    f({.name = "tables", .text = "by name"}, tables);
    f({.name = "inner", .text = "nested"}, inner);
    f({.name = "clean", .text = "rules"}, clean);
  }
};
struct Required {
  std::int64_t horizon = 0;
  std::string id;
  void describe(Fields& f) {
    f({.name = "horizon", .text = "days ahead", .required = true}, horizon);
    f({.name = "id", .text = "whose"}, id);
  }
};

struct Reading {
  Params params;
  std::vector<std::string> notes;
};
Reading read(const std::string& yaml) {
  Reading reading;
  reading.notes = read_fields(parse_yaml(yaml, "job.yaml"), description_of(reading.params), "step kmeans");
  return reading;
}

template <class Struct = Params>
std::string error_of(const std::string& yaml, std::string* next = nullptr) {
  Struct value;
  try {
    (void)read_fields(parse_yaml(yaml, "job.yaml"), description_of(value), "step kmeans");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_config);
    if (next != nullptr) *next = error.next();
    return error.what();
  }
  return "";
}

/// Expects an error that begins with `place` and contains `word`.
void expect_error(const std::string& yaml, const std::string& place, const std::string& word) {
  const std::string error = error_of(yaml);
  EXPECT_EQ(error.substr(0, place.size()), place) << yaml << "\n" << error;
  EXPECT_NE(error.find(word), std::string::npos) << yaml << "\n" << error;
}

TEST(ConfigReader, AListNamesAThingOnce) {
  expect_error("features: [x, y, x]", "job.yaml:1:", "features: 'x' is named twice");
}

TEST(ConfigReader, EveryKindOfValue) {
  const Params p = read(
                       "scale: false\nn_clusters: 5\ntol: 0.5\ninit: k-means++\nlabel: 'a b'\nfeatures: [x, y]\n"
                       "centers: [[1, 2.5], [-3e2, 0]]\nmap: {a: b}\ntables: {t: {depth: 4}, u: {}}\n"
                       "inner: {depth: 9}\nclean:\n  - drop: {rule: some}\n  - clip\n")
                       .params;
  EXPECT_FALSE(p.scale);
  EXPECT_EQ(p.n_clusters, 5);
  EXPECT_EQ(p.tol, 0.5);
  EXPECT_EQ(p.init, "k-means++");
  EXPECT_EQ(p.label, "a b");
  EXPECT_EQ(p.features, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(p.centers, (std::vector<std::vector<double>>{{1, 2.5}, {-300, 0}}));
  EXPECT_EQ(p.map.at("a"), "b");
  EXPECT_EQ(p.tables.at("t").depth, 4);
  EXPECT_EQ(p.tables.at("u").depth, 3);
  EXPECT_EQ(p.inner.depth, 9);
  ASSERT_EQ(p.clean.size(), 2U);
  EXPECT_EQ(std::get<Drop>(p.clean[0]).rule, "some");
  EXPECT_EQ(std::get<Clip>(p.clean[1]).at, 1);
}

TEST(ConfigReader, NothingWrittenLeavesTheDefaults) {
  for (const std::string yaml : {"", "{}"}) {
    const Params p = read(yaml).params;
    EXPECT_EQ(p.n_clusters, 8);
    EXPECT_EQ(p.init, "random");
    EXPECT_TRUE(p.clean.empty());
  }
}

TEST(ConfigReader, AnUnknownKeyNamesItsPlaceAndTheNearestKey) {
  std::string next;
  EXPECT_EQ(error_of("tol: 0\nn_cluster: 3\n", &next), "job.yaml:2:1: unknown key 'n_cluster' in step kmeans");
  EXPECT_EQ(next, "did you mean 'n_clusters'?");
  (void)error_of("something_else_entirely: 3\n", &next);
  EXPECT_NE(next.find("n_clusters"), std::string::npos) << next;
  expect_error("inner: {dept: 3}\n", "job.yaml:1:9: unknown key 'dept'", "'inner' of step kmeans");
  expect_error("tables:\n  t: {deep: 3}\n", "job.yaml:2:7: unknown key 'deep'", "'tables.t' of step kmeans");
  expect_error("clean:\n  - drop: {rul: x}\n", "job.yaml:2:12: unknown key 'rul'", "'drop' of");
}

TEST(ConfigReader, WrongTypesNameKeyPlaceAndValue) {
  expect_error("scale: yes\n", "job.yaml:1:8: 'scale' of step kmeans must be true or false", "'yes'");
  expect_error("scale: 1\n", "job.yaml:1:8:", "'1'");
  for (const std::string value : {"five", "5.0", "5x", "0x5", "99999999999999999999", "''"}) {
    expect_error("n_clusters: " + value + "\n", "job.yaml:1:13: 'n_clusters' of step kmeans", "a whole number");
  }
  for (const std::string value : {"[5]", "{a: 5}", "~"})
    expect_error("n_clusters: " + value, "job.yaml:1:13:", "whole");
  for (const std::string value : {"much", "1,5", "0.5.1", "''"})
    expect_error("tol: " + value, "job.yaml:1:6:", "a number");
  expect_error("label: [a]\n", "job.yaml:1:8:", "a list");
  expect_error("label: ~\n", "job.yaml:1:8:", "nothing");
  expect_error("features: {a: b}\n", "job.yaml:1:11:", "a list of words");
  expect_error("features: [a, [b]]\n", "job.yaml:1:15:", "a list of words");
  expect_error("map: [a]\n", "job.yaml:1:6:", "a mapping");
  expect_error("map: {a: [b]}\n", "job.yaml:1:10:", "a mapping of words to words");
  expect_error("tables: word\n", "job.yaml:1:9:", "a mapping");
  expect_error("inner: 3\n", "job.yaml:1:8:", "must be a mapping");
  expect_error("- a\n", "job.yaml:1:1:", "step kmeans must be a mapping");
}

TEST(ConfigReader, RangesAreClosedAndNamed) {
  EXPECT_EQ(error_of("n_clusters: 1\n"), "");
  EXPECT_EQ(error_of("n_clusters: 100\n"), "");
  EXPECT_EQ(error_of("tol: 0\n"), "");
  expect_error("n_clusters: 0\n", "job.yaml:1:13:", "from 1 to 100, not '0'");
  expect_error("n_clusters: 101\n", "job.yaml:1:13:", "from 1 to 100");
  expect_error("tol: -1e-300\n", "job.yaml:1:6:", "from 0 to 1");
  expect_error("tol: nan\n", "job.yaml:1:6:", "tol");
  expect_error("tol: inf\n", "job.yaml:1:6:", "tol");
  expect_error("inner: {depth: 10}\n", "job.yaml:1:16:", "from 1 to 9");
  expect_error("clean: [{clip: {at: 11}}]\n", "job.yaml:1:21:", "from 0 to 10");
}

TEST(ConfigReader, ChoicesHoldForWordsAndLists) {
  expect_error("init: kmeans\n", "job.yaml:1:7:", "one of random, k-means++");
  expect_error("metrics: [inertia, gape]\n", "job.yaml:1:20:", "one of inertia, gap");
  expect_error("metrics: gape\n", "job.yaml:1:10:", "one of inertia, gap");
  EXPECT_EQ(read("metrics: gap\n").params.metrics, std::vector<std::string>{"gap"});
}

TEST(ConfigReader, MatricesAreListsOfLists) {
  expect_error("centers: 5\n", "job.yaml:1:10:", "a list of lists of numbers");
  expect_error("centers: [1, 2]\n", "job.yaml:1:11:", "a list of lists of numbers");
  expect_error("centers: [[1, x]]\n", "job.yaml:1:15:", "a list of lists of numbers");
  expect_error("centers: [[1, [2]]]\n", "job.yaml:1:15:", "a list of lists of numbers");
  expect_error("centers: [[1, nan]]\n", "job.yaml:1:15:", "a list of lists of numbers");
}

TEST(ConfigReader, EntriesOfAListAreNamedAndSingle) {
  std::string next;
  EXPECT_EQ(error_of("clean:\n  - dropp: {}\n", &next).substr(0, 33), "job.yaml:2:5: unknown entry 'drop");
  EXPECT_EQ(next, "did you mean 'drop'?");
  expect_error("clean:\n  - dropp\n", "job.yaml:2:5: unknown entry 'dropp'", "'clean' of step kmeans");
  expect_error("clean:\n  - {drop: {}, clip: {}}\n", "job.yaml:2:5:", "entries");
  expect_error("clean: drop\n", "job.yaml:1:8:", "a list of");
  EXPECT_EQ(read("clean: []\n").params.clean.size(), 0U);
}

TEST(ConfigReader, AliasesAreReadAndEchoedOnce) {
  const Reading reading = read("k: 4\n");
  EXPECT_EQ(reading.params.n_clusters, 4);
  EXPECT_EQ(reading.notes, std::vector<std::string>{"job.yaml:1:4: 'k' is read as 'n_clusters'"});
  EXPECT_TRUE(read("n_clusters: 4\n").notes.empty());
  expect_error("n_clusters: 4\nk: 4\n", "job.yaml:2:4:", "'k' and 'n_clusters' are one key");
  expect_error("k: 4\nclusters: 4\n", "job.yaml:2:11:", "one key");
}

TEST(ConfigReader, AMissingKeyIsNamedWithItsMeaning) {
  EXPECT_EQ(error_of<Required>("id: a\n"), "job.yaml:1:1: step kmeans lacks the key 'horizon': days ahead");
  EXPECT_EQ(error_of<Required>("horizon: 3\n"), "");
}

TEST(ConfigReader, AMisspeltRequiredKeyIsReportedAsMisspelt) {
  std::string next;
  EXPECT_EQ(error_of<Required>("horizn: 3\n", &next), "job.yaml:1:1: unknown key 'horizn' in step kmeans");
  EXPECT_EQ(next, "did you mean 'horizon'?");
}

}  // namespace
}  // namespace cohort
