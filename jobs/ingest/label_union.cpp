// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/label_union.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/shard_hash.hpp"

namespace cohort {
namespace {

void append_label(Bytes& bytes, std::string_view label) {
  const auto length = static_cast<std::uint32_t>(label.size());
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof length + label.size());
  std::memcpy(bytes.data() + at, &length, sizeof length);
  std::memcpy(bytes.data() + at + sizeof length, label.data(), label.size());
}

void read_labels(const Bytes& bytes, std::vector<std::string>& labels) {
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data() + at, sizeof length);
    at += sizeof length;
    labels.emplace_back(reinterpret_cast<const char*>(bytes.data()) + at, length);
    at += length;
  }
}

std::vector<std::string> sorted_union(const std::vector<Bytes>& messages) {
  std::vector<std::string> labels;
  for (const Bytes& message : messages) read_labels(message, labels);
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

/// Collective.
void refuse_if_large(const Context& context, const std::string& column, const Bytes& distinct) {
  std::array<std::int64_t, 1> bytes{std::ssize(distinct)};
  context.comm.all_reduce(bytes, {});
  collectively(context.comm, [&] {
    if (bytes[0] <= context.memory_per_rank / 8) return;
    throw Error(ExitCode::plan_refused,
                fmt::format("the labels of category '{}' take {} bytes, more than an eighth of memory_per_rank = {}",
                            column, bytes[0], context.memory_per_rank),
                fmt::format("declare types: {{{}: int64}} or text, or give each rank more memory", column));
  });
}

}  // namespace

std::vector<std::string> union_of_labels(const Context& context, const std::string& column,
                                         const std::vector<std::string_view>& mine) {
  const int ranks = context.comm.size();
  std::vector<Bytes> by_owner(static_cast<std::size_t>(ranks));
  for (const std::string_view label : mine)
    append_label(by_owner[static_cast<std::size_t>(shard_of_customer(label, ranks))], label);
  Bytes distinct;
  for (const std::string& label : sorted_union(context.comm.exchange(std::move(by_owner))))
    append_label(distinct, label);
  refuse_if_large(context, column, distinct);
  return sorted_union(context.comm.all_gather(distinct));
}

}  // namespace cohort
