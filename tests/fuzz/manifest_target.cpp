// SPDX-License-Identifier: Apache-2.0
// A manifest behind a seal that fits: what parses comes back as the same text.
#include <cstdlib>

#include "core/error.hpp"
#include "io/store/content_hash.hpp"
#include "io/store/manifest.hpp"
#include "tests/fuzz/fuzz_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cohort;
  const std::string body(reinterpret_cast<const char*>(data), size);
  try {
    const std::string text =
        manifest_text(parse_manifest("fuzz", fmt::format("{}\"hash\":\"{}\"}}\n", body, hash128_hex(body))));
    if (manifest_text(parse_manifest("again", text)) != text) std::abort();
  } catch (const Error&) {
  }
  return 0;
}

std::vector<std::string> cohort::testing::fuzz_seeds() {
  Manifest manifest{
      .tables = {{"customers", {{.name = "customer_id"}, {.name = "spent", .type = ColumnType::decimal, .scale = 2}}}}};
  const StreamEntry stream{.values = 3, .chunks = {{.address = 4096, .bytes = 60, .hash = 17}}};
  manifest.shards.push_back({.file = "shard-00000.h5",
                             .bytes = 9000,
                             .outside_hash = std::string(32, 'a'),
                             .tables = {{.rows = 3, .columns = {{stream}, {stream}}}}});
  const std::string text = manifest_text(manifest);
  return {text.substr(0, text.find("\"hash\":\"", text.size() - 60)), "{\"format_version\":2,\n"};
}
