// SPDX-License-Identifier: Apache-2.0
#include "io/store/content_hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "io/durable_file.hpp"
#include "io/store/wide_xxhash.hpp"

namespace cohort {

std::uint64_t hash64(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string hex64(std::uint64_t hash) {
  return fmt::format("{:016x}", hash);
}

namespace {

XXH3_state_t* state_of(void* state) {
  return static_cast<XXH3_state_t*>(state);
}

}  // namespace

void ContentHash::Free::operator()(void* state) const noexcept {
  XXH3_freeState(state_of(state));
}

ContentHash::ContentHash() : state_(XXH3_createState()) {
  XXH3_128bits_reset(state_of(state_.get()));
}

void ContentHash::add(std::span<const std::byte> bytes) {
  XXH3_128bits_update(state_of(state_.get()), bytes.data(), bytes.size());
}

std::string ContentHash::hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_of(state_.get()));
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string hash128_hex(std::string_view text) {
  ContentHash hash;
  hash.add(std::as_bytes(std::span(text)));
  return hash.hex();
}

std::string file_hash_hex(const std::string& path) {
  const InputFile file(path);
  ContentHash hash;
  std::vector<std::byte> buffer(1 << 20);
  for (std::int64_t at = 0; at < file.size(); at += std::ssize(buffer)) {
    const auto part = std::span(buffer).first(static_cast<std::size_t>(std::min(std::ssize(buffer), file.size() - at)));
    file.read(at, part);
    hash.add(part);
  }
  return hash.hex();
}

}  // namespace cohort
