// SPDX-License-Identifier: Apache-2.0
#include "io/store/content_hash.hpp"

#include <gtest/gtest.h>

#include "io/durable_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

TEST(ContentHash, PublishedValuesOfTheEmptyInput) {  // xxHash's own test vectors
  EXPECT_EQ(hex64(hash64({})), "2d06800538d394c2");
  EXPECT_EQ(hash128_hex(""), "99aa06d3014798d86001c324468d497f");
}

TEST(ContentHash, PiecesAndFilesHashLikeTheWhole) {
  const testing::TemporaryFolder folder;
  const std::string text(3'000'001, 'q');
  write_file(folder.file("a"), text);
  ContentHash hash;
  for (std::size_t at = 0; at < text.size(); at += 7919)
    hash.add(std::as_bytes(std::span(text)).subspan(at, std::min<std::size_t>(7919, text.size() - at)));
  EXPECT_EQ(hash.hex(), hash128_hex(text));
  EXPECT_EQ(file_hash_hex(folder.file("a")), hash128_hex(text));
}

}  // namespace
}  // namespace cohort
