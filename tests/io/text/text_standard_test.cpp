// SPDX-License-Identifier: Apache-2.0
#include "io/text/text_standard.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cohort {
namespace {

TEST(TextStandard, OuterBlanksGoAndInnerOnesBecomeOneSpace) {
  EXPECT_EQ(without_outer_blanks(" \t a \xC2\xA0 b\xE3\x80\x80\n"), "a b");
  EXPECT_EQ(without_outer_blanks(""), "");
  EXPECT_EQ(without_outer_blanks(" \t"), "");
}

TEST(TextStandard, CaseOfLatinGreekAndCyrillic) {
  EXPECT_EQ(in_lower_case("Ab1 ÀÖØÞ× ΑΡΣΩ ЀЏАЯ 日"), "ab1 àöøþ× αρσω ѐџая 日");
  EXPECT_EQ(in_upper_case("Ab1 àöøþ÷ αρσω ѐџая ß日"), "AB1 ÀÖØÞ÷ ΑΡΣΩ ЀЏАЯ ß日");
}

// unicodedata.normalize("NFKC", text) of Python 3.11.
TEST(TextStandard, WidthAsNfkc) {
  EXPECT_EQ(in_usual_width("ＡＺａｚ０９！～　￠￡￢￤￥￦"), "AZaz09!~ ¢£¬¦¥₩");
  EXPECT_EQ(in_usual_width("ﾅｺﾞﾔ ﾊﾞﾋﾟﾍﾎﾟ ｶﾞﾄﾞﾂﾞｳﾞﾜﾞｦﾞ ｡｢｣､･ｰﾝｯ"), "ナゴヤ バピヘポ ガドヅヴヷヺ 。「」、・ーンッ");
  EXPECT_EQ(in_usual_width("ｱﾞ\xFF plain"), "ア\u3099\xFF plain");
}

TEST(TextStandard, PhonesMailsAndPostcodes) {
  EXPECT_EQ(standard_phone(" +33 (0)1-23 "), "+330123");
  EXPECT_EQ(standard_phone("0033 1+2"), "+3312");
  EXPECT_EQ(standard_phone("none"), "");
  EXPECT_EQ(standard_email(" MailTo:A.B@Example.ORG "), "a.b@example.org");
  EXPECT_EQ(standard_postcode(" sw1a-1 aa"), "SW1A1AA");
}

TEST(TextStandard, CleanUtf8) {
  EXPECT_TRUE(is_clean_utf8("plain Zoë 日本 \U0001F600"));
  for (const std::string& bad :
       {std::string("a\0b", 3), std::string("\xC0\x80"), std::string("\xE9t"), std::string("\xED\xA0\x80"),
        std::string("\xF4\x90\x80\x80"), std::string("\xE6\x97")}) {
    EXPECT_FALSE(is_clean_utf8(bad));
  }
}

}  // namespace
}  // namespace cohort
