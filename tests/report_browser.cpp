// SPDX-License-Identifier: Apache-2.0
// report_browser TITLE < sections.json > report.html: the renderer alone, for report_browser.py.
#include <iostream>

#include "io/report/report.hpp"

int main(int count, char** arguments) {
  const auto document = nlohmann::ordered_json::parse(std::cin);
  std::vector<cohort::ReportSection> sections;
  for (const auto& section : document) sections.push_back({section.at("result"), section.at("run")});
  std::cout << cohort::render_report(count > 1 ? arguments[1] : "", sections);
}
