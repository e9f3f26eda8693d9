#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cohorts, lifecycle and concentration through the program: a plain loop as the oracle on purchases made here, and pandas'
figures of Online Retail (tests/reference/customers_pandas.py) where COHORT_DATA names a folder.

usage: customers_test.py COHORT
"""
import datetime
import json
import os
import pathlib
import random
import re

import support
from support import check, check_equal

HERE = pathlib.Path(__file__).resolve().parent
STATES = ["new", "returned", "active", "at_risk", "lapsed", "none"]
FIRST = datetime.date(2020, 1, 1)
AS_OF, FROM = datetime.date(2021, 7, 1), datetime.date(2020, 12, 1)


def purchases(seed, customers=300):
    """(customer, day, order, cents) by customer and time; some customers buy after the last date only."""
    rng = random.Random(seed)
    rows = []
    for customer in range(customers):
        day, habit = rng.randrange(600), rng.choice([5, 40, 150, 300])
        for order in range(rng.choice([1, 1, 2, 3, 8])):
            for _ in range(rng.choice([1, 1, 3])):
                rows.append((customer, FIRST + datetime.timedelta(day), customer * 100 + order, rng.choice([0, 5, 1999, 120050])))
            day += rng.randrange(habit)
    return rows


def job(steps):
    return support.ingest_job({"customer": "c", "time": "t", "basket": "o", "price": "p"},
                              {"customer": "int64", "basket": "int64", "price": "decimal(2)"}, shards=5, steps=steps)


def by_customer(rows):
    groups = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    return groups


def cohort_oracle(rows):
    """{(cohort, month): [active, orders, cents, repeated]} from the first to the last month of the log."""
    first, last = min(r[1] for r in rows), max(r[1] for r in rows)
    months = [f"{m // 12}-{m % 12 + 1:02}" for m in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)]
    table = {}
    for events in by_customer(rows).values():
        cohort = events[0][1].strftime("%Y-%m")
        first_month = {}
        for event in events:
            first_month.setdefault(event[2], event[1].strftime("%Y-%m"))
        starts = sorted(first_month.values())
        for month in months:
            if month < cohort:
                continue
            cell = table.setdefault((cohort, month), [0, 0, 0, 0])
            here = [e for e in events if e[1].strftime("%Y-%m") == month]
            cell[0] += bool(here)
            cell[1] += starts.count(month)
            cell[2] += sum(e[3] for e in here)
            cell[3] += len(starts) > 1 and starts[1] <= month
    return table


def state_oracle(events, date, new=30, active=90, lapsed=180):
    days = sorted({e[1] for e in events if e[1] < date})
    if not days:
        return "none"
    ago = [(date - d).days for d in days]
    if ago[0] <= new:
        return "new"
    if ago[-1] > lapsed:
        return "lapsed"
    if ago[-1] > active:
        return "at_risk"
    back = any(a - b > lapsed and b <= active for a, b in zip(ago, ago[1:]))
    return "returned" if back else "active"


def check_cohorts(result, rows):
    found = {(r[0], r[2]): [r[4], r[6], round(r[7] * 100), round(r[9] * r[3])] for r in result["tables"][0]["rows"]}
    check_equal(found, cohort_oracle(rows), "cells of the cohort table")


def check_lifecycle(work, result, rows):
    groups = by_customer(rows)
    csv = work.rows("out/lifecycle/lifecycle.csv")
    head = csv[0]
    for line in csv[1:]:
        row = dict(zip(head, line))
        events = groups[int(row["customer_id"])]
        past = [e for e in events if e[1] < AS_OF]
        wanted = [state_oracle(events, AS_OF), state_oracle(events, FROM),
                  str((AS_OF - past[-1][1]).days) if past else "", str(len({e[2] for e in past})), sum(e[3] for e in past)]
        found = [row["lifecycle_state"], row["previous_state"], row["recency_days"], row["orders"],
                 round(float(row["revenue"]) * 100)]
        check_equal(found, wanted, f"customer {row['customer_id']}")
    moved = {(r[0], r[1]): r[2] for r in result["tables"][1]["rows"]}
    wanted = {}
    for events in groups.values():
        key = (state_oracle(events, FROM), state_oracle(events, AS_OF))
        wanted[key] = wanted.get(key, 0) + 1
    check_equal(moved, wanted, "transitions")
    leaving = sorted(((-sum(e[3] for e in g if e[1] < AS_OF), str(c)) for c, g in groups.items() if state_oracle(g, AS_OF) == "at_risk"))
    check_equal([str(r[0]) for r in result["tables"][2]["rows"]], [c for _, c in leaving[:7]], "customers at risk, best first")


def check_concentration(work, result, rows):
    values = sorted((sum(e[3] for e in g if e[1] < AS_OF) for g in by_customer(rows).values()), reverse=True)
    n, total = len(values), sum(values)
    gini = (n + 1 - 2 * sum((i + 1) * v for i, v in enumerate(values)) / total) / n
    check(abs(result["metrics"]["gini_index"] - gini) < 1e-12, f"gini {result['metrics']['gini_index']} for {gini}")
    for p, row in enumerate(result["tables"][0]["rows"], 1):
        k = -(-p * n // 100)
        check(row[2] == k and abs(row[1] - sum(values[:k]) / total) < 1e-12 and round(row[4] * 100) == values[k - 1], f"Pareto at {p} %: {row}")
    cuts = [next(v for i, v in enumerate(values) if sum(values[:i + 1]) >= share * total) for share in (0.8, 0.95)]
    wanted = [sum(v >= cuts[0] for v in values), sum(cuts[1] <= v < cuts[0] for v in values), sum(v < cuts[1] for v in values)]
    check_equal([row[2] for row in result["tables"][1]["rows"]], wanted, "customers of classes A, B, C")


def meets(row, rule):
    for condition in rule.split(" and "):
        column, sign, cut = condition.split()
        if row[column] == "" or (float(row[column]) > float(cut)) != (sign == ">"):
            return False
    return True


def check_rules(work, step):
    """Precision and recall of each sentence, counted again from the tables a user sees."""
    def table(name):
        head, *rows = work.rows(name)
        return {row[0]: dict(zip(head, row)) for row in rows}
    features, segments = table("out/features/features.csv"), table(f"out/{step}/segments.csv")
    rules = next(t for t in work.json(f"out/{step}/result.json")["tables"] if t["name"] == "rules")["rows"]
    check(rules, f"{step} has no sentences")
    for name, rule, precision, recall, matched, size in rules:
        found = [customer for customer, row in features.items() if meets(row, rule)]
        hits = sum(segments[customer]["segment_name"] == name for customer in found)
        own = sum(row["segment_name"] == name for row in segments.values())
        check_equal([matched, size, precision, recall], [len(found), own, hits / len(found), hits / own], f"{step}: {name}: {rule}")
        check(len(rule.split(" and ")) <= 3, f"{rule} is too long")


def steps(value="monetary"):
    return [{"features": {"as_of": str(AS_OF), "item": "", "quantity": ""}},
            {"cohorts": {"quantity": ""}},
            {"lifecycle": {"quantity": "", "as_of": str(AS_OF), "from": str(FROM), "top": 7}},
            {"concentration": {"value": value, "top": 5}},
            {"kmeans": {"n_clusters": 3, "features": ["frequency", "monetary"], "scale": "standard"}} if value == "monetary" else {"rfm": {}}]


def made_data():
    rows = purchases(1)
    text = "c,t,o,p\n" + "".join(f"{c},{t} 10:00:00,{o},{p / 100:.2f}\n" for c, t, o, p in rows)
    hashes = set()  # of all files that are promised to be the same
    for ranks, threads in ((1, 2), (3, 1)):
        with support.Workplace() as work:
            work.write("a.csv", text)
            if not work.must_run(job(steps()), ranks=ranks, threads=threads):
                return
            if ranks == 1:
                check_cohorts(work.json("out/cohorts/result.json"), rows)
                check_lifecycle(work, work.json("out/lifecycle/result.json"), rows)
                check_rules(work, "concentration")
                check_rules(work, "kmeans")
                check_concentration(work, work.json("out/concentration/result.json"), rows)
            hashes.add(str(support.tree_hashes(work.path / "out")))
    check_equal(len(hashes), 1, "different results at 1 and 3 ranks")


def reports():
    """Small cells and names are hidden on demand; the other language has the same numbers."""
    with support.Workplace() as work:
        work.write("a.csv", "c,t,o,p\n" + "".join(f"{c},{t} 10:00:00,{o},{p / 100:.2f}\n" for c, t, o, p in purchases(1)))
        if not work.must_run(job(steps()[:4])):
            return
        path = work.path / "out/concentration/report.html"
        plain = path.read_text()
        check_equal(work.cohort("report", "out", "--lang", "zh")[0], 0, "a report in Chinese")
        chinese = path.read_text()
        check('lang="zh"' in chinese and "同期群留存" in chinese, "the report is not in Chinese")
        exact = re.compile(r'data-value="([^"]*)"')
        check_equal(exact.findall(chinese), exact.findall(plain), "numbers of the Chinese report")
        check_equal(work.cohort("report", "out", "--min-cell", "10")[0], 0, "a report without small cells")
        hidden = path.read_text()
        check("&lt;10" in hidden and "&lt;10" not in plain, "small cells are shown")
        best = work.json("out/concentration/result.json")["tables"][-1]["rows"][0]
        check(f'data-value="{best[1]}"' in plain and f'data-value="{best[1]}"' not in hidden, "a customer's spend is shown")
        check_equal(work.cohort("report", "out", "--lang", "fr")[0], 64, "a language nobody wrote")


def edges():
    """One customer, free goods alone, no orders at all."""
    with support.Workplace() as work:
        work.write("a.csv", "c,t,o,p\n1,2021-03-05 00:00:00,,0.00\n")
        if work.must_run(job(steps()[:4])):
            check_equal(work.json("out/cohorts/result.json")["tables"][0]["rows"],
                        [["2021-03", 0, "2021-03", 1, 1, 1.0, 0, 0.0, 0.0, 0.0]], "one event without an order")
            result = work.json("out/concentration/result.json")
            check_equal(result["metrics"]["gini_index"], None, "Gini's coefficient of nothing")
            check_equal([row[2] for row in result["tables"][1]["rows"]], [0, 0, 1], "classes where nothing is spent")
    with support.Workplace() as work:
        work.write("a.csv", "c,t,o,p\n1,2021-03-05 00:00:00,1,1.00\n")
        for step, complaint in (({"sweep": {"min_clusters": 5, "max_clusters": 4}}, "max_clusters"),
                                ({"lifecycle": {"active_days": 200}}, "nobody could be at risk"),
                                ({"lifecycle": {"quantity": "", "from": "2022-01-01"}}, "is not before as_of"),
                                ({"cohorts": {"quantity": "", "as_of": "2020-01-01"}}, "no event is before as_of"),
                                ({"concentration": {"a_share": 0.96}}, "nobody could be in class B")):
            code, _, err = work.run(job([step]), options=["--overwrite"])
            check(code in (65, 78) and complaint in err, f"{step}: {code} {err}")


# scikit-learn 1.9.1, columns of R's iris standardised: k, inertia, simplified silhouette, Davies-Bouldin, Calinski-Harabasz
IRIS = [(2, 222.36170496502294, 0.6992533734883165, 0.5933126905762434, 251.34933946458113),
        (3, 139.82049635974974, 0.5932631698619876, 0.8335949464754334, 241.90440170183172),
        (5, 90.80728315078537, 0.494704144713272, 0.9530463492231889, 203.26823295807844),
        (6, 79.99855804596767, 0.47244239350819195, 1.0573774787872348, 187.2038933460626)]


def iris(data):
    with support.Workplace() as work:
        code, _, err = work.cohort("run", HERE.parents[1] / "configs" / "sweep.yaml", "--out", "out", "--set",
                                   f"ingest.sources.customers.path={data}/cluster/iris.csv", "--set", "sweep.max_clusters=3", "--set", "sweep.n_init=5", seconds=200)
        check_equal(code, 0, err)
        found = {row[0]: row[1:5] for row in work.json("out/sweep/result.json")["tables"][0]["rows"]}
        for k, *wanted in IRIS[:2]:
            check(all(abs(f / w - 1) < 1e-9 for f, w in zip(found[k], wanted)), f"sweep at {k}: {found[k]} for {wanted}")


def real_data():
    data = pathlib.Path(os.environ.get("COHORT_DATA", "/nonexistent"))
    if not data.is_dir():
        print("COHORT_DATA names no folder: Online Retail is skipped")
        return
    wanted = json.loads((HERE.parent / "reference" / "customers.json").read_text())
    iris(data)
    with support.Workplace() as work:
        code, _, err = work.cohort("run", HERE.parents[1] / "configs" / "online_retail.yaml", "--out", "out", "--until", "concentration", "--set",
                                   f"ingest.sources.transactions.path={data}/online_retail/online_retail.csv.gz", ranks=2, threads=1, seconds=300)
        check_equal(code, 0, err)
        found = [[*r[:5], r[6], round(r[7] * 1000), round(r[9] * r[3])] for r in work.json("out/cohorts/result.json")["tables"][0]["rows"]]
        check_equal(found, wanted["cohorts"], "cohorts of Online Retail")
        moved = {f"{r[0]} {r[1]}": r[2] for r in work.json("out/lifecycle/result.json")["tables"][1]["rows"]}
        check_equal(moved, wanted["transitions"], "lifecycle of Online Retail")
        result, known = work.json("out/concentration/result.json"), wanted["concentration"]
        check(abs(result["metrics"]["gini_index"] - known["gini"]) < 1e-12, "Gini's coefficient of Online Retail")
        check(max(abs(r[1] - k) for r, k in zip(result["tables"][0]["rows"], known["curve"])) < 1e-12, "Pareto's curve of Online Retail")
        sizes = [row[2] for row in result["tables"][1]["rows"]]
        check_equal([sizes[0], sizes[0] + sizes[1]], [known["a"], known["ab"]], "classes of Online Retail")


made_data()
reports()
edges()
real_data()
support.finish()
