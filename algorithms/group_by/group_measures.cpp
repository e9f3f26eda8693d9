// SPDX-License-Identifier: Apache-2.0
#include "algorithms/group_by/group_measures.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "algorithms/group_by/tile_integers.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

/// Doubles as integers in the same order, and back.
std::int64_t ordered(double x) {
  const auto bits = std::bit_cast<std::int64_t>(x + 0.0);  // -0 is 0
  return bits ^ (bits < 0 ? std::numeric_limits<std::int64_t>::max() : 0);
}
double unordered(std::int64_t key) {
  return std::bit_cast<double>(key ^ (key < 0 ? std::numeric_limits<std::int64_t>::max() : 0));
}

std::int64_t as_bits(double x) {
  return std::bit_cast<std::int64_t>(x);
}

/// Calls use(row, value) with a column's integers; missing_int64 for missing.
template <class Use>
void each_integer(const ColumnView& view, const Use& use) {
  if (view.int64s.empty()) {
    for (std::size_t i = 0; i < view.int32s.size(); ++i)
      use(i, view.int32s[i] == missing_int32 ? missing_int64 : view.int32s[i]);
  } else {
    for (std::size_t i = 0; i < view.int64s.size(); ++i) use(i, view.int64s[i]);
  }
}

void apply(const std::vector<RowFilter>& filters, const RowTile& tile, std::vector<std::uint8_t>& passes) {
  passes.assign(tile.rows, 1);
  for (const RowFilter& filter : filters)
    each_integer(tile.columns[filter.column], [&](std::size_t i, std::int64_t value) {
      passes[i] &= static_cast<std::uint8_t>(filter.passes(value));
    });
}

/// Moves runs of `stride` elements of the rows that pass to the front.
template <class T>
void keep(const std::vector<std::uint8_t>& passes, std::size_t stride, std::vector<T>& values) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < passes.size(); ++i) {
    for (std::size_t s = 0; s < stride; ++s) values[kept * stride + s] = values[i * stride + s];
    kept += passes[i];
  }
  values.resize(kept * stride);
}

}  // namespace

void GroupMeasures::read(const Source& source, const RowTile& tile, std::vector<std::int64_t>& values) {
  const ColumnView& view = tile.columns[source.column];
  values.resize(tile.rows);
  if (source.kind == Source::Kind::fixed_point || source.kind == Source::Kind::ordered) {
    const double* x = view.float64s.data();
    const bool fixed = source.kind == Source::Kind::fixed_point;
    for (std::size_t i = 0; i < tile.rows; ++i)
      values[i] = std::isnan(x[i]) ? missing_int64
                  : fixed          ? static_cast<std::int64_t>(std::nearbyint(std::ldexp(x[i], source.shift)))
                                   : ordered(x[i]);
    return;
  }
  if (view.int64s.empty())
    widen(view.int32s, values.data());
  else
    std::ranges::copy(view.int64s, values.begin());
  if (!source.has_times) return;
  each_integer(tile.columns[source.times], [&](std::size_t i, std::int64_t times) {
    const bool known = values[i] != missing_int64 && times != missing_int64;
    if (known && __builtin_mul_overflow(values[i], times, &values[i]))
      throw Error(ExitCode::bad_data, "an amount leaves 64 bits", "declare smaller scales");
    if (!known) values[i] = missing_int64;
  });
}

void GroupMeasures::prepare(const RowTile& tile, const KeyLayout& keys, Rows& rows) const {
  keys.encode(tile, rows.keys);
  rows.values.resize(sources_.size());
  rows.passes.resize(filters_.size());
  for (std::size_t s = 0; s < sources_.size(); ++s) read(sources_[s], tile, rows.values[s]);
  for (std::size_t f = 1; f < filters_.size(); ++f) apply(filters_[f], tile, rows.passes[f]);
  rows.count = tile.rows;
  if (filters_[0].empty()) return;
  std::vector<std::uint8_t>& passes = rows.passes[0];
  apply(filters_[0], tile, passes);
  keep(passes, static_cast<std::size_t>(keys.words()), rows.keys);
  for (std::vector<std::int64_t>& values : rows.values) keep(passes, 1, values);
  for (std::size_t f = 1; f < filters_.size(); ++f) keep(passes, 1, rows.passes[f]);
  rows.count = static_cast<std::size_t>(std::ranges::count(passes, 1));
}

