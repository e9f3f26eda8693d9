# SPDX-License-Identifier: Apache-2.0
"""Sections of a report as a retailer's job would write them, with every kind of chart and some hostile text."""

RULES = [
    ("drop_missing(customer)", 135080, 135080),
    ("drop_if(price <= 0)", 2517, 1077),
    ("drop_duplicates", 5268, 5225),
]
SEGMENTS = [
    ("Champions", 452, 3771462.87, 6.1, 31.4, 8343.94, 27.2),
    ("Loyal regulars", 1103, 2409877.13, 28.9, 8.7, 2184.84, 19.8),
    ("Promising newcomers", 861, 611310.5, 34.6, 2.3, 710.0, 14.1),
    ("Slipping away", 1057, 842206.42, 148.3, 3.1, 796.79, 12.6),
    ("Lost & <gone>", 866, 277041.07, 271.5, 1.2, 319.91, 7.4),
]
SHARES, SIZES = (0.4766, 0.3045, 0.0772, 0.1064, 0.035), (0.1042, 0.2542, 0.1984, 0.2436, 0.1996)
LIFT = [
    (1.94, 2.88, 2.61, 1.71, 0.42),
    (1.37, 1.42, 1.28, 1.22, 0.71),
    (1.24, 0.63, 0.57, 0.88, 0.93),
    (0.58, 0.7, 0.6, 0.79, 1.1),
    (0.21, 0.38, 0.31, 0.48, 1.36),
]


def table(name, title, columns, rows, chart=None):
    return {"name": name, "title": title, "columns": columns, "rows": [list(row) for row in rows], "chart": chart}


def phases(*rows):
    keys = ("phase", "wall_s", "wall_mean_s", "cpu_s", "imbalance", "collective_calls", "bytes_sent", "bytes_sent_max")
    return [dict(zip(keys, row)) for row in rows]


def run(ranks, peak, *rows):
    return {
        "finished_at": "2026-03-14T09:26:53Z",
        "version": "0.1.0",
        "host": "node17",
        "ranks": ranks,
        "threads": 4,
        "memory_per_rank": 4294967296,
        "isa": "avx512",
        "peak_rss_bytes": peak,
        "phases": phases(*rows),
    }


def result(job, tables, **rest):
    return {
        "job": job,
        "id": job,
        "parameters": {},
        "metrics": {},
        "verdict": "ok",
        "tables": tables,
        "outputs": {},
    } | rest


def ingest():
    rules = [{"rule": rule, "matched": matched, "removed": removed} for rule, matched, removed in RULES]
    months = [f"2011-{month:02d}" for month in range(1, 13)]
    rows = [
        (month, 26159 + 4721 * ((i * 7) % 5) + 900 * i, 560000.25 + 81234.56 * ((i * 5) % 7))
        for i, month in enumerate(months)
    ]
    countries = [
        ("United Kingdom", 354321),
        ("Germany", 9040),
        ("France", 8341),
        ("EIRE", 7236),
        ("Spain", 2484),
        ("Other countries", 5086 + 14),
    ]
    return {
        "result": result(
            "ingest",
            [
                table(
                    "lines_by_month",
                    "Invoice lines by month",
                    ["month", "lines", "revenue"],
                    rows,
                    {"type": "line", "x": "month", "y": ["lines"]},
                ),
                table(
                    "lines_by_country",
                    "Invoice lines by country",
                    ["country", "lines"],
                    countries,
                    {"type": "bar", "x": "country", "y": ["lines"], "log": True},
                ),
            ],
            rows={"read": 541909, "kept": 541909 - sum(rule[2] for rule in RULES), "rules": rules},
            metrics={
                "customers": 4339,
                "n_rows": 400527,
                "shards": 8,
                "store_bytes": 3104877,
                "first_day": "2010-12-01",
                "last_day": "2011-12-09",
            },
            sources=[{"hash": "5f1d0c2b9a7e4d63", "name": "online_retail.csv.gz", "bytes": 7548686}],
            parameters={"shards": 8, "clean": ["drop_missing(customer)", "drop_if(price <= 0)", "drop_duplicates"]},
            outputs={"manifest.json": "9f" * 32},
        ),
        "run": run(
            2,
            412316860,
            ("parse", 1.204, 1.1, 8.41, 1.09, 0, 0, 0),
            ("shuffle", 0.313, 0.31, 1.9, 1.01, 3, 24117248, 12100000),
        ),
    }


