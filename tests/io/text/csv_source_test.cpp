// SPDX-License-Identifier: Apache-2.0
#include "io/text/csv_source.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "core/error.hpp"
#include "tests/io/text/csv_oracle.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

static_assert(std::is_trivially_copyable_v<CsvUnitScan> && std::is_trivially_copyable_v<CsvUnitPlan>);

class CsvSourceTest : public ::testing::Test {
 protected:
  CsvFile file(const std::string& name, std::string_view bytes) {
    testing::write_bytes(folder_.file(name), bytes);
    return CsvFile::look_at(folder_.file(name));
  }
  static std::vector<CsvUnitScan> scan(const CsvSource& source) {
    std::vector<CsvUnitScan> scans;
    for (std::size_t unit = 0; unit < source.units().size(); ++unit) scans.push_back(source.scan(unit));
    return scans;
  }
  testing::TemporaryFolder folder_;
};

TEST_F(CsvSourceTest, UnitsCoverEachFileOnce) {
  const CsvSource source({file("a", "0123456789"), file("b", ""),
                          file("c",
                               "\xEF\xBB\xBF"
                               "abcd"),
                          file("d", "\x1F\x8Bzip")},
                         {.unit_bytes = 4});
  std::vector<std::array<std::int64_t, 3>> units;
  for (const CsvUnit& unit : source.units()) units.push_back({unit.file, unit.begin, unit.end});
  const std::vector<std::array<std::int64_t, 3>> wanted{{0, 0, 4}, {0, 4, 8}, {0, 8, 10}, {2, 3, 7}, {3, 0, 5}};
  EXPECT_EQ(units, wanted);
}

TEST_F(CsvSourceTest, PlansStartAnewWithEachFile) {
  const CsvSource source({file("a", "h\r\na\r\nb\"\"b\nc"), file("b", "h\na\n")}, {.unit_bytes = 4});
  const std::vector<CsvUnitPlan> plans = source.plan(scan(source));
  EXPECT_EQ(plans.size(), 4U);
  EXPECT_TRUE(plans[0].starts_file);
  EXPECT_FALSE(plans[1].starts_file);
  EXPECT_EQ(plans[0].last_record, 3);
  EXPECT_EQ(plans[1].first_record, 2);
  EXPECT_EQ(plans[1].newlines_before, 1);
  EXPECT_EQ(plans[2].newlines_before, 2);
  EXPECT_EQ(plans[2].exit, CsvState::unquoted);
  EXPECT_TRUE(plans[3].starts_file);
  EXPECT_EQ(plans[3].newlines_before, 0);
}

TEST_F(CsvSourceTest, ContentHashKnowsEveryByteAndNotTheName) {
  const CsvFile a = file("a", "\xEF\xBB\xBFid\n1\n2\n"), b = file("b", "\xEF\xBB\xBFid\n1\n2\n"),
                c = file("c", "id\n1\n2\n"), d = file("d", "id\n1\n3\n");
  const CsvSource source({a, b, c, d}, {.unit_bytes = 3});
  const std::vector<CsvUnitScan> scans = scan(source);
  EXPECT_EQ(source.content_hash(0, scans), source.content_hash(1, scans));
  EXPECT_NE(source.content_hash(0, scans), source.content_hash(2, scans));
  EXPECT_NE(source.content_hash(2, scans), source.content_hash(3, scans));
  EXPECT_EQ(hex(source.content_hash(0, scans)).size(), 32U);
}

TEST_F(CsvSourceTest, RefusesWhatItCannotRead) {
  EXPECT_THROW((void)CsvFile::look_at(folder_.file("none")), Error);
  EXPECT_THROW((void)CsvFile::look_at(folder_.path()), Error);
  EXPECT_THROW((void)file("utf16", "\xFF\xFEi\0d\0"), Error);
  EXPECT_THROW(CsvSource({}, {.delimiter = '"'}), Error);
  EXPECT_THROW(CsvSource({}, {.delimiter = '\0'}), Error);
  EXPECT_THROW(CsvSource({}, {.unit_bytes = 0}), Error);
  EXPECT_THROW(CsvSource({}, {.unit_bytes = 9, .max_record_bytes = 8}), Error);
}

}  // namespace
}  // namespace cohort
