// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/utility.hpp>
#include <boost/serialization/vector.hpp>
#include <sstream>
#include <utility>

#include "core/collectively.hpp"
#include "core/fault_points.hpp"

namespace cohort {
namespace {

/// Tiny iterations are not worth being packed each.
constexpr std::chrono::duration<double> pack_every{0.02};

using Packed = std::vector<std::pair<std::string, std::string>>;  // path and state, outermost first

}  // namespace

Checkpoints::Checkpoints(Communicator& comm, std::string saved, Save save, double every_s)
    : comm_(comm),
      save_(std::move(save)),
      every_(every_s),
      saved_at_(std::chrono::steady_clock::now()),
      packed_at_(saved_at_) {
  comm_.broadcast(saved, 0);
  if (saved.empty()) return;
  Packed states;
  std::istringstream stream(std::move(saved));
  boost::archive::binary_iarchive(stream, boost::archive::no_header) >> states;
  for (auto& [path, packed] : states) restored_.push_back({std::move(path), std::move(packed), {}});
}

std::string Checkpoints::enter(const std::string& name, Pack pack) {
  const std::size_t depth = running_.size();
  // A step that runs again enters its outermost loops in the same order: its third fit must not go on from its second.
  std::string path = depth == 0 ? fmt::format("{} {}", ++entered_, name) : running_.back().path + "/" + name;
  running_.push_back({path, {}, std::move(pack)});
  return depth < restored_.size() && restored_[depth].path == path ? restored_[depth].packed : std::string();
}

void Checkpoints::leave() {
  const std::size_t depth = running_.size() - 1;
  // A loop that has ended begins afresh when it is entered again, and so do those inside it.
  if (depth < restored_.size() && restored_[depth].path == running_.back().path) restored_.resize(depth);
  running_.pop_back();
}

void Checkpoints::boundary() {
  collectively(comm_, [&] {
    const auto now = std::chrono::steady_clock::now();
    if (comm_.rank() != 0 || now - packed_at_ < std::min(every_, pack_every)) return;
    packed_at_ = now;
    fault_point("checkpoints.pack");
    Packed states;
    for (const Entry& entry : running_) states.emplace_back(entry.path, entry.pack());
    std::ostringstream stream;
    boost::archive::binary_oarchive(stream, boost::archive::no_header) << std::as_const(states);
    last_ = std::move(stream).str();
    if (now - saved_at_ >= every_) save();
  });
}

void Checkpoints::save_last() {
  collectively(comm_, [&] {
    if (comm_.rank() == 0) save();
  });
}

void Checkpoints::save() {
  if (!last_.empty()) save_(last_);
  last_.clear();
  saved_at_ = std::chrono::steady_clock::now();
}

}  // namespace cohort
