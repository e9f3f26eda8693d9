// SPDX-License-Identifier: Apache-2.0
#include "algorithms/sequences/sequence_database.hpp"

#include <algorithm>
#include <utility>

namespace cohort {
namespace {

void append(const SequenceDatabase& more, SequenceDatabase& all) {
  const std::int64_t elements = all.elements(), items = std::ssize(all.items);
  all.rows.insert(all.rows.end(), more.rows.begin(), more.rows.end());
  all.times.insert(all.times.end(), more.times.begin(), more.times.end());
  all.items.insert(all.items.end(), more.items.begin(), more.items.end());
  for (std::size_t s = 1; s < more.first_element.size(); ++s)
    all.first_element.push_back(elements + more.first_element[s]);
  for (std::size_t e = 1; e < more.first_item.size(); ++e) all.first_item.push_back(items + more.first_item[e]);
}

}  // namespace

void SequenceDatabase::add_element(std::int64_t time, std::vector<std::int32_t>& element) {
  if (element.empty()) return;
  std::sort(element.begin(), element.end());
  items.insert(items.end(), element.begin(), std::unique(element.begin(), element.end()));
  first_item.push_back(std::ssize(items));
  times.push_back(time);
}

void SequenceDatabase::add_marked(std::span<const std::int32_t> marked, std::span<const std::int64_t> of_rows) {
  std::vector<std::int32_t> element;
  auto row = of_rows.begin();
  for (const std::int32_t code : marked) {
    if (code == -2) {
      end_sequence(*row++);
    } else if (code == -1) {
      add_element(elements() - first_element.back(), element);
      element.clear();
    } else {
      element.push_back(code);
    }
  }
}

SequenceDatabase joined(std::vector<SequenceDatabase> parts) {
  SequenceDatabase all;
  std::size_t sequences = 0, elements = 0, items = 0;
  for (const SequenceDatabase& part : parts) {
    all.n_items = part.n_items;
    sequences += part.rows.size();
    elements += part.times.size();
    items += part.items.size();
  }
  all.rows.reserve(sequences);
  all.first_element.reserve(sequences + 1);
  all.times.reserve(elements);
  all.first_item.reserve(elements + 1);
  all.items.reserve(items);
  for (SequenceDatabase& part : parts) append(std::exchange(part, {}), all);
  return all;
}

std::vector<std::int64_t> count_items(const SequenceDatabase& sequences, const Context& context) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(sequences.n_items));
  std::vector<std::int64_t> last_seen(counts.size(), -1);
  for (std::int64_t s = 0, e = 0; s < sequences.size(); ++s) {
    for (; e < sequences.first_element[static_cast<std::size_t>(s) + 1]; ++e) {
      for (const std::int32_t item : sequences.items_of(e)) {
        const auto i = static_cast<std::size_t>(item);
        counts[i] += last_seen[i] != s ? 1 : 0;
        last_seen[i] = s;
      }
    }
  }
  context.comm.all_reduce(counts, {});
  return counts;
}

SequenceDatabase with_items(const SequenceDatabase& sequences, std::span<const std::int32_t> number,
                            std::int32_t n_items) {
  SequenceDatabase kept;
  kept.n_items = n_items;
  std::vector<std::int32_t> element;
  for (std::int64_t s = 0, e = 0; s < sequences.size(); ++s) {
    for (; e < sequences.first_element[static_cast<std::size_t>(s) + 1]; ++e) {
      element.clear();
      for (const std::int32_t item : sequences.items_of(e)) {
        if (number[static_cast<std::size_t>(item)] >= 0) element.push_back(number[static_cast<std::size_t>(item)]);
      }
      kept.add_element(sequences.times[static_cast<std::size_t>(e)], element);
    }
    if (kept.elements() > kept.first_element.back()) kept.end_sequence(sequences.rows[static_cast<std::size_t>(s)]);
  }
  return kept;
}

LastElements::LastElements(const SequenceDatabase& sequences) {
  std::vector<std::int64_t> seen(static_cast<std::size_t>(sequences.n_items), -1);
  for (std::int64_t s = 0; s < sequences.size(); ++s) {
    const auto at = static_cast<std::size_t>(s);
    for (std::int64_t e = sequences.first_element[at + 1] - 1; e >= sequences.first_element[at]; --e) {
      for (const std::int32_t item : sequences.items_of(e)) {
        if (std::exchange(seen[static_cast<std::size_t>(item)], s) == s) continue;
        items.push_back(item);
        elements.push_back(static_cast<std::int32_t>(e));
      }
    }
    first.push_back(std::ssize(items));
  }
}

}  // namespace cohort
