// SPDX-License-Identifier: Apache-2.0
#include "core/config_node.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cohort {
namespace {

std::string error_of(const std::string& yaml) {
  try {
    (void)parse_yaml(yaml, "job.yaml");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_config);
    EXPECT_FALSE(error.next().empty());
    return error.what();
  }
  return "";
}

TEST(ConfigNode, EveryKindKnowsItsPlace) {
  const ConfigNode root = parse_yaml("a: 1\nb:\n  - x\n  - {c: 'two words'}\nd:\n", "job.yaml");
  EXPECT_EQ(root.kind, ConfigNode::Kind::mapping);
  EXPECT_EQ(root.find("a")->scalar, "1");
  EXPECT_EQ(root.find("a")->place(), "job.yaml:1:4");
  const ConfigNode& list = *root.find("b");
  EXPECT_EQ(list.kind, ConfigNode::Kind::sequence);
  EXPECT_EQ(list.items.at(0).place(), "job.yaml:3:5");
  EXPECT_EQ(list.items.at(1).find("c")->scalar, "two words");
  EXPECT_EQ(list.items.at(1).find("c")->place(), "job.yaml:4:9");
  EXPECT_EQ(root.find("d")->kind, ConfigNode::Kind::null);
  EXPECT_EQ(root.find("d")->line, 5);
  EXPECT_EQ(root.find("absent"), nullptr);
  EXPECT_EQ(root.entries.at(1).key.place(), "job.yaml:2:1");
}

TEST(ConfigNode, QuotedWordsAreNeverNull) {
  const ConfigNode root = parse_yaml("a: ''\nb: 'null'\nc: null\nd: ~\n", "job.yaml");
  EXPECT_EQ(root.find("a")->kind, ConfigNode::Kind::scalar);
  EXPECT_EQ(root.find("b")->kind, ConfigNode::Kind::scalar);
  EXPECT_EQ(root.find("c")->kind, ConfigNode::Kind::null);
  EXPECT_EQ(root.find("d")->kind, ConfigNode::Kind::null);
}

TEST(ConfigNode, AnEmptyFileIsNullAtItsFirstLine) {
  for (const std::string text : {"", "\n\n", "# only a comment\n"}) {
    const ConfigNode root = parse_yaml(text, "job.yaml");
    EXPECT_EQ(root.kind, ConfigNode::Kind::null);
    EXPECT_EQ(root.place(), "job.yaml:1:1") << "'" << text << "'";
  }
}

TEST(ConfigNode, BadSyntaxNamesLineAndColumn) {
  EXPECT_EQ(error_of("a: 1\nb: [1, 2\nc: 3\n").substr(0, 9), "job.yaml:");
  EXPECT_EQ(error_of("a: 1\n\tb: 2\n").substr(0, 11), "job.yaml:2:");
  EXPECT_EQ(error_of("a: *nowhere\n").substr(0, 11), "job.yaml:1:");
}

TEST(ConfigNode, AKeyStandsOnce) {
  EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"), "job.yaml:3:1: key 'a' stands twice");
  EXPECT_EQ(error_of("x: {k: 1, k: 2}\n"), "job.yaml:1:11: key 'k' stands twice");
}

TEST(ConfigNode, AKeyIsAWord) {
  EXPECT_EQ(error_of("[a, b]: 1\n"), "job.yaml:1:1: a key must be a word");
}

TEST(ConfigNode, ASecondDocumentIsNotDroppedInSilence) {
  EXPECT_NE(error_of("a: 1\n---\nb: 2\n"), "");
  EXPECT_NE(error_of("---\n---\n"), "");
  EXPECT_EQ(error_of("# a job\n---\na: 1\nb: '---'\n"), "");
}

TEST(ConfigNode, DepthIsBounded) {
  EXPECT_NE(error_of(std::string(40, '[') + std::string(40, ']')).find("32 levels"), std::string::npos);
  EXPECT_EQ(error_of(std::string(20, '[') + std::string(20, ']')), "");
}

TEST(ConfigNode, AnchorsAreReadAndCyclesRefused) {
  EXPECT_EQ(parse_yaml("a: &x 7\nb: *x\n", "job.yaml").find("b")->scalar, "7");
  EXPECT_NE(error_of("a: &x [*x]\n"), "");
}

TEST(ConfigNode, WindowsLineEndsAndByteOrderMarkAreHarmless) {
  const ConfigNode root = parse_yaml(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: two\r\n",
      "job.yaml");
  ASSERT_NE(root.find("a"), nullptr);
  EXPECT_EQ(root.find("a")->scalar, "1");
  EXPECT_EQ(root.find("b")->scalar, "two");
}

TEST(ConfigNode, TheNearestWord) {
  EXPECT_EQ(nearest("n_cluster", {"init", "n_clusters", "max_iter"}), "n_clusters");
  EXPECT_EQ(nearest("maxiter", {"init", "n_clusters", "max_iter"}), "max_iter");
  EXPECT_EQ(nearest("tol", {"tol"}), "tol");
  EXPECT_EQ(nearest("completely_different", {"init", "tol"}), "");
  EXPECT_EQ(nearest("x", {}), "");
  EXPECT_EQ(nearest("ab", {"ax", "ay"}), "ax");  // the first of equals, so that the message never changes
}

}  // namespace
}  // namespace cohort
