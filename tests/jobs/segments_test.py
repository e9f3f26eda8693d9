#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Interests, cross-tabs, the RFM grid and the k sweep through the program: plain loops as the oracle on purchases made
here, and the same bytes at 1 and 3 ranks.

usage: segments_test.py COHORT
"""
import datetime
import random

import support
from support import check, check_equal

AS_OF = datetime.date(2021, 3, 1)
KINDS = ["", "books", "games", "tea|coffee", "toys"]
CUT = 0.6


def purchases(seed, customers=240):
    """(customer, day, kind, quantity, cents); the first customers are the corner cases."""
    day = datetime.date(2021, 1, 5)
    rows = [(0, day, "toys", 1, 500), (0, day, "games", 1, 500),  # equal shares: the first label
            (1, day, "toys", 1, 500), (1, day, "toys", -1, 500),  # all returned: no segment
            (2, day, "", 1, 500),  # no kind
            (3, AS_OF, "toys", 1, 500),  # too late
            (4, day, "toys", 3, 100), (4, day, "books", 2, 100),  # exactly the cut
            (5, day, "books", 1, 10), (5, day, "games", -1, 1000)]  # a debt is no interest
    rng = random.Random(seed)
    for customer in range(6, customers):
        favourite = rng.choice(KINDS)
        for _ in range(rng.randrange(1, 9)):
            kind = favourite if rng.random() < 0.5 else rng.choice(KINDS)
            rows.append((customer, day + datetime.timedelta(rng.randrange(80)), kind, rng.choice([-1, 1, 1, 2]), rng.randrange(900)))
    return rows


def interest_oracle(rows):
    """{customer: (segment, kind, cents on it, cents)}; "" and 0 where nothing was spent."""
    spend = {}
    for customer, day, kind, quantity, cents in rows:
        kinds = spend.setdefault(customer, {})
        if day < AS_OF and kind:
            kinds[kind] = kinds.get(kind, 0) + quantity * cents
    found = {}
    for customer, kinds in spend.items():
        good = {kind: cents for kind, cents in kinds.items() if cents > 0}
        if not good:
            found[customer] = ("", "", 0, 0)
            continue
        best = min(good, key=lambda kind: (-good[kind], kind))
        total = sum(good.values())
        found[customer] = (best if good[best] / total >= CUT else "mixed", best, good[best], total)
    return found


def check_interests(work, wanted):
    head, *rows = work.rows("out/interests/interests.csv")
    for row in (dict(zip(head, row)) for row in rows):
        segment, kind, best, total = wanted[int(row["customer_id"])]
        check_equal([row["segment_name"], row["top_category"], round(float(row["spend"]) * 100)], [segment, kind, total], str(row))
        check(row["top_share"] == "" if total == 0 else float(row["top_share"]) == best / total, f"the share of {row}")
    check_equal(len(rows), len(wanted), "customers with an interest or none")
    result = work.json("out/interests/result.json")
    groups = {}
    for segment, _, _, total in wanted.values():
        count, cents = groups.get(segment, (0, 0))
        groups[segment] = (count + 1, cents + total)
    check_equal(result["metrics"]["unassigned"], groups.pop("")[0], "customers who have spent nothing")
    check_equal({row[0]: (row[1], round(row[3] * 100)) for row in result["tables"][0]["rows"]}, groups, "segments")


def check_crosstab(work):
    """Counts, shares, lift and Pearson's chi-squared from the two tables a user sees."""
    def column(name, key):
        head, *rows = work.rows(name)
        return {row[0]: dict(zip(head, row))[key] for row in rows}
    segments, states = column("out/interests/interests.csv", "segment_name"), column("out/lifecycle/lifecycle.csv", "lifecycle_state")
    pairs = [(segments[c], states[c]) for c in segments if segments[c] and states[c]]
    ties, table = work.json("out/crosstab/result.json")["tables"]
    chi2 = 0
    for segment, _, state, customers, share, of_all, lift in table["rows"]:
        own, all_ = sum(p[0] == segment for p in pairs), sum(p[1] == state for p in pairs)
        check_equal(customers, pairs.count((segment, state)), f"{segment} x {state}")
        check(all(abs(f - w) < 1e-12 for f, w in ((share, customers / own), (of_all, all_ / len(pairs)),
                                                 (lift, customers / own / (all_ / len(pairs))))), f"shares of {segment} x {state}")
        chi2 += (customers - own * all_ / len(pairs)) ** 2 / (own * all_ / len(pairs))
    check_equal(sum(row[3] for row in table["rows"]), len(pairs), "customers of all cells")
    check(abs(ties["rows"][0][3] - chi2) < 1e-9, f"chi-squared {ties['rows'][0][3]} for {chi2}")
    check_equal(ties["rows"][0][2], len(segments) - len(pairs), "customers without a segment or state")


