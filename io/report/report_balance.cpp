// SPDX-License-Identifier: Apache-2.0
#include "io/report/report_balance.hpp"

#include <algorithm>
#include <cstdint>

namespace cohort {
namespace {

/// A stretch of the scale 0 ... rows read.
struct Bar {
  const char* kind;
  std::int64_t begin, length, whole;
};

std::string render_bar(const Bar& bar) {
  const double scale = bar.whole > 0 ? 100.0 / static_cast<double>(bar.whole) : 0;
  const double begin = std::clamp(static_cast<double>(bar.begin) * scale, 0.0, 100.0);
  const double length = std::clamp(static_cast<double>(bar.length) * scale, 0.0, 100.0 - begin);
  return fmt::format(
      R"(<td class="track" aria-hidden="true"><i class="{}" style="margin-left:{:.3f}%;width:{:.3f}%"></i></td>)",
      bar.kind, begin, length);
}

/// A cell of the column of changed rows, which is there only when a rule changed some.
std::string render_changed(bool any, std::string_view cell) {
  return any ? std::string(cell) : "";
}

std::string render_total(std::string_view label, const Json& count, const Bar& bar, bool any_changed,
                         const ReportWords& words) {
  return fmt::format(R"(<tr class="total"><th scope="row">{}</th><td></td>{}{}{}</tr>)", label,
                     render_changed(any_changed, "<td></td>"), shown("td", "rows", count, words), render_bar(bar));
}

std::string render_rule(const Json& rule, const Bar& bar, bool any_changed, const ReportWords& words) {
  const std::string changed = rule.contains("changed") ? shown("td", "rows", rule["changed"], words) : "<td></td>";
  return fmt::format(R"(<tr><th scope="row">{}</th>{}{}{}{}</tr>)",
                     escaped(rule.at("rule").get_ref<const std::string&>()),
                     shown("td", "rows", rule.at("matched"), words), render_changed(any_changed, changed),
                     shown("td", "rows", rule.at("removed"), words), render_bar(bar));
}

}  // namespace

std::string render_balance(const Json& rows, const ReportWords& words) {
  if (rows.is_null()) return {};
  const auto read = rows.at("read").get<std::int64_t>(), kept = rows.at("kept").get<std::int64_t>();
  if (read == kept && at(rows, "rules").empty()) return {};
  const bool any_changed =
      std::ranges::any_of(at(rows, "rules"), [](const Json& rule) { return rule.contains("changed"); });
  std::int64_t left = read;
  std::string body = render_total(words.read, rows["read"], {"read", 0, read, read}, any_changed, words);
  for (const Json& rule : at(rows, "rules")) {
    const auto removed = rule.at("removed").get<std::int64_t>();
    left -= removed;
    body += render_rule(rule, {"removed", left, removed, read}, any_changed, words);
  }
  body += render_total(words.kept, rows["kept"], {"kept", 0, kept, read}, any_changed, words);
  const std::string verdict = left == kept
                                  ? fmt::format(R"(<p class="note">{} {}</p>)", words.balanced, words.matched_note)
                                  : fmt::format(R"(<p class="warning" role="alert">{}</p>)",
                                                filled(words.unbalanced, shown("span", "rows", rows["read"], words),
                                                       NumberStyle("rows").text(Json(kept + read - left))));
  return fmt::format(
      R"(<figure class="balance"><h3>{0}</h3><div class="scroll" tabindex="0" role="region" aria-label="{0}"><table>
<thead><tr><th scope="col">{1}</th><th scope="col" class="number">{2}</th>
{3}<th scope="col" class="number">{4}</th><th scope="col">{5}</th></tr></thead>
<tbody>{6}</tbody></table></div>{7}</figure>
)",
      words.balance, words.rule, words.matched,
      render_changed(any_changed, fmt::format(R"(<th scope="col" class="number">{}</th>)", words.changed)), words.rows,
      words.share, body, verdict);
}

}  // namespace cohort
