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
    {"brier", "Brier score"},
    {"bytes_read", "Read"},
    {"bytes_sent", "Sent, all ranks"},
    {"bytes_sent_max", "Sent, busiest rank"},
    {"calinski_harabasz", "Calinski–Harabasz"},
    {"clv", "CLV"},
    {"collective_calls", "Collective calls"},
    {"cpu_in_calls_s", "CPU time in collective calls (s)"},
    {"cpu_s", "CPU time (s)"},
    {"cv_log_loss", "Log loss, cross-validated"},
    {"cv_roc_auc", "ROC AUC, cross-validated"},
    {"davies_bouldin", "Davies–Bouldin"},
    {"disk_bytes", "Left on disk"},
    {"ece", "Calibration error (ECE)"},
    {"f1", "F1"},
    {"f1_macro", "F1, mean of classes"},
    {"f1_weighted", "F1, weighted"},
    {"gain@10", "Gain, best tenth"},
    {"gini", "Gini"},
    {"gmm", "Gaussian mixture"},
    {"imbalance", "Imbalance (max / mean)"},
    {"isa", "Instruction set"},
    {"kappa", "Cohen's kappa"},
    {"kmeans", "K-means"},
    {"ks", "KS"},
    {"lift@10", "Lift, best tenth"},
    {"log_loss", "Log loss"},
    {"mae", "MAE"},
    {"mape", "MAPE"},
    {"mase", "MASE"},
    {"mcc", "MCC"},
    {"memory_bytes", "Peak memory per rank"},
    {"memory_per_rank", "Memory budget"},
    {"n_clusters", "Clusters"},
    {"n_iter", "Iterations"},
    {"n_rows", "Rows"},
    {"ndcg", "NDCG"},
    {"nmi", "NMI"},
    {"payload_bytes", "Sent, all ranks"},
    {"peak_rss_bytes", "Peak memory per rank"},
    {"pr_auc", "PR AUC"},
    {"psi", "PSI"},
    {"psi_max", "Largest PSI"},
    {"q_value", "Q-value"},
    {"r2", "R²"},
    {"rfm", "RFM"},
    {"rmse", "RMSE"},
    {"roc_auc", "ROC AUC"},
    {"roc_auc_high", "ROC AUC, 95 % to"},
    {"roc_auc_low", "ROC AUC, 95 % from"},
    {"roc_auc_ovr", "ROC AUC, mean of classes"},
    {"roc_auc_se", "ROC AUC, standard error"},
    {"scratch_bytes", "Scratch on disk"},
    {"smape", "sMAPE"},
    {"time_s", "Wall time (s)"},
    {"wall_mean_s", "Wall time, mean (s)"},
    {"wall_s", "Wall time (s)"},
    {"wape", "WAPE"},
};

/// Cleaning rules by kind: what is wrong with the rows they hit.
inline constexpr ReportLabel english_reasons[] = {
    {"count_duplicates", "equal to another row"},
    {"drop_duplicates", "equal to another row"},
    {"drop_mismatch", "not of the declared form"},
    {"drop_missing", "a value is missing"},
    {"drop_non_positive", "zero or less"},
    {"drop_out_of_range", "outside the declared range"},
    {"drop_prefix", "marked by its prefix, such as a cancellation"},
    {"drop_repeated", "the same key again"},
    {"drop_unknown_key", "its key is in no lookup table"},
    {"drop_unlisted", "not one of the declared values"},
    {"fill_missing", "a missing value was filled"},
    {"impute", "a missing value was estimated"},
    {"net_returns", "returns netted against their purchases"},
    {"outliers", "far from the rest"},
    {"unreadable", "could not be read"},
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
                   share = "Share of rows read", read = "Read", kept = "Kept", changed = "Changed";
  std::string_view balanced = "Read = kept + removed, to the row.";
  std::string_view unbalanced = "These rows do not balance: {} read, but kept and removed add up to {}.";
  std::string_view matched_note = "Matched: rows the rule hits alone. Rows: those it was the first to hit.";

  std::string_view of_budget = "of {}", computed = "How it was computed", phases = "Time by phase", plan = "Plan",
                   planned = "Planned", actual = "Actual";
  std::string_view provenance = "Parameters, sources and files", parameters = "Parameters", sources = "Sources",
                   outputs = "Files written", name = "Name", file = "File", sha256 = "SHA-256", size = "Size",
                   hash = "Content hash";

  std::string_view findings = "What this says", best_customers = "The best customers",
                   leaving_customers = "Who stays and who leaves", models_compared = "Which model is better",
                   state_of_data = "The data", list_comma = ", ";
  std::string_view the_revenue = "the revenue";
  std::string_view best_customers_bring = "The best {} of customers ({} of them) bring {} of {}.";
  std::string_view best_customer = "The best of all is customer {}, with {} of {}.";
  std::string_view best_segment = "{}: the segment {} is {} of the customers and brings {} of the revenue.";
  std::string_view segment_rule = "{}: {}. This finds {} of them; {} of those it finds are right.";
  std::string_view at_risk_customers =
      "{} customers ({}) are at risk: their last purchase is between {} and {} days old. So far they brought {}.";
  std::string_view lapsed_customers =
      "{} customers ({}) have lapsed: they bought nothing for more than {} days. So far they brought {}.";
  std::string_view flow_of_active = "Of the customers active on {}, this is what became of them by {}: {}.";
  std::string_view call_first =
      "To call first: customer {}, who spent {} in {} orders and has been silent for {} days.";
  std::string_view repeat_rate = "{} of the customers have ordered more than once.";
  std::string_view model_is_better = "{}: {} is better than {}: {} {} against {} (p = {}, {} customers).";
  std::string_view models_are_equal =
      "{}: between {} and {} there is no difference that these {} customers could show ({} {} and {}, p = {}).";
  std::string_view rows_kept = "{} of {} rows were kept.", rows_removed = "{} rows were removed by {}.",
                   rows_changed = "{} rows were changed by {}.", rows_counted = "{} rows match {}. They were kept.",
                   reason = ": {}";
  std::string_view undated_events = "{} events have no date and count nowhere.";
  std::string_view late_events = "{} events are not before {} and do not count.";

  std::string_view suppressed = "<{}";  ///< a small cell

  std::span<const ReportLabel> labels = english_labels;  ///< columns, metrics, steps
  std::span<const ReportLabel> reasons = english_reasons;
  std::span<const ReportLabel> values{};  ///< of the data, where they are names of ours: lifecycle states, RFM segments
  std::span<const ReportLabel> titles{};  ///< of tables by name; none: as the job gave it
};

inline constexpr ReportWords english;

}  // namespace cohort
