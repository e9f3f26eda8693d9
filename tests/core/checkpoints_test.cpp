// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoints.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/resumable.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort {
namespace {

struct Inner {
  std::int64_t next = 0;
  std::vector<double> values;
  template <class Archive>
  void archive(Archive& members) {
    members("next", next);
    members("values", values);
  }
};
struct Outer {
  std::int64_t next = 0;
  std::string text;
  std::vector<Inner> done;
  template <class Archive>
  void archive(Archive& members) {
    members("next", next);
    members("text", text);
    members("done", done);
  }
};

/// Two nested loops; `steps` boundaries after the start it is stopped, as by a signal. Returns what they computed.
std::optional<std::string> run(Checkpoints& checkpoints, int steps) {
  const testing::TestContext test;
  Context context = test.context();
  context.checkpoints = &checkpoints;
  Outer outer;
  Resumable outer_loop(context, "outer", outer);
  for (; outer.next < 3; ++outer.next) {
    Inner inner;
    Resumable inner_loop(context, "inner", inner);
    while (inner.next < 4) {
      inner.values.push_back(static_cast<double>(10 * outer.next + inner.next) / 3);
      outer.text += std::to_string(10 * outer.next + inner.next) + " ";
      ++inner.next;
      inner_loop.boundary();
      if (--steps == 0) return std::nullopt;
    }
    outer.done.push_back(inner);
  }
  return outer.text + std::to_string(outer.done.size()) + " " + std::to_string(outer.done.at(1).values.at(2));
}

TEST(Checkpoints, AStoppedRunGoesOnToTheSameEndFromAnyBoundary) {
  Communicator& comm = testing::test_communicator();
  std::string saved;
  const auto save = [&](const std::string& packed) { saved = packed; };
  Checkpoints whole(comm, "", save, 0);
  const std::optional<std::string> expected = run(whole, 1000);
  for (int steps = 1; steps <= 12; ++steps) {
    saved.clear();
    Checkpoints first(comm, "", save, 0);
    EXPECT_FALSE(run(first, steps).has_value());
    int boundaries = 0;
    Checkpoints second(
        comm, saved, [&](const std::string&) { ++boundaries; }, 0);
    EXPECT_EQ(run(second, 1000), expected) << "stopped after " << steps;
    if (comm.rank() == 0) {
      EXPECT_EQ(boundaries, 12 - steps);
    }
  }
}

TEST(Checkpoints, NothingIsSavedBeforeItIsDueAndTheLastBoundaryWhenAsked) {
  int saves = 0;
  Checkpoints checkpoints(
      testing::test_communicator(), "", [&](const std::string&) { ++saves; }, 1e6);
  EXPECT_FALSE(run(checkpoints, 5).has_value());
  EXPECT_EQ(saves, 0);
  checkpoints.save_last();
  EXPECT_LE(saves, 1);
}

TEST(Checkpoints, WhatAnotherLoopLeftIsNotTaken) {
  Communicator& comm = testing::test_communicator();
  std::string saved;
  Checkpoints first(
      comm, "", [&](const std::string& packed) { saved = packed; }, 0);
  EXPECT_FALSE(run(first, 6).has_value());
  Checkpoints second(
      comm, saved, [](const std::string&) {}, 0);
  const testing::TestContext test;
  Context context = test.context();
  context.checkpoints = &second;
  Inner other;
  const Resumable loop(context, "other", other);
  EXPECT_EQ(other.next, 0);
}

/// A step of two loops of one name, stopped at the `steps`-th boundary; where each began.
std::vector<std::int64_t> two_loops(Checkpoints& checkpoints, int steps) {
  const testing::TestContext test;
  Context context = test.context();
  context.checkpoints = &checkpoints;
  std::vector<std::int64_t> began;
  for (int i = 0; i < 2; ++i) {
    Inner inner;
    Resumable loop(context, "fit", inner);
    began.push_back(inner.next);
    while (inner.next < 4) {
      ++inner.next;
      loop.boundary();
      if (--steps == 0) return began;
    }
  }
  return began;
}

TEST(Checkpoints, OfTwoLoopsOfOneNameEachTakesItsOwn) {
  Communicator& comm = testing::test_communicator();
  for (const int stopped_at : {2, 7}) {
    std::string saved;
    Checkpoints first(
        comm, "", [&](const std::string& packed) { saved = packed; }, 0);
    two_loops(first, stopped_at);
    Checkpoints second(
        comm, saved, [](const std::string&) {}, 0);
    const std::vector<std::int64_t> expected =
        stopped_at == 2 ? std::vector<std::int64_t>{2, 0} : std::vector<std::int64_t>{0, 3};
    EXPECT_EQ(two_loops(second, 100), expected) << "stopped at boundary " << stopped_at;
  }
}

TEST(Checkpoints, AFailedSavingFailsOnAllRanks) {
  Checkpoints checkpoints(
      testing::test_communicator(), "", [](const std::string&) { throw Error(ExitCode::io_error, "the disk is full"); },
      0);
  EXPECT_THROW(run(checkpoints, 1000), RankFailure);
}

TEST(Checkpoints, ALoopRunsWithoutThem) {
  const testing::TestContext test;
  Inner inner;
  Resumable loop(test.context(), "inner", inner);
  loop.boundary();
  EXPECT_EQ(inner.next, 0);
}

}  // namespace
}  // namespace cohort
