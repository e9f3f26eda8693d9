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

std::string render_total(std::string_view label, const Json& count, const Bar& bar, const ReportWords& words) {
  return fmt::format(R"(<tr class="total"><th scope="row">{}</th><td></td>{}{}</tr>)", label,
                     shown("td", "rows", count, words), render_bar(bar));
}

std::string render_rule(const Json& rule, const Bar& bar, const ReportWords& words) {
  return fmt::format(
      R"(<tr><th scope="row">{}</th>{}{}{}</tr>)", escaped(rule.at("rule").get_ref<const std::string&>()),
      shown("td", "rows", rule.at("matched"), words), shown("td", "rows", rule.at("removed"), words), render_bar(bar));
}

}  // namespace

std::string render_balance(const Json& rows, const ReportWords& words) {
  if (rows.is_null()) return {};
  const auto read = rows.at("read").get<std::int64_t>(), kept = rows.at("kept").get<std::int64_t>();
  if (read == kept && at(rows, "rules").empty()) return {};
  std::int64_t left = read;
  std::string body = render_total(words.read, rows["read"], {"read", 0, read, read}, words);
  for (const Json& rule : at(rows, "rules")) {
    const auto removed = rule.at("removed").get<std::int64_t>();
    left -= removed;
    body += render_rule(rule, {"removed", left, removed, read}, words);
  }
  body += render_total(words.kept, rows["kept"], {"kept", 0, kept, read}, words);
  const std::string verdict = left == kept
                                  ? fmt::format(R"(<p class="note">{} {}</p>)", words.balanced, words.matched_note)
                                  : fmt::format(R"(<p class="warning" role="alert">{}</p>)",
                                                filled(words.unbalanced, shown("span", "rows", rows["read"], words),
                                                       NumberStyle("rows").text(Json(kept + read - left))));
  return fmt::format(
      R"(<figure class="balance"><h3>{0}</h3><div class="scroll" tabindex="0" role="region" aria-label="{0}"><table>
<thead><tr><th scope="col">{1}</th><th scope="col" class="number">{2}</th>
<th scope="col" class="number">{3}</th><th scope="col">{4}</th></tr></thead>
<tbody>{5}</tbody></table></div>{6}</figure>
)",
      words.balance, words.rule, words.matched, words.rows, words.share, body, verdict);
}

}  // namespace cohort
