// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_unit_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <isa-l/igzip_lib.h>

#include "core/error.hpp"
#include "io/text/csv_header.hpp"
#include "tests/io/text/csv_oracle.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

using ::testing::HasSubstr;

std::string gzipped(std::string text) {
  std::string out(text.size() * 2 + 1024, '\0');
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.gzip_flag = IGZIP_GZIP;
  stream.next_in = reinterpret_cast<std::uint8_t*>(text.data());
  stream.avail_in = static_cast<std::uint32_t>(text.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream.avail_out = static_cast<std::uint32_t>(out.size());
  EXPECT_EQ(isal_deflate_stateless(&stream), COMP_OK);
  out.resize(stream.total_out);
  return out;
}

/// All records behind the header, found unit by unit from the last to the first, as ranks might.
std::vector<testing::OracleRecord> read_all(const std::string& path, std::int64_t unit_bytes) {
  const CsvSource source({CsvFile::look_at(path)}, {.unit_bytes = unit_bytes});
  std::vector<CsvUnitScan> scans;
  for (std::size_t unit = 0; unit < source.units().size(); ++unit) scans.push_back(source.scan(unit));
  const std::vector<CsvUnitPlan> plans = source.plan(scans);
  std::vector<testing::OracleRecord> records;
  for (std::size_t unit = plans.size(); unit-- > 0;) {
    std::vector<testing::OracleRecord> of_unit;
    CsvUnitReader reader(source, unit, plans[unit]);
    std::string buffer;
    CsvSpan span;
    while (reader.next(buffer, span)) {
      for (testing::OracleRecord record : testing::read_naively(span.text, ',').records) {
        record.offset += span.offset;
        record.line += span.line - 1;
        of_unit.push_back(record);
      }
    }
    records.insert(records.begin(), of_unit.begin(), of_unit.end());
  }
  return records;
}

class CsvUnits : public ::testing::Test {
 protected:
  void expect_like_oracle(const std::string& bytes, const std::string& text, std::int64_t unit_bytes, int body) {
    testing::write_bytes(path_, bytes);
    testing::OracleFile wanted = testing::read_naively(text, ',');
    if (wanted.quote_left_open) {
      EXPECT_THROW((void)(read_all(path_, unit_bytes)), Error) << text;
      return;
    }
    if (!wanted.records.empty()) {
      const CsvSource source({CsvFile::look_at(path_)}, {.unit_bytes = unit_bytes});
      EXPECT_EQ(split_csv_record(read_csv_header(source, 0), ','), wanted.records[0].fields) << text;
      wanted.records.erase(wanted.records.begin());
    }
    for (testing::OracleRecord& record : wanted.records) record.offset += body;
    EXPECT_EQ(read_all(path_, unit_bytes), wanted.records) << unit_bytes << ": " << text;
  }

  std::string error_of(std::string_view bytes, CsvOptions options) {
    testing::write_bytes(path_, bytes);
    try {
      const CsvSource source({CsvFile::look_at(path_)}, options);
      std::vector<CsvUnitScan> scans;
      for (std::size_t unit = 0; unit < source.units().size(); ++unit) scans.push_back(source.scan(unit));
      const std::vector<CsvUnitPlan> plans = source.plan(scans);
      std::string buffer;
      CsvSpan span;
      for (std::size_t unit = 0; unit < plans.size(); ++unit) {
        CsvUnitReader reader(source, unit, plans[unit]);
        while (reader.next(buffer, span)) continue;
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::bad_data);
      return error.what();
    }
    return "no error";
  }

  testing::TemporaryFolder folder_;
  std::string path_ = folder_.file("a.csv");
  std::mt19937 random_{42};
};

TEST_F(CsvUnits, EverySplitReadsTheSame) {
  for (int i = 0; i < 150; ++i) {
    const std::string text = testing::dirty_text(random_, 40);
    for (std::int64_t unit_bytes = 1; unit_bytes <= 7; ++unit_bytes) expect_like_oracle(text, text, unit_bytes, 0);
  }
}

TEST_F(CsvUnits, AByteOrderMarkIsSkipped) {
  for (int i = 0; i < 50; ++i) {
    const std::string text = testing::dirty_text(random_, 30);
    expect_like_oracle("\xEF\xBB\xBF" + text, text, 1 + i % 7, 3);
    expect_like_oracle(gzipped("\xEF\xBB\xBF" + text), text, 1 + i % 7, 3);
  }
}

TEST_F(CsvUnits, GzipEqualsPlainInAnyNumberOfMembers) {
  for (int i = 0; i < 200; ++i) {
    const std::string text = testing::dirty_text(random_, 60);
    const std::size_t cut = random_() % (text.size() + 1);
    expect_like_oracle(gzipped(text.substr(0, cut)) + gzipped(text.substr(cut)), text, 1 + random_() % 50, 0);
  }
}

TEST_F(CsvUnits, AnOpenQuoteIsNamedWithItsLineAtAnySplit) {
  const std::string text = "h1,h2\r\na,\"b\r\nb\"\r\n\r\nc,\"d\r\ne\"\"\r\nf";
  for (const std::int64_t unit_bytes : {1, 2, 5, 1000}) {
    for (const std::string& bytes : {text, gzipped(text)}) {
      EXPECT_THAT(error_of(bytes, {.unit_bytes = unit_bytes}),
                  HasSubstr("a.csv:5: a quote opened in this line is still open at the end of the file"));
    }
  }
}

TEST_F(CsvUnits, TheLimitOnRecordsIsExactAtAnySplit) {
  const std::string fits = "h\nabcdefgh\nx\n", too_long = "h\n\nabcdefghi\nx\n", open = "h\n\"abcdefghi\nx\"\n";
  for (const std::int64_t unit_bytes : {1, 3, 8}) {
    const CsvOptions options{.unit_bytes = unit_bytes, .max_record_bytes = 8};
    EXPECT_EQ(error_of(fits, options), "no error");
    EXPECT_EQ(error_of(gzipped(fits), options), "no error");
    EXPECT_THAT(error_of(too_long, options), HasSubstr(":3: the record that starts here is longer than 8 bytes"));
    EXPECT_THAT(error_of(gzipped(too_long), options), HasSubstr(":3: the record that starts here is longer"));
    EXPECT_THAT(error_of(gzipped(open), options), HasSubstr(":2: a quote opened in this line is still open 8 bytes"));
    EXPECT_THAT(error_of(open, options),
                HasSubstr(":2: a quote opened in this line is still open 8 bytes into its record"));
  }
}

TEST_F(CsvUnits, AFileThatChangesIsNoticed) {
  testing::write_bytes(path_, "h\na\n");
  const CsvSource source({CsvFile::look_at(path_)});
  const std::vector<CsvUnitScan> scans{source.scan(0)};
  testing::write_bytes(path_, "h\na\nb\n");
  CsvUnitReader reader(source, 0, source.plan(scans)[0]);
  std::string buffer;
  CsvSpan span;
  EXPECT_THROW(reader.next(buffer, span), Error);
}

}  // namespace
}  // namespace cohort
