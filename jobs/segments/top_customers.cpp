// SPDX-License-Identifier: Apache-2.0
#include "jobs/segments/top_customers.hpp"

#include <algorithm>

#include "core/gather.hpp"

namespace cohort {
namespace {

Json id_of(const ColumnData& ids, std::size_t row) {
  if (const auto* small = std::get_if<std::vector<std::int32_t>>(&ids.values)) return (*small)[row];
  if (const auto* wide = std::get_if<std::vector<std::int64_t>>(&ids.values)) return (*wide)[row];
  if (const auto* real = std::get_if<std::vector<double>>(&ids.values)) return (*real)[row];
  return std::string(std::get<TextValues>(ids.values)[row]);
}

}  // namespace

void TopCustomers::keep_first(std::vector<Entry>& entries) const {
  std::sort(entries.begin(), entries.end(), before);
  if (std::ssize(entries) > most_) entries.resize(static_cast<std::size_t>(most_));
}

void TopCustomers::offer(const ColumnData& ids, const std::vector<std::size_t>& rows,
                         const std::function<double(std::size_t)>& weight,
                         const std::function<std::vector<Json>(std::size_t)>& cells) {
  std::vector<std::size_t> best = rows;
  const auto heavier = [&](std::size_t a, std::size_t b) { return weight(a) > weight(b); };
  if (std::ssize(best) > most_ && most_ > 0) {
    // Those as heavy as the last one to stay are all looked at: the id decides among them.
    std::nth_element(best.begin(), best.begin() + (most_ - 1), best.end(), heavier);
    const double least = weight(best[static_cast<std::size_t>(most_ - 1)]);
    std::erase_if(best, [&](std::size_t row) { return weight(row) < least; });
  }
  if (most_ == 0) best.clear();
  std::vector<Entry> offered;
  for (const std::size_t row : best) {
    const Json id = id_of(ids, row);
    Entry entry{.weight = weight(row), .id = id.is_string() ? id.get<std::string>() : id.dump(), .row = {id}};
    for (Json& cell : cells(row)) entry.row.push_back(std::move(cell));
    offered.push_back(std::move(entry));
  }
  keep_first(offered);
  const std::lock_guard lock(mutex_);
  std::move(offered.begin(), offered.end(), std::back_inserter(entries_));
  keep_first(entries_);
}

std::vector<std::vector<Json>> TopCustomers::gather(Communicator& comm) const {
  Json mine = Json::array();
  for (const Entry& entry : entries_) mine.push_back({entry.weight, entry.id, entry.row});
  const std::string text = mine.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::vector<Entry> all;
  for (const Bytes& bytes : comm.all_gather(to_bytes(std::span<const char>(text)))) {
    const Json theirs = Json::parse(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    for (const Json& entry : theirs) all.push_back({entry[0], entry[1], entry[2]});
  }
  keep_first(all);
  std::vector<std::vector<Json>> rows;
  for (Entry& entry : all) rows.push_back(std::move(entry.row));
  return rows;
}

}  // namespace cohort
