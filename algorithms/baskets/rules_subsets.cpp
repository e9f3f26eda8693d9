// SPDX-License-Identifier: Apache-2.0
#include "algorithms/baskets/rules_subsets.hpp"

#include <algorithm>
#include <array>

#include "core/gather.hpp"

namespace cohort {
namespace {

constexpr std::int64_t sets_per_batch = 1 << 16;

struct Question {
  std::int64_t set;
  std::int32_t position;
};

void without(std::span<const std::int32_t> set, std::int32_t position, std::vector<std::int32_t>& smaller) {
  smaller.assign(set.begin(), set.end());
  smaller.erase(smaller.begin() + position);
}

/// The answers to one rank's questions: a length and as many values each.
std::vector<double> answers_to(const Bytes& questions, const SortedItemsets& found, int rank,
                               const SubsetAnswer& answer) {
  std::vector<std::int32_t> asked;
  append_values(questions, asked);
  std::vector<double> answers, values;
  for (std::size_t at = 0; at < asked.size();) {
    const auto length = static_cast<std::size_t>(asked[at]);
    const std::int64_t set = found.find(rank, std::span<const std::int32_t>(asked).subspan(at + 1, length));
    at += 1 + length;
    values.clear();
    if (set >= 0) answer(set, values);
    answers.push_back(static_cast<double>(values.size()));
    answers.insert(answers.end(), values.begin(), values.end());
  }
  return answers;
}

/// Collective. One batch.
void ask_batch(Communicator& comm, const SortedItemsets& found, std::int64_t begin, std::int64_t end,
               const SubsetAnswer& answer, const SubsetTake& take) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::vector<Question>> asked(ranks);
  std::vector<std::vector<std::int32_t>> words(ranks);
  std::vector<std::int32_t> smaller;
  for (std::int64_t set = begin; set < end; ++set) {
    const std::span<const std::int32_t> items = found.sets[set];
    for (std::int32_t position = 0; items.size() > 1 && position < std::ssize(items); ++position) {
      without(items, position, smaller);
      const auto owner = static_cast<std::size_t>(found.owner_of(found.piece_of(smaller)));
      asked[owner].push_back({set, position});
      words[owner].push_back(static_cast<std::int32_t>(smaller.size()));
      words[owner].insert(words[owner].end(), smaller.begin(), smaller.end());
    }
  }
  std::vector<Bytes> questions, answers;
  for (const auto& to : words) questions.push_back(to_bytes(std::span<const std::int32_t>(to)));
  for (const Bytes& from : comm.exchange(std::move(questions)))
    answers.push_back(to_bytes(std::span<const double>(answers_to(from, found, comm.rank(), answer))));
  const std::vector<Bytes> received = comm.exchange(std::move(answers));
  for (std::size_t r = 0; r < ranks; ++r) {
    std::vector<double> values;
    append_values(received[r], values);
    std::size_t at = 0;
    for (const Question& question : asked[r]) {
      const auto length = static_cast<std::size_t>(values[at]);
      take(question.set, question.position, std::span<const double>(values).subspan(at + 1, length));
      at += 1 + length;
    }
  }
}

}  // namespace

void ask_subsets(Communicator& comm, const SortedItemsets& found, std::int64_t begin, std::int64_t end,
                 const SubsetAnswer& answer, const SubsetTake& take) {
  std::array<std::int64_t, 1> batches{(end - begin + sets_per_batch - 1) / sets_per_batch};
  comm.all_reduce({}, batches);
  for (std::int64_t b = 0; b < batches[0]; ++b) {
    const std::int64_t first = std::min(end, begin + b * sets_per_batch);
    ask_batch(comm, found, first, std::min(end, first + sets_per_batch), answer, take);
  }
}

}  // namespace cohort