def features():
    heat = [(r, f, round(4339 / 25 * (1 + 0.28 * (r - 3) * (f - 3)), 0)) for f in range(1, 6) for r in range(1, 6)]
    scatter = [
        (round(3 + (i * 37) % 97 * 3.6, 1), round(12000 / (4 + (i * 37) % 97) + (i * 53) % 311, 2)) for i in range(160)
    ]
    scores = [(r, f) for r in range(1, 6) for f in range(1, 6)]
    return {
        "result": result(
            "features",
            [
                table(
                    "rfm",
                    "Customers by recency and frequency score",
                    ["recency_score", "frequency_score", "customers"],
                    heat,
                    {"type": "heatmap", "x": "recency_score", "y": ["frequency_score"], "value": "customers"},
                ),
                table(
                    "rfm_grid",
                    "Customers and revenue by recency and frequency",
                    ["recency_score", "frequency_score", "customers", "revenue"],
                    [(r, f, 7 + r * f * f, round(99.5 * r * f**3, 2)) for r, f in scores],
                    [
                        {"type": "heatmap", "x": "frequency_score", "y": ["recency_score"], "value": value}
                        for value in ("customers", "revenue")
                    ],
                ),
                table(
                    "recency_spend",
                    "Recency and spend of a sample of customers",
                    ["recency_days", "monetary_value"],
                    scatter,
                    {"type": "scatter", "x": "recency_days", "y": ["monetary_value"]},
                ),
            ],
            verdict="low_coverage",
            metrics={"customers": 4339, "features": 14, "missing_share": 0.0123456789},
            rows={"read": 400527, "kept": 400000, "rules": [{"rule": "after as_of", "matched": 500, "removed": 500}]},
            parameters={"as_of": "2011-12-10", "windows": [30, 90, 365]},
        ),
        "run": run(2, 214958080, ("scan", 0.18, 0.17, 1.2, 1.02, 1, 9, 9)),
    }


def kmeans():
    names = [segment[0] for segment in SEGMENTS]
    half = ["segment_name", "new", "returning"]
    path = [(i, round(9000 + 21000 * 0.58**i, 4)) for i in range(18)]
    return {
        "result": result(
            "kmeans",
            [
                table(
                    "segments",
                    "Revenue by segment",
                    ["segment_name", "customers", "revenue", "recency_days", "frequency", "monetary_value", "items"],
                    SEGMENTS,
                    {"type": "bar", "x": "segment_name", "y": ["revenue"]},
                ),
                table(
                    "profile",
                    "How each segment differs from the average customer (1 = average)",
                    ["segment_name", "recent", "frequent", "spend", "breadth", "returns"],
                    [(n, *lift) for n, lift in zip(names, LIFT)],
                    {"type": "radar", "x": "segment_name", "y": ["recent", "frequent", "spend", "breadth", "returns"]},
                ),
                table(
                    "revenue",
                    "Revenue by segment",
                    ["segment_name", "revenue", "revenue_share", "customer_share"],
                    [(n, row[2], share, size) for n, row, share, size in zip(names, SEGMENTS, SHARES, SIZES)],
                ),
                table(
                    "rules",
                    "Each segment in a sentence",
                    ["segment_name", "rule", "precision", "recall"],
                    [(names[0], "frequency > 9 and monetary > 2590", 0.922, 0.8931)],
                ),
                table(
                    "z",
                    "Each segment against all customers",
                    ["segment_name", "feature", "z"],
                    [(n, feature, round(lift[i] - 1, 3)) for n, lift in zip(names, LIFT) for i, feature in
                     enumerate(("recent", "frequent", "spend"))],
                    [
                        {"type": kind, "x": "feature", "y": ["segment_name"], "value": "z"}
                        for kind in ("heatmap", "parallel")
                    ],
                ),
                table(
                    "share",
                    "Customers by segment",
                    ["segment_name", "customers"],
                    [segment[:2] for segment in SEGMENTS],
                    {"type": "pie", "x": "segment_name", "y": ["customers"]},
                ),
                table(
                    "channels",
                    "New and returning customers",
                    half,
                    [(n, 40 + 31 * i, 400 - 60 * i) for i, n in enumerate(names)],
                    {"type": "stacked_bar", "x": "segment_name", "y": half[1:]},
                ),
                table(
                    "inertia",
                    "Inertia by iteration",
                    ["iteration", "inertia"],
                    path,
                    {"type": "line", "x": "iteration", "y": ["inertia"]},
                ),
                table(
                    "extremes",
                    "Numbers at the edge",
                    ["name", "small", "large", "missing"],
                    [("</script><script>throw 1</script>", 1e-9, 9007199254740993, None), ("\"'&", -0.25, -1, None)],
                ),
                table("none", "Segments that were merged", ["segment", "into"], []),
            ],
            verdict="not_converged",
            rows={"read": 4339, "kept": 4339, "rules": []},
            metrics={
                "n_clusters": 5,
                "silhouette": 0.41237890123,
                "inertia": 9001.154321,
                "n_iter": 300,
                "customers": 4339,
                "davies_bouldin": 0.8812,
                "converged": False,
                "largest_segment": "Loyal regulars",
                "calinski_harabasz": 2817.04,
                "stability": 0.97123,
                "gap": None,
            },
            parameters={
                "n_clusters": 5,
                "init": "k-means||",
                "max_iter": 300,
                "tol": 1e-4,
                "random_state": 42,
                "features": ["recency_days", "frequency"],
            },
            outputs={"segments.csv": "3b" * 32, "model.h5": "a7" * 32},
        ),
        "run": run(
            2,
            287309824,
            ("read", 0.412, 0.4, 2.8, 1.03, 0, 0, 0),
            ("seed", 0.094, 0.09, 0.7, 1.11, 6, 4832, 2416),
            ("iterate", 1.873, 1.8, 13.9, 1.04, 300, 1468800, 734400),
        ),
    }


