// SPDX-License-Identifier: Apache-2.0
#include "io/text/json_records.hpp"

#include <gtest/gtest.h>

namespace cohort {
namespace {

using Row = std::vector<std::string_view>;

/// The fields `a` and `b` of each line that is an object.
std::vector<Row> split(JsonRecords& records, const std::vector<std::string_view>& lines, CsvBatch& fields) {
  CsvBatch batch;
  batch.rows = lines.size();
  batch.columns = {lines};
  for (std::size_t i = 0; i < lines.size(); ++i) batch.offsets.push_back(static_cast<std::int64_t>(10 * i));
  records.split(batch, {0, 1}, fields);
  std::vector<Row> rows;
  for (std::size_t row = 0; row < fields.rows; ++row) rows.push_back({fields.columns[0][row], fields.columns[1][row]});
  return rows;
}

TEST(JsonRecords, TakesPlainValuesAsTheyAreWritten) {
  JsonRecords records({"a", "b"});
  CsvBatch fields;
  const std::vector<Row> found =
      split(records,
            {R"({"a": 1, "b": "x"})", R"({"b": 0.1000, "a": 12345678901234567890.5})", R"({"a": true, "b": null})",
             R"({"c": {"a": 7, "d": [1, {"b": 2}]}, "b": -5})", R"({})", R"({"a": "\u00e9\"\n", "b": ""})"},
            fields);
  EXPECT_EQ(found,
            (std::vector<Row>{
                {"1", "x"}, {"12345678901234567890.5", "0.1000"}, {"true", ""}, {"", "-5"}, {"", ""}, {"é\"\n", ""}}));
  EXPECT_TRUE(fields.ragged.empty());
  EXPECT_EQ(fields.columns[2][4], "{}");  // the line itself
}

TEST(JsonRecords, SetsApartWhatIsNoObjectOfPlainValues) {
  JsonRecords records({"a", "b"});
  CsvBatch fields;
  const std::vector<Row> found = split(records,
                                       {"", "1", "[]", R"({"a": 1)", R"({"a": [1]})", R"({"a": {}})",
                                        R"({"a": 1, "a": 2})", "{\"a\": \"\xff\"}", R"({"b": 3})"},
                                       fields);
  EXPECT_EQ(found, (std::vector<Row>{{"", "3"}}));
  EXPECT_EQ(fields.ragged.size(), 8);
  EXPECT_EQ(fields.offsets[0], 80);
  EXPECT_EQ(fields.ragged[3].offset, 30);
}

TEST(JsonRecords, NamesTheKeysOfAnObject) {
  EXPECT_EQ(json_keys(R"({"x": 1, "y": {"z": 2}, "w": [3]})"), (std::vector<std::string>{"x", "y", "w"}));
  EXPECT_EQ(json_keys("[]"), std::nullopt);
  EXPECT_EQ(json_keys("customer,time"), std::nullopt);
}

}  // namespace
}  // namespace cohort
