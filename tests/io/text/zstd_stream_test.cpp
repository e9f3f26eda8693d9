// SPDX-License-Identifier: Apache-2.0
#include "io/text/zstd_stream.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"
#include "tests/io/text/csv_oracle.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

std::string inflate(const std::string& path, const std::string& bytes, std::size_t step) {
  testing::write_bytes(path, bytes);
  ZstdStream stream(path);
  std::string text, piece(step, '\0');
  for (std::size_t size = step; size == step;) text.append(piece, 0, size = stream.read(piece));
  return text;
}

// zstd -19 --check of "hello, hello, hello\n".
const std::string hello(
    "\x28\xb5\x2f\xfd\x24\x14\x75\x00\x00\x40\x68\x65\x6c\x6c\x6f\x2c\x20\x0a\x01\x00\xe2\x8a\x11\x21\x69\x9d\x87", 27);

TEST(ZstdStream, ReadsFramesInPiecesOfAnySize) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("a.zst"), text = "hello, hello, hello\n";
  for (const std::size_t step : {1, 3, 20, 100}) {
    EXPECT_EQ(inflate(path, hello, step), text);
    EXPECT_EQ(inflate(path, hello + hello, step), text + text);
  }
}

TEST(ZstdStream, DamageIsAnError) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("a.zst");
  for (std::size_t size = 1; size < hello.size(); ++size) {
    EXPECT_THROW((void)inflate(path, hello.substr(0, size), 7), Error) << size;
  }
  EXPECT_THROW((void)inflate(path, hello + "rubbish", 7), Error);
}

}  // namespace
}  // namespace cohort