def cohorts():
    months = [f"2011-{month:02d}" for month in range(1, 7)]
    triangle = [
        (months[first], age, 400 - 31 * first, round(0.3 + 0.01 * age - 0.02 * first, 3) if age else 1.0)
        for first in range(6)
        for age in range(6 - first)
    ]
    return {
        "result": result(
            "cohorts",
            [
                table(
                    "cohorts",
                    "Retention by cohort",
                    ["cohort", "age", "customers", "active_share"],
                    triangle,
                    {"type": "heatmap", "x": "age", "y": ["cohort"], "value": "active_share"},
                )
            ],
            metrics={"as_of": "2011-07-01", "repeat_rate": 0.6559},
        ),
        "run": run(2, 214958080, ("scan", 0.18, 0.17, 1.2, 1.02, 1, 9, 9)),
    }


def lifecycle():
    states = [("active", 2309, 0.5323, 7244556.5), ("at_risk", 588, 0.1355, 478858.11), ("lapsed", 861, 0.1985, 556413.25)]
    moves = [
        ("active", "active", 700, 0.6034),
        ("active", "at_risk", 123, 0.106),
        ("active", "lapsed", 337, 0.2905),
        ("none", "active", 1609, 0.775),
        ("none", "at_risk", 465, 0.225),
    ]
    move_chart = {"type": "sankey", "x": "previous_state", "y": ["lifecycle_state"], "value": "customers"}
    return {
        "result": result(
            "lifecycle",
            [
                table(
                    "lifecycle",
                    "Where customers stand",
                    ["lifecycle_state", "customers", "share", "revenue"],
                    states,
                    {"type": "bar", "x": "lifecycle_state", "y": ["customers"]},
                ),
                table(
                    "transitions",
                    "How customers moved",
                    ["previous_state", "lifecycle_state", "customers", "share_of_previous"],
                    moves,
                    move_chart,
                ),
                table(
                    "leaving",
                    "At risk: those who spent most",
                    ["customer_id", "recency_days", "orders", "revenue"],
                    [(16180, 101, 8, 10254.18), (15413, 92, 4, 2100.0)],
                ),
            ],
            parameters={"active_days": 90, "lapsed_days": 180},
            metrics={"as_of": "2011-12-10", "from": "2011-06-13"},
        ),
        "run": run(2, 214958080, ("scan", 0.18, 0.17, 1.2, 1.02, 1, 9, 9)),
    }


def concentration():
    curve = [(i / 100, round(1 - (1 - i / 100) ** 4, 6), 43 * i, round(8.9e6 * (1 - (1 - i / 100) ** 4), 2)) for i in
             range(1, 101)]
    return {
        "result": result(
            "concentration",
            [
                table(
                    "pareto",
                    "From the best customer down",
                    ["customers_share", "value_share", "customers", "value"],
                    curve,
                    {"type": "line", "x": "customers_share", "y": ["value_share"]},
                ),
                table("best", "The best customers", ["customer_id", "monetary", "share"], [(14646, 280206.02, 0.0314)]),
            ],
            parameters={"value": "monetary"},
        ),
        "run": run(2, 214958080, ("fit", 0.18, 0.17, 1.2, 1.02, 1, 9, 9)),
    }


