// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/itemsets.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/gather.hpp"
#include "core/isa.hpp"
#include "tests/algorithms/baskets/basket_oracle.hpp"
#include "tests/algorithms/test_context.hpp"

namespace cohort {
namespace {

using testing::Basket;
using testing::CountedSets;

Itemsets::Params params_of(const std::string& min_support, const std::string& kind = "frequent") {
  Itemsets::Params params;
  params.min_support = min_support;
  params.kind = kind;
  return params;
}

/// All ranks' sets in their order, as keys; on every rank.
std::vector<std::pair<Basket, std::int64_t>> collect(const Itemsets::Model& model, Communicator& comm) {
  std::vector<std::int64_t> words;
  for (std::int64_t s = 0; s < model.found.sets.size(); ++s) {
    words.push_back(std::ssize(model.found.sets[s]));
    for (const std::int32_t rank : model.found.sets[s])
      words.push_back(model.items.keys[static_cast<std::size_t>(model.items.code_of[static_cast<std::size_t>(rank)])]);
    words.push_back(model.found.sets.counts[static_cast<std::size_t>(s)]);
  }
  std::vector<std::int64_t> all;
  for (const Bytes& from : comm.all_gather(to_bytes(std::span<const std::int64_t>(words)))) append_values(from, all);
  std::vector<std::pair<Basket, std::int64_t>> sets;
  for (std::size_t at = 0; at < all.size();) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(at) + 1;
    sets.emplace_back(Basket(first, first + all[at]), *(first + all[at]));
    at += static_cast<std::size_t>(all[at]) + 2;
  }
  return sets;
}

void expect_oracle(const std::vector<Basket>& baskets, std::int64_t min_count, const Itemsets::Params& params,
                   const std::string& what) {
  const testing::TestContext test;
  const Context context = test.context();
  const Itemsets::Model model = Itemsets::fit(params, testing::pass_over(baskets, context), context);
  const auto found = collect(model, context.comm);
  CountedSets expected = testing::mine_naively(baskets, min_count, params.kind);
  if (params.max_len > 0) std::erase_if(expected, [&](const auto& e) { return std::ssize(e.first) > params.max_len; });
  EXPECT_EQ(CountedSets(found.begin(), found.end()), expected) << what;
  EXPECT_EQ(std::ssize(found), model.total) << what;
  EXPECT_TRUE(std::ranges::is_sorted(found, [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
  })) << what;
}

TEST(Itemsets, EqualsAllSubsetsCounted) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    RandomStream random(seed, "shape", 0);
    const std::int64_t min_count = 1 + random.below(6);
    // Every third set is sparse: many items in few baskets.
    const bool sparse = seed % 3 == 0;
    const auto baskets = testing::random_baskets(seed, 1 + random.below(sparse ? 150 : 40),
                                                 sparse ? 400 : 2 + random.below(9), sparse ? 6 : 8);
    for (const char* kind : {"frequent", "closed", "maximal"}) {
      Itemsets::Params params = params_of(std::to_string(min_count), kind);
      params.max_len = seed % 4 == 0 ? 2 : 0;
      if (seed % 20 == 1) params.algorithm = "apriori";
      expect_oracle(baskets, min_count, params, fmt::format("seed {}, {}, at {}", seed, kind, min_count));
    }
  }
}

TEST(Itemsets, EveryInstructionLevelFindsTheSame) {
  const auto baskets = testing::random_baskets(7, 3000, 12, 8);
  const Isa before = active_isa();
  for (const Isa isa : {Isa::x86_64, Isa::avx2, Isa::avx512}) {
    if (isa > host_isa()) continue;
    set_active_isa(isa);
    for (const char* kind : {"frequent", "closed", "maximal"})
      expect_oracle(baskets, 20, params_of("20", kind), std::string(name_of(isa)));
  }
  set_active_isa(before);
}

TEST(Itemsets, OneHugeBasketAndAnItemInEveryBasket) {
  const testing::TestContext test;
  const Context context = test.context();
  std::vector<Basket> baskets(200, Basket{1});
  for (std::int64_t i = 1; i <= 50'000; ++i) baskets[7].push_back(i);
  for (std::size_t b = 0; b < baskets.size(); b += 2) baskets[b].push_back(60'000);
  const Itemsets::Model model = Itemsets::fit(params_of("2"), testing::pass_over(baskets, context), context);
  EXPECT_EQ(model.items.longest_basket, 50'000);
  EXPECT_EQ(collect(model, context.comm),
            (std::vector<std::pair<Basket, std::int64_t>>{{{1}, 200}, {{60'000}, 100}, {{1, 60'000}, 100}}));
}

TEST(Itemsets, NothingThere) {
  expect_oracle({}, 1, params_of("0.5"), "no basket");
  expect_oracle({{}, {}, {}}, 1, params_of("1"), "only empty baskets");
  expect_oracle({{1}, {2}, {3}}, 2, params_of("2"), "no frequent item");
  expect_oracle({{5, 5, 5}}, 1, params_of("1.0"), "one item, repeated");
}

TEST(Itemsets, TooManyNamesTheSupportThatFits) {
  const testing::TestContext test;
  const Context context = test.context();
  const auto baskets = testing::random_baskets(3, 200, 10, 8);
  Itemsets::Params params = params_of("2");
  params.max_itemsets = 20;
  std::int64_t fits = 2;
  while (std::ssize(testing::mine_naively(baskets, fits, "frequent")) > 20) ++fits;
  try {
    static_cast<void>(Itemsets::fit(params, testing::pass_over(baskets, context), context));
    ADD_FAILURE() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::plan_refused);
    EXPECT_NE(error.next().find(fmt::format("min_support to {} ", fits)), std::string::npos) << error.next();
  }
}

TEST(Itemsets, TopFindsItsSupport) {
  const testing::TestContext test;
  const Context context = test.context();
  const auto baskets = testing::random_baskets(4, 200, 10, 8);
  for (const std::int64_t top : {1, 7, 50}) {
    Itemsets::Params params = params_of("1");
    params.top_k = top;
    const Itemsets::Model model = Itemsets::fit(params, testing::pass_over(baskets, context), context);
    EXPECT_GE(model.total, top);
    EXPECT_LT(std::ssize(testing::mine_naively(baskets, model.min_count + 1, "frequent")), top);
  }
}

TEST(Itemsets, LittleMemoryMeansMoreRounds) {
  const auto baskets = testing::random_baskets(5, 400, 12, 8);
  const testing::TestContext ample, scarce(2, 60'000);
  const Context one = ample.context(), many = scarce.context();
  const Itemsets::Params params = params_of("3", "closed");
  EXPECT_EQ(collect(Itemsets::fit(params, testing::pass_over(baskets, one), one), one.comm),
            collect(Itemsets::fit(params, testing::pass_over(baskets, many), many), many.comm));
}

}  // namespace
}  // namespace cohort
