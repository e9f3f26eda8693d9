// SPDX-License-Identifier: Apache-2.0
#include "io/text/gzip_stream.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/error.hpp"
#include "tests/io/text/csv_oracle.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort {
namespace {

// gzip -9n of "hello, hello, hello\n".
const std::string hello(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\xd7\x51\xc8\x40\xa2"
    "\xb8\x00\xe7\x42\x6e\x52\x14\x00\x00\x00",
    30);

class GzipStreamTest : public ::testing::Test {
 protected:
  std::string inflate(const std::string& bytes, std::size_t step) {
    testing::write_bytes(path_, bytes);
    GzipStream stream(path_);
    std::string text, piece(step, '\0');
    for (std::size_t size = step; size == step;) text.append(piece, 0, size = stream.read(piece));
    EXPECT_EQ(stream.read(piece), 0U);
    return text;
  }
  testing::TemporaryFolder folder_;
  std::string path_ = folder_.file("a.gz");
};

TEST_F(GzipStreamTest, ReadsMembersInPiecesOfAnySize) {
  const std::string text = "hello, hello, hello\n";
  for (const std::size_t step : {1, 3, 20, 100}) {
    EXPECT_EQ(inflate(hello, step), text);
    EXPECT_EQ(inflate(hello + hello + std::string(512, '\0'), step), text + text);
  }
}

TEST_F(GzipStreamTest, DamageIsAnError) {
  for (std::size_t size = 1; size < hello.size(); ++size) {
    EXPECT_THROW((void)inflate(hello.substr(0, size), 7), Error) << size;
  }
  for (const std::size_t place : {0, 10, 15, 22, 25}) {
    std::string damaged = hello;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x11);
    EXPECT_THROW((void)inflate(damaged, 7), Error) << place;
  }
  EXPECT_THROW((void)inflate(hello + "rubbish", 7), Error);
  EXPECT_THROW(GzipStream(folder_.file("none.gz")), Error);
}

}  // namespace
}  // namespace cohort
