// SPDX-License-Identifier: Apache-2.0
#include "core/swar.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cohort {
namespace {

TEST(Swar, TextsOfAnyLengthAreTheSameOrDifferInAnyCharacter) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'a');
    EXPECT_TRUE(swar::same(text, std::string(size, 'a')));
    EXPECT_FALSE(swar::same(text, text + "a"));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'b';
      EXPECT_FALSE(swar::same(text, other)) << size << " " << at;
    }
  }
}

}  // namespace
}  // namespace cohort
