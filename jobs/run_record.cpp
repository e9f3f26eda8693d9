// SPDX-License-Identifier: Apache-2.0
#include "jobs/run_record.hpp"

#include <array>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/isa.hpp"
#include "jobs/machine.hpp"
#include "jobs/version.hpp"

namespace cohort {
namespace {

constexpr double microsecond = 1e-6;

std::int64_t microseconds(double seconds) {
  return std::llround(seconds / microsecond);
}

/// One number of a rank, over all ranks.
struct OverRanks {
  std::int64_t sum, max;
};

/// Collective. Reduces many numbers in one message.
std::vector<OverRanks> over_ranks(Communicator& comm, const std::vector<std::int64_t>& mine) {
  std::vector<std::int64_t> sums = mine, maxima = mine;
  comm.all_reduce(sums, maxima);
  std::vector<OverRanks> result;
  for (std::size_t i = 0; i < mine.size(); ++i) result.push_back({sums[i], maxima[i]});
  return result;
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

/// What a rank tells of a phase: times, calls and bytes; then calls and bytes of each verb.
constexpr std::size_t numbers_before_verbs = 5, numbers_of_verb = 2;
constexpr std::size_t numbers_of_phase = numbers_before_verbs + numbers_of_verb * verb_names.size();

void append_numbers(const PhaseCost& cost, const PhaseTraffic& sent, std::vector<std::int64_t>& mine) {
  const Traffic total = sent.total();
  mine.insert(mine.end(), {microseconds(cost.wall_s), microseconds(cost.cpu_s), microseconds(sent.cpu_s), total.calls,
                           total.bytes_sent});
  for (const Traffic& verb : sent.by_verb) mine.insert(mine.end(), {verb.calls, verb.bytes_sent});
}

Json verbs_json(std::span<const OverRanks> numbers) {
  Json json = Json::object();
  for (std::size_t i = 0; i < verb_names.size(); ++i) {
    const auto verb = numbers.subspan(i * numbers_of_verb, numbers_of_verb);
    if (verb[0].max == 0) continue;
    json[std::string(verb_names[i])] = {{"calls", verb[0].max}, {"bytes_sent", verb[1].sum}};
  }
  return json;
}

Json phase_json(const std::string& name, std::span<const OverRanks> numbers, int ranks) {
  const double mean_wall = static_cast<double>(numbers[0].sum) / ranks * microsecond;
  const double max_wall = static_cast<double>(numbers[0].max) * microsecond;
  const double mean_cpu = static_cast<double>(numbers[1].sum) / ranks;
  return {{"phase", name},
          {"wall_s", max_wall},
          {"wall_mean_s", mean_wall},
          {"cpu_s", static_cast<double>(numbers[1].sum) * microsecond},
          {"cpu_in_calls_s", static_cast<double>(numbers[2].sum) * microsecond},
          {"imbalance", mean_cpu > 0 ? static_cast<double>(numbers[1].max) / mean_cpu : 1.0},
          {"collective_calls", numbers[3].max},
          {"bytes_sent", numbers[4].sum},
          {"bytes_sent_max", numbers[4].max},
          {"verbs", verbs_json(numbers.subspan(numbers_before_verbs))}};
}

}  // namespace

Json run_record(const Context& context) {
  // The reduction below is itself traffic, so what was counted is copied before it.
  const auto& phases = context.metrics.phases();
  std::vector<std::int64_t> mine;
  for (const auto& [name, cost] : phases) {
    const auto traffic = context.comm.traffic().find(name);
    append_numbers(cost, traffic == context.comm.traffic().end() ? PhaseTraffic{} : traffic->second, mine);
  }
  mine.push_back(peak_resident_bytes());
  const std::vector<OverRanks> all = over_ranks(context.comm, mine);

  Json json{
      {"finished_at", now_text()},    {"version", version_text()},        {"host", host_name()},
      {"ranks", context.comm.size()}, {"threads", context.threads},       {"memory_per_rank", context.memory_per_rank},
      {"isa", name_of(active_isa())}, {"peak_rss_bytes", all.back().max}, {"phases", Json::array()}};
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const auto numbers = std::span(all).subspan(i * numbers_of_phase, numbers_of_phase);
    json["phases"].push_back(phase_json(phases[i].first, numbers, context.comm.size()));
  }
  for (const auto& [name, cost] : phases) {
    for (const auto& [what, amount] : cost.counts) json["rank0_counts"][name][what] = amount;
  }
  return json;
}

}  // namespace cohort
