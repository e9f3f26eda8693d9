// SPDX-License-Identifier: Apache-2.0
#include "io/report/report_assets.hpp"

// The build names the files: COHORT_ECHARTS and COHORT_REPORT_FOLDER.
#define COHORT_EMBED(name, path)                                                                           \
  __asm__(".pushsection .rodata\n.global " #name "_begin, " #name "_end\n" #name "_begin: .incbin \"" path \
          "\"\n" #name "_end:\n.popsection\n");                                                            \
  extern "C" __attribute__((visibility("hidden"))) const char name##_begin[], name##_end[]

COHORT_EMBED(cohort_report_style, COHORT_REPORT_FOLDER "/report.css");
COHORT_EMBED(cohort_report_script, COHORT_REPORT_FOLDER "/report.js");
COHORT_EMBED(cohort_charts_library, COHORT_ECHARTS);

namespace cohort {

std::string_view report_style() {
  return {cohort_report_style_begin, cohort_report_style_end};
}
std::string_view report_script() {
  return {cohort_report_script_begin, cohort_report_script_end};
}
std::string_view charts_library() {
  return {cohort_charts_library_begin, cohort_charts_library_end};
}

}  // namespace cohort
