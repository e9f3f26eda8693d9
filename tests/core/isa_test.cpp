// SPDX-License-Identifier: Apache-2.0
#include "core/isa.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace cohort {
namespace {

TEST(Isa, NamesRoundTrip) {
  for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) EXPECT_EQ(parse_isa(name_of(isa)), isa);
  EXPECT_THROW((void)parse_isa("AVX2"), Error);
  EXPECT_THROW((void)parse_isa(""), Error);
}

TEST(Isa, TheActiveLevelStartsAtTheHostsAndCanOnlyBeLowered) {
  const Isa host = host_isa();
  EXPECT_EQ(active_isa(), host);
  set_active_isa(Isa::x86_64);
  EXPECT_EQ(active_isa(), Isa::x86_64);
  if (host != Isa::avx512) {
    EXPECT_THROW(set_active_isa(Isa::avx512), Error);
    EXPECT_EQ(active_isa(), Isa::x86_64);
  }
  set_active_isa(host);
  EXPECT_EQ(active_isa(), host);
}

}  // namespace
}  // namespace cohort
