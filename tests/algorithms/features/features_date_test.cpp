// SPDX-License-Identifier: Apache-2.0
#include "algorithms/features/features_date.hpp"

#include <gtest/gtest.h>

#include "core/column.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

TEST(DateFromIso, ReadsTheWholeCalendar) {
  for (std::int32_t day = days_from_civil(1, 1, 1); day <= days_from_civil(9999, 12, 31); day += 5)
    ASSERT_EQ(date_from_iso(iso_date(day), "as_of"), day);
}

TEST(DateFromIso, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "2011", "2011-2-30", "2011-02-30", "2023-02-29", "2011-13-01", "2011-00-10", "2011-01-00", "2011-12-32",
        "2011/12/10", "20111210", "2011-12-10 ", "-011-12-10", "201a-12-10", "2011-12-1x", "2011-12-10T00:00"})
    EXPECT_THROW((void)date_from_iso(text, "as_of"), Error) << text;
}

TEST(DateFromIso, NamesTheKeyAndTheValue) {
  try {
    (void)date_from_iso("2011-02-30", "as_of");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_config);
    EXPECT_NE(std::string(error.what()).find("as_of: '2011-02-30'"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace cohort
