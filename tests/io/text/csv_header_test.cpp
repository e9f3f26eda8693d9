// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_header.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/io/text/csv_oracle.hpp"

namespace cohort {
namespace {

using ::testing::HasSubstr;

template <typename Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data);
    return std::string(error.what()) + " -> " + error.next();
  }
  return "no error";
}

TEST(SplitCsvRecord, EqualsTheOracle) {
  std::mt19937 random(42);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = testing::dirty_text(random, 40);
    for (const testing::OracleRecord& record : testing::read_naively(text, ',').records) {
      // The record alone: up to where the oracle, fed with ever more of it, begins another.
      std::string alone;
      for (char c : text.substr(static_cast<std::size_t>(record.offset))) {
        if (testing::read_naively(alone + c + "x", ',').records.size() > 1) break;
        alone += c;
      }
      EXPECT_EQ(split_csv_record(alone, ','), record.fields) << text;
    }
  }
}

TEST(CsvHeader, FindsColumnsInTheOrderAsked) {
  const CsvHeader header("f.csv", "id,\"unit, price\",time", ',');
  const std::vector<std::string> wanted{"time", "unit, price"};
  EXPECT_EQ(header.find(wanted), (std::vector<std::size_t>{2, 1}));
}

TEST(CsvHeader, NamesTheNearestColumn) {
  const std::vector<std::string> wanted{"CustomerId"};
  const std::string message =
      message_of([&] { (void)CsvHeader("f.csv", "InvoiceNo,CustomerID,Quantity", ',').find(wanted); });
  EXPECT_THAT(message, HasSubstr("f.csv has no column 'CustomerId'; it has: InvoiceNo, CustomerID, Quantity"));
  EXPECT_THAT(message, HasSubstr("did you mean 'CustomerID'?"));
}

TEST(CsvHeader, RefusesADoubledNameAndAnEmptyFile) {
  EXPECT_THAT(message_of([] { CsvHeader("f.csv", "a,b,a", ','); }), HasSubstr("column 'a' twice"));
  EXPECT_THAT(message_of([] { CsvHeader("f.csv", "", ','); }), HasSubstr("has no header"));
}

TEST(CsvHeader, SuspectsTheDelimiter) {
  const std::vector<std::string> wanted{"a", "b"};
  EXPECT_THAT(message_of([&] { (void)CsvHeader("f.csv", "a;b;c,d", '|').find(wanted); }),
              HasSubstr("delimiter: \";\""));
  EXPECT_THAT(message_of([&] { (void)CsvHeader("f.csv", "a\tb", ',').find(wanted); }), HasSubstr("a tab looks likely"));
}

}  // namespace
}  // namespace cohort