void GroupMeasures::fold(const Rows& rows, std::size_t begin, std::span<const std::uint32_t> slots,
                         std::int64_t* states) const {
  const std::size_t stride = words_.size();
  const auto each = [&](std::size_t at, const auto& add) {
    const Word& word = words_[at];
    const std::int64_t* values = sources_.empty() ? nullptr : rows.values[word.source].data() + begin;
    const std::uint8_t* passes = word.filter == 0 ? nullptr : rows.passes[word.filter].data() + begin;
    const bool counts_rows = word.op == Word::Op::rows;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (passes != nullptr && passes[i] == 0) continue;
      add(states[slots[i] * stride + at], counts_rows ? 0 : values[i]);
    }
  };
  std::size_t at = 0;
  if (stride > 1 && words_[1].op == Word::Op::sum && words_[1].filter == 0) {
    // Rows and a sum are what nearly every group-by asks for: both words are one vector.
    using Both = std::int64_t __attribute__((vector_size(16)));
    const std::int64_t* values = rows.values[words_[1].source].data() + begin;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      Both state;
      std::memcpy(&state, states + slots[i] * stride, sizeof state);
      state += Both{1, values[i] != missing_int64 ? values[i] : 0};
      std::memcpy(states + slots[i] * stride, &state, sizeof state);
    }
    at = 2;
  }
  for (; at < stride; ++at) {
    using State = std::int64_t;
    switch (words_[at].op) {
      case Word::Op::rows: each(at, [](State& state, State) { ++state; }); break;
      case Word::Op::known: each(at, [](State& state, State v) { state += v != missing_int64 ? 1 : 0; }); break;
      case Word::Op::sum: each(at, [](State& state, State v) { state += v != missing_int64 ? v : 0; }); break;
      case Word::Op::low:
        each(at, [](State& state, State v) { state += v != missing_int64 ? v & 0xffffffff : 0; });
        break;
      case Word::Op::high: each(at, [](State& state, State v) { state += v != missing_int64 ? v >> 32 : 0; }); break;
      case Word::Op::maximum: each(at, [](State& state, State v) { state = std::max(state, v); }); break;
      case Word::Op::minimum:
        each(at, [](State& state, State v) { state = std::max(state, v != missing_int64 ? -v : no_maximum); });
    }
  }
}

/// Its low word adds 32 bits of each value, so the rows that surely fit it are known. Word 0 counts the group's.
GroupMeasures::Wide GroupMeasures::wide_sum(const Plan& plan, const std::int64_t* state) {
  constexpr std::int64_t most_rows = std::int64_t{1} << 31;
  if (state[0] > most_rows)
    throw Error(ExitCode::numerical,
                fmt::format("measure {}: a group of {} rows, and sums this large are exact for {}", plan.name, state[0],
                            most_rows),
                "group by more, or declare a smaller scale");
  return (Wide{state[plan.high]} << 32) + state[plan.word];
}

std::int64_t GroupMeasures::sum(const Plan& plan, const std::int64_t* state) {
  if (!plan.wide) return state[plan.word];
  const Wide sum = wide_sum(plan, state);
  if (plan.is_float) return as_bits(std::ldexp(static_cast<double>(sum), -plan.shift));
  const auto narrow = static_cast<std::int64_t>(sum);
  if (narrow != sum || narrow == missing_int64)
    throw Error(ExitCode::numerical, fmt::format("measure {}: the sum of a group leaves 64 bits", plan.name),
                "take the mean, or declare a smaller scale");
  return narrow;
}

std::int64_t GroupMeasures::mean(const Plan& plan, const std::int64_t* state) {
  if (state[plan.count] == 0) return as_bits(missing_float64);
  const Wide sum = plan.wide ? wide_sum(plan, state) : Wide{state[plan.word]};
  const double mean = static_cast<double>(sum) / (static_cast<double>(state[plan.count]) * plan.unit);
  return as_bits(std::ldexp(mean, -plan.shift));
}

/// `word` is a maximum of values, or of their negatives.
std::int64_t GroupMeasures::extreme(const Plan& plan, std::int64_t word) {
  const std::int64_t value = word == no_maximum || plan.stat == "max" ? word : -word;
  if (!plan.is_float) return value;
  return as_bits(value == missing_int64 ? missing_float64 : unordered(value));
}

void GroupMeasures::finish(std::size_t measure, std::span<const std::int64_t* const> states,
                           std::span<std::int64_t> out) const {
  const Plan& plan = plans_[measure];
  const auto each = [&](const auto& figure) {
    for (std::size_t i = 0; i < states.size(); ++i) out[i] = figure(states[i]);
  };
  if (plan.stat == "count") each([&](const std::int64_t* state) { return state[plan.word]; });
  if (plan.stat == "sum") each([&](const std::int64_t* state) { return sum(plan, state); });
  if (plan.stat == "mean") each([&](const std::int64_t* state) { return mean(plan, state); });
  if (plan.stat == "min" || plan.stat == "max")
    each([&](const std::int64_t* state) { return extreme(plan, state[plan.word]); });
}

std::int64_t GroupMeasures::finish(std::size_t measure, const std::vector<Counted>& values) const {
  const Plan& plan = plans_[measure];
  return plan.stat == "distinct" ? std::ssize(values) : as_bits(quantile(plan, values));
}

/// numpy's: linear between the two order statistics, from the nearer one.
double GroupMeasures::quantile(const Plan& plan, const std::vector<Counted>& values) {
  std::int64_t count = 0;
  for (const Counted& one : values) count += one.count;
  if (count == 0) return missing_float64;
  const double position = plan.q * static_cast<double>(count - 1);
  const auto rank = static_cast<std::int64_t>(position);
  const double share = position - std::floor(position);
  const auto at = [&](std::int64_t wanted) {
    auto one = values.begin();
    for (; wanted >= one->count && one + 1 != values.end(); ++one) wanted -= one->count;
    return plan.is_float ? unordered(one->value) : static_cast<double>(one->value) / plan.unit;
  };
  const double low = at(rank), high = at(rank + 1), gap = high - low;
  return share < 0.5 ? low + gap * share : high - gap * (1 - share);
}

}  // namespace cohort
