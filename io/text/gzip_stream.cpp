// SPDX-License-Identifier: Apache-2.0
#include "io/text/gzip_stream.hpp"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <vector>

#include "core/error.hpp"
#include "core/fault_points.hpp"
#include "io/durable_file.hpp"

namespace cohort {

struct GzipStream::State {
  explicit State(const std::string& path) : file(path), input(256 * 1024) {
    isal_inflate_init(&inflate);
    inflate.crc_flag = ISAL_GZIP;
  }

  InputFile file;
  std::vector<std::byte> input;
  std::int64_t read = 0;  ///< bytes of the file that have been put into `input`
  bool between_members = true;
  inflate_state inflate{};

  /// False at the end of the file.
  bool refill() {
    if (inflate.avail_in > 0) return true;
    const std::int64_t bytes = std::min(file.size() - read, static_cast<std::int64_t>(input.size()));
    file.read(read, {input.data(), static_cast<std::size_t>(bytes)});
    fault_bytes("gzip.read", std::span(input).first(static_cast<std::size_t>(bytes)));
    read += bytes;
    inflate.next_in = reinterpret_cast<std::uint8_t*>(input.data());
    inflate.avail_in = static_cast<std::uint32_t>(bytes);
    return bytes > 0;
  }

  /// Steps over the zeros that tapes and block devices leave after a member; false when nothing follows.
  bool find_member() {
    while (refill()) {
      if (*inflate.next_in != 0) return true;
      ++inflate.next_in;
      --inflate.avail_in;
    }
    return false;
  }

  [[noreturn]] void fail(const char* why) const {
    throw Error(
        ExitCode::bad_data,
        fmt::format("{} is not a whole gzip file: {} at compressed byte {}", file.path(), why, read - inflate.avail_in),
        "copy the file again; gzip -t shows whether it is whole");
  }
};

GzipStream::GzipStream(const std::string& path) : state_(std::make_unique<State>(path)) {}
GzipStream::~GzipStream() = default;

std::size_t GzipStream::read(std::span<char> out) {
  State& state = *state_;
  inflate_state& inflate = state.inflate;
  inflate.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  inflate.avail_out = static_cast<std::uint32_t>(out.size());
  while (inflate.avail_out > 0) {
    if (state.between_members) {
      if (!state.find_member()) break;
      isal_inflate_reset(&inflate);
      state.between_members = false;
    }
    const bool has_input = state.refill();  // without input there may still be output held back
    const std::uint32_t room = inflate.avail_out;
    if (isal_inflate(&inflate) != ISAL_DECOMP_OK) state.fail("damaged bytes");
    state.between_members = inflate.block_state == ISAL_BLOCK_FINISH;
    if (!has_input && inflate.avail_out == room && !state.between_members) state.fail("the file ends inside a member");
  }
  return out.size() - inflate.avail_out;
}

}  // namespace cohort
