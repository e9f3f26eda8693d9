// SPDX-License-Identifier: Apache-2.0
#include "algorithms/linear/recipe.hpp"

#include "core/random.hpp"

namespace cohort {

void Recipe::Params::describe(Fields& f) {
  f({.name = "log", .text = "Numbers above 0 to take as their natural logarithm"}, log);
  f({.name = "log1p", .text = "Numbers to take as log(1 + x): amounts, counts, days"}, log1p);
  f({.name = "bins", .text = "Numbers to take as the quantile bin they lie in, a category"}, bins);
  f({.name = "n_bins", .text = "Bins of equal numbers of customers", .range = {2, 1000}}, n_bins);
  f({.name = "target",
     .text = "Categories to take as the mean label of their level, learned for each row from other rows"},
    target);
  f({.name = "woe",
     .text = "Categories to take as their level's weight of evidence, the log of its odds over all rows' odds; learned "
             "as target is; classifiers only"},
    woe);
  f({.name = "smoothing",
     .text = "target and woe: so many rows of the mean of all are added to each level",
     .range = {0, 1e9}},
    smoothing);
  f({.name = "hash", .text = "Categories to take as one of n_buckets, by a hash of the label: for very many levels"},
    hash);
  f({.name = "n_buckets", .text = "See hash", .range = {2, 4096}}, n_buckets);
  f({.name = "interactions", .text = "Pairs a:b of features whose product, or pair of levels, is a column too"},
    interactions);
}

bool Recipe::Params::empty() const {
  return log.empty() && log1p.empty() && bins.empty() && target.empty() && woe.empty() && hash.empty() &&
         interactions.empty();
}

std::size_t Recipe::fold_of(std::int64_t row) {
  return static_cast<std::size_t>(RandomStream(0, "recipe fold", static_cast<std::uint64_t>(row)).below(folds));
}

std::string Recipe::joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + '\0';
  return all;
}

std::vector<std::string> Recipe::parted(const std::string& text) {
  std::vector<std::string> texts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\0', begin), text.size());
    texts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return texts;
}

}  // namespace cohort
