// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/optional.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <sstream>
#include <string>
#include <utility>

#include "core/checkpoints.hpp"
#include "core/context.hpp"

namespace cohort {

/// Lets Boost's archives visit structs that list their members in `archive(members)`, as models do.
template <class Boost>
class StateMembers {
 public:
  explicit StateMembers(Boost& boost) : boost_(boost) {}

  template <class T>
  void operator()(const std::string& name, T& value) {
    if constexpr (requires { value.archive(*this); }) {
      value.archive(*this);
    } else if constexpr (requires { value.front().archive(*this); }) {
      auto size = value.size();
      boost_& size;
      value.resize(size);
      for (auto& member : value) (*this)(name, member);
    } else {
      boost_& value;
    }
  }

 private:
  Boost& boost_;
};

/// A loop that can go on where an earlier run of it was stopped or killed: as long as it lives, `state` is part of
/// every checkpoint. If an earlier run left the state of this loop, it is there after construction. Loops may nest.
template <class State>
class Resumable {
 public:
  Resumable(const Context& context, const std::string& name, State& state) : checkpoints_(context.checkpoints) {
    if (checkpoints_ == nullptr) return;
    const std::string packed = checkpoints_->enter(name, [&state] {
      std::ostringstream stream;
      boost::archive::binary_oarchive archive(stream, boost::archive::no_header);
      StateMembers members(archive);
      members("", state);
      return std::move(stream).str();
    });
    if (packed.empty()) return;
    std::istringstream stream(packed);
    boost::archive::binary_iarchive archive(stream, boost::archive::no_header);
    StateMembers members(archive);
    members("", state);
  }
  ~Resumable() {
    if (checkpoints_ != nullptr) checkpoints_->leave();
  }
  Resumable(const Resumable&) = delete;
  Resumable& operator=(const Resumable&) = delete;

  /// Collective. The states of all running loops are whole here; an iteration that follows may be lost, not more.
  void boundary() {
    if (checkpoints_ != nullptr) checkpoints_->boundary();
  }

 private:
  Checkpoints* checkpoints_;
};

}  // namespace cohort
