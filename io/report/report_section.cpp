// SPDX-License-Identifier: Apache-2.0
#include "io/report/report_section.hpp"

#include <algorithm>

#include "io/report/report_balance.hpp"
#include "io/report/report_table.hpp"

namespace cohort {
namespace {

constexpr std::size_t most_cards = 8;

std::string render_card(const std::string& name, const Json& value, const ReportWords& words) {
  return fmt::format(R"(<div class="card"><dt title="{}">{}</dt>{}</div>)", escaped(name), spoken(name, words),
                     shown("dd", name, value, words));
}

std::string render_headline(const Json& rows, const ReportWords& words) {
  if (rows.is_null()) return {};
  return fmt::format(R"(<p class="headline">{}</p>)",
                     filled(words.kept_of_read, shown("b", "rows", rows.at("kept"), words),
                            shown("b", "rows", rows.at("read"), words)));
}

std::string render_verdict(const Json& result, const ReportWords& words) {
  const std::string verdict = result.value("verdict", "ok");
  if (verdict == "ok") return {};
  return fmt::format(R"(<p class="warning" role="alert"><b>{}</b> {}</p>)", verdict_of(result, words),
                     verdict == "not_converged" ? std::string(words.not_converged_text)
                                                : filled(words.verdict_text, escaped(verdict)));
}

/// The first metrics as cards, in the order the job gave them; the rest in a folded table.
std::string render_metrics(const Json& metrics, const ReportWords& words) {
  if (!metrics.is_object() || metrics.empty()) return {};
  std::string cards, rest;
  std::size_t shown_so_far = 0;
  for (const auto& [name, value] : metrics.items()) {
    if (shown_so_far++ < most_cards)
      cards += render_card(name, value, words);
    else
      rest += fmt::format(R"(<tr><th scope="row" title="{}">{}</th>{}</tr>)", escaped(name), spoken(name, words),
                          shown("td", name, value, words));
  }
  const std::string table =
      rest.empty() ? rest
                   : fmt::format(R"(<details class="fold"><summary>{}</summary><table class="settings"><thead><tr>
<th scope="col">{}</th><th scope="col">{}</th></tr></thead><tbody>{}</tbody></table></details>)",
                                 words.more_metrics, words.figure, words.value, rest);
  return fmt::format(R"(<dl class="cards" aria-label="{}">{}</dl>{})", words.results, cards, table);
}

/// The phases as a table like any other: a column for each plain value of the first phase.
Json phases_table(const Json& phases, const ReportWords& words) {
  Json columns = Json::array(), rows = Json::array();
  for (const auto& [name, value] : phases.front().items())
    if (!value.is_structured()) columns.push_back(name);
  for (const Json& phase : phases) {
    Json row = Json::array();
    for (const Json& column : columns) row.push_back(at(phase, column.get_ref<const std::string&>()));
    rows.push_back(row);
  }
  return {{"name", "phases"},
          {"title", words.phases},
          {"columns", columns},
          {"rows", rows},
          {"chart", {{"type", "bar"}, {"x", "phase"}, {"y", {"wall_s", "cpu_s"}}}}};
}

/// Peak memory against the budget, as a gauge.
std::string render_memory(const Json& run, const ReportWords& words) {
  const Json &peak = at(run, "peak_rss_bytes"), &budget = at(run, "memory_per_rank");
  if (!peak.is_number() || !budget.is_number())
    return (peak.is_null() ? "" : render_card("peak_rss_bytes", peak, words)) +
           (budget.is_null() ? "" : render_card("memory_per_rank", budget, words));
  return fmt::format(
      R"(<div class="card"><dt>{}</dt><dd>{} <small>{}</small></dd>
<dd class="gauge" aria-hidden="true"><i style="width:{:.1f}%"></i></dd></div>)",
      spoken("peak_rss_bytes", words), shown("span", "peak_rss_bytes", peak, words),
      filled(words.of_budget, shown("span", "memory_per_rank", budget, words)),
      std::min(100.0, 100 * peak.get<double>() / std::max(1.0, budget.get<double>())));
}

/// What the step was expected to cost, beside what it did.
std::string render_plan(const Json& plan, const ReportWords& words) {
  if (!plan.is_object() || plan.empty()) return {};
  std::string rows;
  for (const auto& [name, both] : plan.items()) {
    rows += fmt::format(R"(<tr><th scope="row" title="{}">{}</th>{}{}</tr>)", escaped(name), spoken(name, words),
                        shown("td", name, at(both, "planned"), words), shown("td", name, at(both, "actual"), words));
  }
  return fmt::format(R"(<h4>{}</h4><table class="settings"><thead><tr><th scope="col">{}</th>
<th scope="col" class="number">{}</th><th scope="col" class="number">{}</th></tr></thead><tbody>{}</tbody></table>)",
                     words.plan, words.figure, words.planned, words.actual, rows);
}

