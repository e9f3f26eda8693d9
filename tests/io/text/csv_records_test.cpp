// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_records.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "core/isa.hpp"
#include "tests/io/text/csv_oracle.hpp"

namespace cohort {
namespace {

/// All records with `fields` fields, and the number of fields of the others by offset.
struct Split {
  std::vector<testing::OracleRecord> rows;
  std::map<std::int64_t, std::size_t> ragged;
};

Split split(const CsvSpan& span, std::size_t fields, std::size_t batch_rows) {
  std::vector<std::size_t> all(fields);
  std::iota(all.begin(), all.end(), std::size_t{0});
  CsvRecords records(',', fields, all);
  records.start(span);
  CsvBatch batch;
  Split result;
  while (records.next_batch(batch, batch_rows)) {
    EXPECT_LE(batch.rows + batch.ragged.size(), batch_rows);
    for (std::size_t row = 0; row < batch.rows; ++row) {
      result.rows.push_back({batch.offsets[row], records.line_of(batch.offsets[row]), {}});
      for (const auto& column : batch.columns) result.rows.back().fields.emplace_back(column[row]);
    }
    for (const CsvBatch::Ragged& ragged : batch.ragged) result.ragged[ragged.offset] = ragged.fields;
  }
  return result;
}

void expect_like_oracle(const std::string& text, std::size_t fields, std::size_t batch_rows) {
  Split wanted;
  for (const testing::OracleRecord& record : testing::read_naively(text, ',').records) {
    if (record.fields.size() == fields)
      wanted.rows.push_back(record);
    else
      wanted.ragged[record.offset] = record.fields.size();
  }
  const Split found = split({text, 0, 1}, fields, batch_rows);
  EXPECT_EQ(found.rows, wanted.rows) << text;
  EXPECT_EQ(found.ragged, wanted.ragged) << text;
}

TEST(CsvRecords, WithoutQuotesEachLineIsARecord) {
  const std::string text = "\"a\n\"b\",c\nd\"\n";
  CsvRecords records({'\x1F', false}, 1, {0});
  records.start({.text = text});
  CsvBatch batch;
  ASSERT_TRUE(records.next_batch(batch, 10));
  ASSERT_EQ(batch.rows, 3U);
  EXPECT_EQ(batch.columns[0][0], "\"a");
  EXPECT_EQ(batch.columns[0][1], "\"b\",c");
  EXPECT_EQ(batch.columns[0][2], "d\"");
  EXPECT_EQ(records.text_of(batch.offsets[1]), "\"b\",c");
}

TEST(CsvRecords, DirtyTextReadsAsByTheOracleAtEveryLevel) {
  std::mt19937 random(42);
  for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) {
    if (isa > host_isa()) continue;
    set_active_isa(isa);
    for (int i = 0; i < 3000; ++i) {
      expect_like_oracle(testing::dirty_text(random, 120), 1 + random() % 4, 1 + random() % 5);
    }
  }
  set_active_isa(host_isa());
}

TEST(CsvRecords, RecordsCrossWindows) {
  std::mt19937 random(1);
  std::string text;
  for (int i = 0; i < 4000; ++i) {
    text += std::to_string(i) + ",\"" + std::string(random() % 90, i % 7 == 0 ? '\n' : 'x') + "\"\"\"," +
            std::string(random() % 50, 'y') + "\r\n";
  }
  text += "last,\"" + std::string(200'000, ',') + "\",z";
  expect_like_oracle(text, 3, 1000);
}

TEST(CsvRecords, NothingInNothingOut) {
  expect_like_oracle("", 2, 8);
  expect_like_oracle("\n\r\n\r", 2, 8);
}

TEST(CsvRecords, EmptyFieldsAtTheEnd) {
  expect_like_oracle("a,\n,", 2, 8);
  expect_like_oracle("\"\"", 1, 8);
  expect_like_oracle("a,\"\"\n", 2, 8);
}

TEST(CsvRecords, YieldsOnlyTheNeededColumnsInTheirOrder) {
  CsvRecords records(';', 3, {2, 0});
  records.start({"a;b;c\nd;e;f", 100, 7});
  CsvBatch batch;
  EXPECT_TRUE(records.next_batch(batch, 10));
  EXPECT_EQ(batch.rows, 2U);
  EXPECT_EQ(batch.columns[0][1], "f");
  EXPECT_EQ(batch.columns[1][1], "d");
  EXPECT_EQ(batch.offsets[1], 106);
  EXPECT_EQ(records.line_of(106), 8);
  EXPECT_EQ(records.text_of(100), "a;b;c");
  EXPECT_EQ(records.text_of(106), "d;e;f");
  EXPECT_FALSE(records.next_batch(batch, 10));
}

TEST(CsvRecords, PlainFieldsAreViewsOfTheSpan) {
  const std::string text = "plain,\"quoted\",\"dou\"\"bled\"";
  CsvRecords records(',', 3, {0, 1, 2});
  records.start({text, 0, 1});
  CsvBatch batch;
  EXPECT_TRUE(records.next_batch(batch, 1));
  EXPECT_EQ(batch.columns[0][0].data(), text.data());
  EXPECT_EQ(batch.columns[1][0].data(), text.data() + 7);
  EXPECT_EQ(batch.columns[1][0], "quoted");
  EXPECT_EQ(batch.columns[2][0], "dou\"bled");
}

}  // namespace
}  // namespace cohort