def sweep():
    rows = [(k, round(9000 / k**0.7, 2), round(0.45 - 0.03 * abs(k - 4), 4), round(0.8 + 0.05 * abs(k - 4), 4)) for k in
            range(2, 9)]
    return {
        "result": result(
            "sweep",
            [
                table(
                    "sweep",
                    "Numbers of clusters",
                    ["n_clusters", "inertia", "silhouette", "davies_bouldin"],
                    rows,
                    [
                        {"type": "line", "x": "n_clusters", "y": ["silhouette", "davies_bouldin"]},
                        {"type": "line", "x": "n_clusters", "y": ["inertia"]},
                    ],
                )
            ],
        ),
        "run": run(2, 214958080, ("fit", 0.18, 0.17, 1.2, 1.02, 1, 9, 9)),
    }


def logistic():
    shares = [round(0.1 * tenth, 1) for tenth in range(1, 11)]
    gains = [round(1 - (1 - share) ** 2, 4) for share in shares]
    line = {"type": "line", "x": "share_of_customers"}
    return {
        "result": result(
            "logistic",
            [
                table("metrics", "Metrics with 95 % intervals", ["metric", "value", "low", "high"],
                      [("roc_auc", 0.8379257, 0.8150245, 0.8608268), ("log_loss", 0.4303588, 0.3979221, 0.4615777)]),
                table("roc", "ROC curve", ["false_positive_rate", "true_positive_rate", "threshold"],
                      [(round(share * share, 4), share, round(1 - share, 1)) for share in shares],
                      {"type": "line", "x": "false_positive_rate", "y": ["true_positive_rate"]}),
                table("precision_recall", "Precision and recall", ["recall", "precision", "threshold"],
                      [(share, round(0.9 - 0.6 * share, 3), round(1 - share, 1)) for share in shares],
                      {"type": "line", "x": "recall", "y": ["precision"]}),
                table("gains", "Gains: what the highest scores hold", ["share_of_customers", "gain", "lift"],
                      [(share, gain, round(gain / share, 3)) for share, gain in zip(shares, gains)],
                      line | {"y": ["gain", "share_of_customers"]}),
                table("calibration", "Calibration: what was said and what came",
                      ["mean_probability", "share_of_positives", "customers"],
                      [(round(share - 0.05, 2), round(share - 0.04 + 0.003 * i, 3), 500 - 37 * i)
                       for i, share in enumerate(shares)],
                      {"type": "line", "x": "mean_probability", "y": ["share_of_positives", "mean_probability"]}),
                table("profit", "Profit of treating the highest scores", ["share_of_customers", "profit", "threshold"],
                      [(share, round(20000 * gain - 14000 * share, 2), round(1 - share, 1))
                       for share, gain in zip(shares, gains)], line | {"y": ["profit"]}),
                table("learning_curve", "Learning curve: what more customers would bring",
                      ["share_of_customers", "log_loss", "roc_auc"],
                      [(0.1, 0.4463, 0.8296), (0.2, 0.4294, 0.8369), (0.4, 0.4334, 0.8347), (0.7, 0.4314, 0.8377),
                       (1.0, 0.4304, 0.8379)], line | {"y": ["log_loss"]}),
                table("coefficients", "Coefficients in the units of the columns, with 95 % intervals",
                      ["term", "coefficient", "standard_error", "p_value", "low", "high", "note"],
                      [("(intercept)", 1.165172, 0.815212, 0.153, -0.432644, 2.762988, ""),
                       ("tenure", -0.060672, 0.00624, 2.4e-22, -0.072902, -0.048442, ""),
                       ("contract=Two year", -1.357, 0.1765, 1.5e-14, -1.703, -1.011, ""),
                       ("phone=Yes", 0.0, None, None, None, None, "left out: follows from the terms above")],
                      {"type": "bar", "x": "term", "y": ["coefficient"]}),
            ],
            metrics={"roc_auc": 0.8379257, "log_loss": 0.4303588, "threshold": 0.379847, "judged_on": "held-out rows"},
            parameters={"label": "churn", "profit": {"value": 100, "cost": 30}},
        ),
        "run": run(2, 198180864, ("fit", 0.021, 0.02, 0.1, 1.02, 9, 94208, 47104), ("judge", 0.28, 0.27, 1.1, 1.05, 40, 9e6, 4e6)),
    }


SECTIONS = [ingest(), features(), cohorts(), lifecycle(), concentration(), sweep(), logistic(), kmeans()]
