// SPDX-License-Identifier: Apache-2.0
#include "io/text/zstd_stream.hpp"

#include <zstd.h>

#include <algorithm>
#include <vector>

#include "core/error.hpp"
#include "io/durable_file.hpp"

namespace cohort {

struct ZstdStream::State {
  explicit State(const std::string& path) : file(path), bytes(ZSTD_DStreamInSize()) {}

  InputFile file;
  std::vector<std::byte> bytes;
  ZSTD_inBuffer input{nullptr, 0, 0};
  std::int64_t read = 0;  ///< bytes of the file that have been put into `bytes`
  bool inside_frame = false;
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream{ZSTD_createDStream(), &ZSTD_freeDStream};

  /// False at the end of the file.
  bool refill() {
    if (input.pos < input.size) return true;
    const std::int64_t size = std::min(file.size() - read, static_cast<std::int64_t>(bytes.size()));
    file.read(read, {bytes.data(), static_cast<std::size_t>(size)});
    read += size;
    input = {bytes.data(), static_cast<std::size_t>(size), 0};
    return size > 0;
  }

  [[noreturn]] void fail(const char* why) const {
    const std::int64_t at = read - static_cast<std::int64_t>(input.size - input.pos);
    throw Error(ExitCode::bad_data,
                fmt::format("{} is not a whole zstd file: {} at compressed byte {}", file.path(), why, at),
                "copy the file again; zstd -t shows whether it is whole");
  }
};

ZstdStream::ZstdStream(const std::string& path) : state_(std::make_unique<State>(path)) {}
ZstdStream::~ZstdStream() = default;

std::size_t ZstdStream::read(std::span<char> out) {
  State& state = *state_;
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  while (output.pos < output.size) {
    const bool has_input = state.refill();
    if (!has_input && !state.inside_frame) break;
    const std::size_t before = output.pos;
    const std::size_t hint = ZSTD_decompressStream(state.stream.get(), &output, &state.input);
    if (ZSTD_isError(hint)) state.fail(ZSTD_getErrorName(hint));
    state.inside_frame = hint != 0;
    if (!has_input && output.pos == before && state.inside_frame) state.fail("the file ends inside a frame");
  }
  return output.pos;
}

}  // namespace cohort
