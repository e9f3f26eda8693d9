// SPDX-License-Identifier: Apache-2.0
#include "jobs/ingest/shard_rules.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>

#include "jobs/ingest/source_schema.hpp"

namespace cohort {
namespace {

constexpr double mad_to_deviation = 1.4826;  // of a normal distribution

/// One column of packed rows: values as integers, doubles by their order-keeping bits.
class Field {
 public:
  Field(const std::vector<Column>& columns, const RowFormat& format, const std::string& name)
      : storage_(storage_of(columns[column_named(columns, name)].type)),
        offset_(format.offset(column_named(columns, name))) {}

  [[nodiscard]] bool is_float() const { return storage_ == Storage::float64; }
  [[nodiscard]] bool is_missing(const std::byte* row) const {
    if (storage_ == Storage::int32) return RowFormat::load<std::int32_t>(row, offset_) == missing_int32;
    const auto bits = RowFormat::load<std::int64_t>(row, offset_);
    return bits == (is_float() ? static_cast<std::int64_t>(missing_float64_bits) : missing_int64);
  }
  [[nodiscard]] std::int64_t value(const std::byte* row) const {
    if (storage_ == Storage::int32) return RowFormat::load<std::int32_t>(row, offset_);
    return is_float() ? ordered_bits(RowFormat::load<double>(row, offset_))
                      : RowFormat::load<std::int64_t>(row, offset_);
  }
  [[nodiscard]] double number(const std::byte* row) const {
    return is_float() ? RowFormat::load<double>(row, offset_) : static_cast<double>(value(row));
  }
  void store(std::byte* row, std::int64_t value) const {
    if (storage_ == Storage::int32) {
      RowFormat::store(row, offset_, static_cast<std::int32_t>(value));
    } else if (is_float()) {
      RowFormat::store(row, offset_, from_ordered_bits(value));
    } else {
      RowFormat::store(row, offset_, value);
    }
  }

 private:
  Storage storage_;
  std::size_t offset_;
};

/// The bytes of some columns of a row, to compare rows by.
std::string key_of(const std::byte* row, const std::vector<std::size_t>& of, const std::vector<Column>& columns,
                   const RowFormat& format) {
  std::string key;
  for (const std::size_t c : of) {
    const auto append = [&](const void* data, std::size_t bytes) { key.append(static_cast<const char*>(data), bytes); };
    if (storage_of(columns[c].type) == Storage::text) {
      const auto index = std::find(format.texts().begin(), format.texts().end(), c) - format.texts().begin();
      const std::string_view text = format.text(row, static_cast<std::size_t>(index));
      const std::size_t size = text.size();
      append(&size, sizeof size);
      append(text.data(), size);
    } else {
      append(row + format.offset(c), static_cast<std::size_t>(bytes_of(storage_of(columns[c].type))));
    }
  }
  return key;
}

/// One table's rows in a shard, on their way through the steps.
class Work {
 public:
  Work(const std::vector<Column>& columns, const RowFormat& format, std::vector<PlacedRow>& rows,
       std::deque<std::vector<std::byte>>& changed, BalanceSheet& sheet)
      : columns_(columns), format_(format), rows_(rows), changed_(changed), sheet_(sheet) {}

  void apply(const ShardStep& step) {
    charged_ = &sheet_.rules[step.index];
    removed_.assign(rows_.size(), false);
    if (const auto* repeated = std::get_if<DropRepeated>(&step.rule)) drop_repeated(*repeated);
    if (const auto* returns = std::get_if<NetReturns>(&step.rule)) net_returns(*returns);
    if (const auto* outliers = std::get_if<Outliers>(&step.rule)) bound_outliers(*outliers, step);
    if (const auto* impute = std::get_if<Impute>(&step.rule)) fill(*impute, step);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!removed_[i]) rows_[kept++] = rows_[i];
    }
    charged_->removed += static_cast<std::int64_t>(rows_.size() - kept);
    rows_.resize(kept);
  }

 private:
  /// Calls `work(begin, end)` for each customer's rows.
  template <class Call>
  void for_each_customer(const Call& work) {
    for (std::size_t begin = 0; begin < rows_.size();) {
      std::size_t end = begin;
      while (end < rows_.size() && rows_[end].customer == rows_[begin].customer) ++end;
      work(begin, end);
      begin = end;
    }
  }

  void change(std::size_t i, const Field& field, std::int64_t value) {
    const auto bytes = RowFormat::header(rows_[i].row).bytes;
    std::vector<std::byte>& copy = changed_.emplace_back(rows_[i].row, rows_[i].row + bytes);
    field.store(copy.data(), value);
    rows_[i].row = copy.data();
    ++charged_->changed;
  }

  void drop_repeated(const DropRepeated& rule) {
    std::vector<std::size_t> keys;
    for (const std::string& name : rule.columns) keys.push_back(column_named(columns_, name));
    // Missing comes before all values.
    const auto order = [&](std::size_t i) {
      if (rule.by.empty()) return std::pair(true, std::int64_t{0});
      const Field field(columns_, format_, rule.by);
      const bool present = !field.is_missing(rows_[i].row);
      return std::pair(present, present ? field.value(rows_[i].row) : 0);
    };
    for_each_customer([&](std::size_t begin, std::size_t end) {
      std::map<std::string, std::size_t> kept;
      for (std::size_t i = begin; i < end; ++i) {
        const auto [found, is_new] = kept.try_emplace(key_of(rows_[i].row, keys, columns_, format_), i);
        if (is_new) continue;
        ++charged_->matched;
        const bool later_wins =
            rule.keep == "last" ? order(i) >= order(found->second) : order(i) < order(found->second);
        removed_[later_wins ? found->second : i] = true;
        if (later_wins) found->second = i;
      }
    });
  }

