// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/customer_index.hpp"

#include <algorithm>
#include <numeric>

namespace cohort {
namespace {

constexpr std::size_t first_slots = 256;
// Fibonacci hashing: spreads integer ids, which are often consecutive, over the table.
constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15;

}  // namespace

CustomerIndex::CustomerIndex(bool text_ids) : text_ids_(text_ids), slots_(first_slots) {}

CustomerIndex::Id CustomerIndex::id_of(const RowFormat& format, const std::byte* row) const {
  return {RowFormat::header(row).customer, text_ids_ ? format.text(row, 0) : std::string_view{}};
}

std::size_t CustomerIndex::slot_of(const Id& id) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = static_cast<std::size_t>((id.key * golden_ratio) >> 32) & mask;
  const auto is_other = [&](const Slot& slot) {
    return slot.key != id.key || (text_ids_ && ids_[slot.id].text != id.text);
  };
  while (slots_[at].id != empty && is_other(slots_[at])) at = (at + 1) & mask;
  return at;
}

std::uint32_t CustomerIndex::add(const RowFormat& format, const std::byte* row) {
  const Id id = id_of(format, row);
  if (last_.id != empty && last_.key == id.key && ids_[last_.id].text == id.text) return last_.id;
  Slot& slot = slots_[slot_of(id)];
  last_ = slot;
  if (slot.id != empty) return slot.id;
  slot = {id.key, size()};
  ids_.push_back(id);
  if (ids_.size() * 2 > slots_.size()) grow();
  return size() - 1;
}

void CustomerIndex::grow() {
  slots_.assign(slots_.size() * 2, Slot{});
  for (std::uint32_t i = 0; i < size(); ++i) slots_[slot_of(ids_[i])] = {ids_[i].key, i};
}

void CustomerIndex::sort() {
  std::vector<std::uint32_t> order(ids_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    if (text_ids_) return ids_[a].text < ids_[b].text;
    return static_cast<std::int64_t>(ids_[a].key) < static_cast<std::int64_t>(ids_[b].key);
  });
  ranks_.resize(ids_.size());
  std::vector<Id> sorted(ids_.size());
  for (std::uint32_t rank = 0; rank < size(); ++rank) {
    ranks_[order[rank]] = rank;
    sorted[rank] = ids_[order[rank]];
  }
  ids_ = std::move(sorted);
}

ColumnData CustomerIndex::id_column() const {
  if (!text_ids_) {
    std::vector<std::int64_t> numbers;
    for (const Id& id : ids_) numbers.push_back(static_cast<std::int64_t>(id.key));
    return {Column{.name = "customer_id", .type = ColumnType::int64}, std::move(numbers)};
  }
  TextValues texts;
  for (const Id& id : ids_) texts.push_back(id.text);
  return {Column{.name = "customer_id", .type = ColumnType::text}, std::move(texts)};
}

std::string CustomerIndex::text_of(const Id& id) const {
  return text_ids_ ? std::string(id.text) : std::to_string(static_cast<std::int64_t>(id.key));
}

ColumnValues missing_values(const Column& column, std::size_t rows) {
  switch (storage_of(column.type)) {
    case Storage::int32: return std::vector<std::int32_t>(rows, missing_int32);
    case Storage::int64: return std::vector<std::int64_t>(rows, missing_int64);
    case Storage::float64: return std::vector<double>(rows, missing_float64);
    case Storage::text: break;
  }
  return TextValues{.offsets = std::vector<std::int64_t>(rows + 1, 0), .bytes = {}};
}

}  // namespace cohort
