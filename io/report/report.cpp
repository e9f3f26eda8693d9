// SPDX-License-Identifier: Apache-2.0
#include "io/report/report.hpp"

#include "io/report/report_assets.hpp"
#include "io/report/report_findings.hpp"
#include "io/report/report_privacy.hpp"
#include "io/report/report_section.hpp"
#include "io/report/report_words_chinese.hpp"

namespace cohort {
namespace {

/// The page may load nothing: all it needs is inside it.
constexpr std::string_view head =
    R"(<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" 
content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">)";

SectionPlace place_of(std::size_t index, std::size_t count) {
  return {fmt::format("step-{}", index), index + 1 == count};
}

std::string render_link(const Json& result, const SectionPlace& place, const ReportWords& words) {
  std::string tables;
  std::size_t number = 0;
  for (const Json& table : at(result, "tables"))
    tables += fmt::format(R"(<li><a href="#{}-{}">{}</a></li>)", place.anchor, number++, title_of(table, words));
  return fmt::format(R"(<li class="{}"><a href="#{}">{}</a>{}</li>
)",
                     result.value("verdict", "ok") == "ok" ? "good" : "bad", place.anchor,
                     spoken(result.at("id").get_ref<const std::string&>(), words),
                     tables.empty() ? tables : "<ul>" + tables + "</ul>");
}

/// Steps in the order they ran: the way the result came about.
std::string render_contents(const std::vector<ReportSection>& sections, bool findings, const ReportWords& words) {
  std::string links =
      findings ? fmt::format(R"(<li class="good"><a href="#findings">{}</a></li>)", words.findings) : "";
  for (std::size_t i = 0; i < sections.size(); ++i)
    links += render_link(sections[i].result, place_of(i, sections.size()), words);
  return fmt::format(R"(<nav aria-label="{0}"><h2>{0}</h2><ol>{1}</ol></nav>)", words.contents, links);
}

std::string render_origin(const Json& run, const ReportWords& words) {
  std::string html;
  const auto add = [&](std::string_view sentence, const char* name) {
    if (at(run, name).is_string())
      html += (html.empty() ? "" : " · ") + filled(sentence, escaped(at(run, name).get_ref<const std::string&>()));
  };
  add(words.finished, "finished_at");
  add(words.version, "version");
  add(words.host, "host");
  return html;
}

/// Verdicts of the earlier steps, which the reader might not scroll to.
std::string render_warnings(const std::vector<ReportSection>& sections, const ReportWords& words) {
  std::string html;
  for (std::size_t i = 0; i + 1 < sections.size(); ++i) {
    const Json& result = sections[i].result;
    if (result.value("verdict", "ok") == "ok") continue;
    html +=
        fmt::format(R"(<p class="warning" role="alert"><a href="#{}">{}</a></p>)", place_of(i, sections.size()).anchor,
                    filled(words.step_warning, spoken(result.at("id").get_ref<const std::string&>(), words),
                           verdict_of(result, words)));
  }
  return html;
}

std::string render_sections(const std::vector<ReportSection>& sections, const ReportWords& words) {
  if (sections.empty()) return fmt::format(R"(<p class="note">{}</p>)", words.nothing);
  std::string html = render_section(sections.back(), place_of(sections.size() - 1, sections.size()), words);
  if (sections.size() > 1) html += fmt::format(R"(<h2 class="divider">{}</h2>)", words.other_steps);
  for (std::size_t i = 0; i + 1 < sections.size(); ++i)
    html += render_section(sections[i], place_of(i, sections.size()), words);
  return html;
}

}  // namespace

std::string render_report(const std::string& title, const std::vector<ReportSection>& given,
                          const ReportOptions& options) {
  const ReportWords& words = options.language == "zh" ? chinese : english;
  std::vector<ReportSection> sections = given;
  if (options.min_cell > 0)
    for (ReportSection& section : sections) suppress_small_cells(section.result, options.min_cell, words);
  const std::string findings = render_findings(sections, words);
  const Json run = sections.empty() ? Json() : sections.back().run;
  return fmt::format(R"(<!DOCTYPE html>
<html lang="{0}"><head>{1}
<title>{2}</title>
<style>{3}</style>
</head><body>
<header class="page"><h1>{2}</h1><p>{4}</p></header>
<div class="page">{5}
<main>{6}{7}{8}<footer>{9}</footer></main></div>
<script>{10}</script>
<script>{11}</script>
</body></html>
)",
                     words.language, head, escaped(title), report_style(), render_origin(run, words),
                     render_contents(sections, !findings.empty(), words), render_warnings(sections, words), findings,
                     render_sections(sections, words), words.print_hint, charts_library(), report_script());
}

}  // namespace cohort