std::string render_compute(const Json& run, const SectionPlace& place, const ReportWords& words) {
  std::string cards;
  for (const char* name : {"ranks", "threads", "isa"})
    if (!at(run, name).is_null()) cards += render_card(name, at(run, name), words);
  cards += render_memory(run, words);
  const Json& phases = at(run, "phases");
  const std::string inside =
      (cards.empty() ? "" : fmt::format(R"(<dl class="cards small">{}</dl>)", cards)) +
      (phases.empty() ? "" : render_table(phases_table(phases, words), place.anchor + "-phases", words)) +
      render_plan(at(run, "plan"), words);
  if (inside.empty()) return {};
  return fmt::format(R"(<details class="panel" id="{}-compute"{}><summary>{}</summary>{}</details>
)",
                     place.anchor, place.is_main ? " open" : "", words.computed, inside);
}

std::string render_sources(const Json& sources, const ReportWords& words) {
  if (sources.empty()) return {};
  std::string rows;
  for (const Json& source : sources)
    rows += fmt::format(
        R"(<tr><td>{}</td>{}<td><code>{}</code></td></tr>)", escaped(source.at("name").get_ref<const std::string&>()),
        shown("td", "bytes", source.at("bytes"), words), escaped(source.at("hash").get_ref<const std::string&>()));
  return fmt::format(R"(<h4>{}</h4><table class="settings"><thead><tr><th scope="col">{}</th>
<th scope="col" class="number">{}</th><th scope="col">{}</th></tr></thead><tbody>{}</tbody></table>)",
                     words.sources, words.name, words.size, words.hash, rows);
}

std::string render_outputs(const Json& outputs, const ReportWords& words) {
  if (outputs.empty()) return {};
  std::string rows;
  for (const auto& [file, hash] : outputs.items())
    rows += fmt::format(R"(<tr><th scope="row"><code>{}</code></th><td><code>{}</code></td></tr>)", escaped(file),
                        escaped(hash.get_ref<const std::string&>()));
  return fmt::format(
      R"(<h4>{}</h4><table class="settings"><thead><tr><th scope="col">{}</th><th scope="col">{}</th></tr>
</thead><tbody>{}</tbody></table>)",
      words.outputs, words.file, words.sha256, rows);
}

std::string render_provenance(const Json& result, const SectionPlace& place, const ReportWords& words) {
  const std::string inside = render_settings(std::string(words.parameters), at(result, "parameters"), words) +
                             render_sources(at(result, "sources"), words) +
                             render_outputs(at(result, "outputs"), words);
  if (inside.empty()) return {};
  return fmt::format(R"(<details class="panel" id="{}-provenance"><summary>{}</summary>{}</details>
)",
                     place.anchor, words.provenance, inside);
}

std::string render_tables(const Json& tables, const SectionPlace& place, const ReportWords& words) {
  std::string html;
  std::size_t number = 0;
  for (const Json& table : tables) html += render_table(table, fmt::format("{}-{}", place.anchor, number++), words);
  return html;
}

}  // namespace

std::string verdict_of(const Json& result, const ReportWords& words) {
  const std::string verdict = result.value("verdict", "ok");
  if (verdict == "ok") return std::string(words.ok);
  return verdict == "not_converged" ? std::string(words.not_converged) : spoken(verdict, words);
}

std::string render_section(const ReportSection& section, const SectionPlace& place, const ReportWords& words) {
  const Json& result = section.result;
  const std::string id = result.at("id"), job = result.at("job");
  return fmt::format(
      R"(<section id="{0}" class="step{1}" aria-labelledby="{0}-title">
<header><h2 id="{0}-title">{2}{3} <span class="verdict {4}">{5}</span></h2>{6}</header>
{7}{8}{9}{10}{11}{12}</section>
)",
      place.anchor, place.is_main ? " main" : "", spoken(id, words),
      id == job ? "" : fmt::format(" <small>{}</small>", spoken(job, words)),
      result.value("verdict", "ok") == "ok" ? "good" : "bad", verdict_of(result, words),
      render_headline(at(result, "rows"), words), render_verdict(result, words),
      render_metrics(at(result, "metrics"), words), render_tables(at(result, "tables"), place, words),
      render_balance(at(result, "rows"), words), render_compute(section.run, place, words),
      render_provenance(result, place, words));
}

}  // namespace cohort