def check_grid(work):
    """The RFM grid against the scores of segments.csv and the spend of features.csv."""
    head, *rows = work.rows("out/rfm/segments.csv")
    spend = {row[0]: float(row[work.rows("out/features/features.csv")[0].index("monetary")]) for row in work.rows("out/features/features.csv")[1:]}
    cells = {}
    for row in (dict(zip(head, row)) for row in rows):
        if row["segment"] == "":
            continue
        count, money = cells.get((row["rfm_r"], row["rfm_f"]), (0, 0))
        cells[row["rfm_r"], row["rfm_f"]] = (count + 1, money + spend[row["customer_id"]])
    for recency, frequency, customers, revenue, _ in work.json("out/rfm/result.json")["tables"][0]["rows"]:
        count, money = cells.pop((str(recency), str(frequency)), (0, 0))
        check(customers == count and abs(revenue - money) < 1e-6, f"cell {recency} x {frequency}: {customers} for {count}, {revenue} for {money}")
    check_equal(cells, {}, "cells that the grid lacks")


def job(category="kind"):
    steps = [{"features": {"as_of": str(AS_OF), "item": "", "basket": ""}}, {"rfm": {"n_bins": 3}},
             {"interests": {"category": category, "as_of": str(AS_OF), "min_share": CUT}},
             {"lifecycle": {"basket": "", "as_of": str(AS_OF), "new_days": 10, "active_days": 20, "lapsed_days": 40}},
             {"crosstab": {"input": "interests", "columns_of": "lifecycle", "by": ["lifecycle_state"]}},
             {"sweep": {"input": "features", "features": ["frequency", "monetary"], "min_clusters": 2, "max_clusters": 4, "n_init": 1, "scale": "standard"}}]
    return support.ingest_job({"customer": "c", "time": "t", "kind": "k", "quantity": "q", "price": "p"},
                              {"customer": "int64", "kind": "category", "quantity": "int32", "price": "decimal(2)"}, shards=5, steps=steps)


def made_data():
    rows = purchases(1)
    text = "c,t,k,q,p\n" + "".join(f"{c},{t} 10:00:00,{k},{q},{p / 100:.2f}\n" for c, t, k, q, p in rows)
    hashes = set()
    for ranks, threads in ((1, 2), (3, 1)):
        with support.Workplace() as work:
            work.write("a.csv", text)
            if not work.must_run(job(), ranks=ranks, threads=threads):
                return
            if ranks == 1:
                check_interests(work, interest_oracle(rows))
                check_crosstab(work)
                check_grid(work)
            hashes.add(str(support.tree_hashes(work.path / "out")))
    check_equal(len(hashes), 1, "different results at 1 and 3 ranks")


def mistakes():
    with support.Workplace() as work:
        work.write("a.csv", "c,t,k,q,p\n1,2021-01-05 00:00:00,mixed,1,1.00\n")
        for category, complaint in (("quantity", "holds no categories"), ("nothing", "nothing"), ("kind", "called 'mixed'")):
            code, _, err = work.run(job(category), options=["--overwrite"])
            check(code in (65, 78) and complaint in err, f"{category}: {code} {err}")


made_data()
mistakes()
support.finish()
