// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace cohort {

/// A name of ours, and how it reads.
struct ReportLabel {
  std::string_view name, label;
};

/// Names that read better than their spelling with spaces.
inline constexpr ReportLabel english_labels[] = {
    {"ari", "ARI"},
    {"as_of", "As of"},
    {"auuc", "AUUC"},
    {"bytes_read", "Read"},
    {"bytes_sent", "Sent, all ranks"},
    {"bytes_sent_max", "Sent, busiest rank"},
    {"clv", "CLV"},
    {"calinski_harabasz", "Calinski–Harabasz"},
    {"collective_calls", "Collective calls"},
    {"cpu_s", "CPU time (s)"},
    {"davies_bouldin", "Davies–Bouldin"},
    {"gmm", "Gaussian mixture"},
    {"imbalance", "Imbalance (max / mean)"},
    {"isa", "Instruction set"},
    {"kmeans", "K-means"},
    {"ks", "KS"},
    {"log_loss", "Log loss"},
    {"mae", "MAE"},
    {"mape", "MAPE"},
    {"mase", "MASE"},
    {"memory_per_rank", "Memory budget"},
    {"n_clusters", "Clusters"},
    {"n_iter", "Iterations"},
    {"n_rows", "Rows"},
    {"ndcg", "NDCG"},
    {"nmi", "NMI"},
    {"peak_rss_bytes", "Peak memory per rank"},
    {"pr_auc", "PR AUC"},
    {"psi", "PSI"},
    {"q_value", "Q-value"},
    {"r2", "R²"},
    {"rfm", "RFM"},
    {"rmse", "RMSE"},
    {"roc_auc", "ROC AUC"},
    {"smape", "sMAPE"},
    {"wall_mean_s", "Wall time, mean (s)"},
    {"wall_s", "Wall time (s)"},
    {"wape", "WAPE"},
};

/// Every word of a report that is not of its data. `{}` stands for what is filled in; a second language is a second
/// constant of this type.
struct ReportWords {
  std::string_view language = "en";
  std::string_view contents = "Contents", finished = "Finished {}", version = "{}", host = "on {}";
  std::string_view print_hint = "This file is complete in itself: it opens offline and can be mailed or printed.";
  std::string_view other_steps = "The steps before", nothing = "This job has no steps.";

  std::string_view ok = "Complete", not_converged = "Not converged", step_warning = "Step {}: {}.";
  std::string_view not_converged_text =
      "The fit stopped before it settled. Treat these figures as provisional, or run it again with a larger max_iter.";
  std::string_view verdict_text = "This step ended with the verdict \"{}\". Read its figures with that in mind.";
  std::string_view kept_of_read = "{} of {} rows kept";

  std::string_view results = "Key figures", more_metrics = "All other figures", figure = "Figure", value = "Value";
  std::string_view chart_of = "Chart: {}. Its numbers are in the table that follows.";
  std::string_view row_count = "{} rows", empty_table = "No rows.", filter_rows = "Rows that hold these words";
  std::string_view first_rows = "Shown are the first {} of {} rows; the files of this step have them all.";
  std::string_view missing = "–", missing_label = "missing", yes = "yes", no = "no";

  std::string_view balance = "Where the rows went", rule = "Rule", matched = "Matched", rows = "Rows",
                   share = "Share of rows read", read = "Read", kept = "Kept";
  std::string_view balanced = "Read = kept + removed, to the row.";
  std::string_view unbalanced = "These rows do not balance: {} read, but kept and removed add up to {}.";
  std::string_view matched_note = "Matched: rows the rule hits alone. Rows: those it was the first to hit.";

  std::string_view of_budget = "of {}", computed = "How it was computed", phases = "Time by phase", plan = "Plan";
  std::string_view provenance = "Parameters, sources and files", parameters = "Parameters", sources = "Sources",
                   outputs = "Files written", name = "Name", file = "File", sha256 = "SHA-256", size = "Size",
                   hash = "Content hash";

  std::string_view suppressed = "<{}";  ///< a small cell

  std::span<const ReportLabel> labels = english_labels;  ///< columns, metrics, steps
  std::span<const ReportLabel> titles{};                 ///< of tables by name; none: as the job gave it
};

inline constexpr ReportWords english;

}  // namespace cohort