  /// Each return takes from the latest earlier purchases of its item at its price, as far as they reach.
  void net_returns(const NetReturns& rule) {
    const Field quantity(columns_, format_, "quantity"), item(columns_, format_, "item"),
        price(columns_, format_, "price");
    for_each_customer([&](std::size_t begin, std::size_t end) {
      std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::size_t>> purchases;
      std::vector<std::int64_t> left(end - begin, 0);
      for (std::size_t i = begin; i < end; ++i) {
        if (quantity.is_missing(rows_[i].row)) continue;
        const std::int64_t count = left[i - begin] = quantity.value(rows_[i].row);
        std::vector<std::size_t>& open = purchases[{item.value(rows_[i].row), price.value(rows_[i].row)}];
        if (count > 0) open.push_back(i);
        if (count >= 0) continue;
        ++charged_->matched;
        for (auto from = open.rbegin(); from != open.rend() && left[i - begin] < 0; ++from) {
          if (rows_[*from].time == rows_[i].time) continue;
          const std::int64_t taken = std::min(left[*from - begin], -left[i - begin]);
          left[*from - begin] -= taken;
          left[i - begin] += taken;
        }
        std::erase_if(open, [&](std::size_t purchase) { return left[purchase - begin] == 0; });
        if (left[i - begin] < 0 && rule.unmatched == "drop") left[i - begin] = 0;
      }
      for (std::size_t i = begin; i < end; ++i) {
        if (quantity.is_missing(rows_[i].row) || quantity.value(rows_[i].row) == left[i - begin]) continue;
        if (left[i - begin] == 0)
          removed_[i] = true;
        else
          change(i, quantity, left[i - begin]);
      }
    });
  }

  void bound_outliers(const Outliers& rule, const ShardStep& step) {
    if (!step.has_values) return;
    const Field field(columns_, format_, rule.column);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (field.is_missing(rows_[i].row)) continue;
      const double value = field.number(rows_[i].row);
      if (value >= step.low && value <= step.high) continue;
      ++charged_->matched;
      if (rule.action == "drop") {
        removed_[i] = true;
      } else if (rule.action == "flag") {
        change(i, Field(columns_, format_, flag_column(rule)), 1);
      } else if (field.is_float()) {
        change(i, field, ordered_bits(value < step.low ? step.low : step.high));
      } else {
        change(i, field, static_cast<std::int64_t>(value < step.low ? std::ceil(step.low) : std::floor(step.high)));
      }
    }
  }

  void fill(const Impute& rule, const ShardStep& step) {
    if (!step.has_values) return;
    const Field field(columns_, format_, rule.column);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!field.is_missing(rows_[i].row)) continue;
      ++charged_->matched;
      const auto group =
          rule.by.empty() ? step.fills.end() : step.fills.find(Field(columns_, format_, rule.by).value(rows_[i].row));
      change(i, field, group == step.fills.end() ? step.fill : group->second);
    }
  }

  const std::vector<Column>& columns_;
  const RowFormat& format_;
  std::vector<PlacedRow>& rows_;
  std::deque<std::vector<std::byte>>& changed_;
  BalanceSheet& sheet_;
  BalanceSheet::Rule* charged_ = nullptr;
  std::vector<bool> removed_;
};

std::int64_t fill_of(const Impute& rule, const Distribution& values, bool is_float) {
  if (rule.with == "mode") return values.mode();
  if (rule.with == "median") return values.lower_median();
  return is_float ? ordered_bits(values.mean(true)) : static_cast<std::int64_t>(std::llround(values.mean(false)));
}

}  // namespace

std::size_t column_named(const std::vector<Column>& columns, const std::string& name) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return static_cast<std::size_t>(found - columns.begin());
}

void ShardStep::learn(const std::vector<ValueCount>& counts, const std::vector<Column>& columns) {
  std::map<std::int64_t, Distribution> groups;
  Distribution all;
  for (const ValueCount& count : counts) {
    groups[count.group].add(count.value, count.rows);
    all.add(count.value, count.rows);
  }
  has_values = all.rows() > 0;
  if (!has_values) return;
  const bool is_float = columns[column_named(columns, base_of(rule).column)].type == ColumnType::float64;
  if (const auto* impute = std::get_if<Impute>(&rule)) {
    fill = fill_of(*impute, all, is_float);
    if (impute->by.empty()) return;
    for (const auto& [group, values] : groups) fills[group] = fill_of(*impute, values, is_float);
  } else if (const auto* outliers = std::get_if<Outliers>(&rule)) {
    double center = 0, reach = 0;
    if (outliers->method == "iqr") {
      const double lower = all.quantile(0.25, is_float), upper = all.quantile(0.75, is_float);
      center = (lower + upper) / 2;
      reach = (upper - lower) / 2 + outliers->threshold * (upper - lower);
    } else if (outliers->method == "mad") {
      center = all.quantile(0.5, is_float);
      reach = outliers->threshold * mad_to_deviation * all.absolute_deviation(center, is_float);
    } else {
      center = all.mean(is_float);
      reach = outliers->threshold * all.deviation(is_float);
    }
    low = center - reach;
    high = center + reach;
  }
}

void apply_shard_steps(const std::vector<ShardStep>& steps, const std::vector<Column>& columns, const RowFormat& format,
                       std::vector<PlacedRow>& rows, std::deque<std::vector<std::byte>>& changed, BalanceSheet& sheet) {
  Work work(columns, format, rows, changed, sheet);
  for (const ShardStep& step : steps) work.apply(step);
}

}  // namespace cohort
