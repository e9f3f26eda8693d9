// SPDX-License-Identifier: Apache-2.0
#include "io/checkpoint_folder.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/fault_points.hpp"
#include "core/fields.hpp"
#include "io/durable_file.hpp"
#include "io/store/content_hash.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

constexpr int generations_kept = 2;
constexpr std::string_view suffix = ".checkpoint";
constexpr std::string_view format = "cohort checkpoint 1 ";  // then the hash of all that follows the line
constexpr std::size_t hash_digits = 32;

std::int64_t generation_of(const fs::path& path) {
  const std::string name = path.stem().string();
  std::int64_t generation = 0;
  std::from_chars(name.data(), name.data() + name.size(), generation);
  return path.extension() == suffix ? generation : 0;
}

struct Saved {
  Json identity;
  std::string packed;
};

Saved read_checkpoint(const fs::path& path) {
  std::string text = read_file(path.string());
  fault_bytes("checkpoint.read", std::as_writable_bytes(std::span(text)));
  const std::size_t begin = format.size() + hash_digits + 1;
  const std::size_t line = text.find('\n', begin);
  if (text.starts_with(format) && line != std::string::npos && text[begin - 1] == '\n' &&
      hash128_hex(std::string_view(text).substr(begin)) == text.substr(format.size(), hash_digits)) {
    Saved saved{.identity = Json::parse(text.substr(begin, line - begin), nullptr, false),
                .packed = text.substr(line + 1)};
    if (saved.identity.is_object()) return saved;
  }
  throw Error(ExitCode::bad_data, fmt::format("{} is damaged or of another format", path.string()));
}

/// The first thing in which two identities differ; empty: none.
std::string difference(const CheckpointFolder::Identity& now, const Json& then) {
  for (const auto& [what, value] : now) {
    const auto found = then.find(what);
    if (found == then.end() || *found != Json(value)) return what;
  }
  return {};
}

}  // namespace

CheckpointFolder::CheckpointFolder(fs::path folder, Identity identity)
    : folder_(std::move(folder)), identity_(std::move(identity)) {
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, none)) {
    newest_ = std::max(newest_, generation_of(entry.path()));
  }
}

fs::path CheckpointFolder::path(std::int64_t generation) const {
  return folder_ / fmt::format("{}{}", generation, suffix);
}

std::string CheckpointFolder::load(std::string& notes) const {
  for (std::int64_t generation = newest_; generation > std::max<std::int64_t>(0, newest_ - generations_kept);
       --generation) {
    try {
      Saved saved = read_checkpoint(path(generation));
      const std::string changed = difference(identity_, saved.identity);
      if (changed.empty()) return std::move(saved.packed);
      notes += fmt::format("checkpoint {} is refused: {} changed since; the step begins again\n",
                           path(generation).string(), changed);
      return {};
    } catch (const Error& error) {
      notes += fmt::format("checkpoint passed over: {}\n", error.what());
    }
  }
  return {};
}

void CheckpointFolder::save(const std::string& packed) {
  fault_point("checkpoint.save");
  fs::create_directories(folder_);
  const std::string text = nlohmann::json(identity_).dump() + "\n" + packed;
  write_file(path(newest_ + 1).string(), fmt::format("{}{}\n{}", format, hash128_hex(text), text));
  ++newest_;
  std::error_code none;
  fs::remove(path(newest_ - generations_kept), none);
}

}  // namespace cohort
