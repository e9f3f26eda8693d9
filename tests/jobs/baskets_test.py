# SPDX-License-Identifier: Apache-2.0
"""Baskets of a store as a user mines them: what makes a basket, filters and a taxonomy, rules in groups, offers and their test.

Every expected number is counted here again, in loops over the rows.
"""

import collections
import csv
import datetime
import gzip
import io
import itertools
import math
import os
import random

import support
from support import Workplace, check, check_equal, ingest_job, tree_hashes

ITEMS = {"apple": ("fruit", "food"), "pear": ("fruit", "food"), "bread": ("bakery", "food"), "bun": ("bakery", "food"),
         "soap": ("care", "other"), "candle": ("home", "other"), "POST": ("fees", "other")}
COLUMNS = ["customer", "time", "basket", "item", "store", "quantity", "price"]
START = datetime.datetime(2024, 1, 1)


def make_rows(customers=120, seed=5):
    """customer, time, invoice, item, store: apple and bread go together, and soap follows them in the north."""
    draw = random.Random(seed)
    rows, invoice = [], 0
    for customer in range(customers):
        time = START + datetime.timedelta(days=draw.randrange(60))
        for _ in range(draw.randrange(1, 6)):
            invoice += 1
            store = draw.choice(["north", "south"])
            items = set(draw.sample(list(ITEMS), draw.randrange(1, 4)))
            if draw.random() < 0.4:
                items |= {"apple", "bread"}
                if store == "north" and draw.random() < 0.8:
                    items.add("soap")
            for item in sorted(items):
                rows.append((customer, time, invoice, item, store))
                time += datetime.timedelta(minutes=draw.randrange(3))
            time += datetime.timedelta(minutes=draw.choice([5, 20, 40, 700, 3000, 40000]))
    return rows


def as_csv(rows):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows((c, t.strftime("%Y-%m-%d %H:%M:%S"), b, i, s, 1, 2) for c, t, b, i, s in rows)
    return text.getvalue()


TAXONOMY = "item,group,department\n" + "".join(f"{item},{group},{top}\n" for item, (group, top) in ITEMS.items())


def ingest(place, rows, *steps):
    place.write("a.csv", as_csv(rows))
    place.write("taxonomy.csv", TAXONOMY)
    place.write("taxonomy.csv.gz", gzip.compress(b"\xef\xbb\xbf" + TAXONOMY.encode()))
    types = {"customer": "int64", "basket": "int64", "quantity": "int64", "price": "int64"}
    return ingest_job({name: name for name in COLUMNS}, types=types, steps=steps)


def baskets_by(rows, what):
    """Lists of rows, as each kind of basket puts them together."""
    found, last, session = collections.defaultdict(list), {}, collections.Counter()
    for row in sorted(rows, key=lambda r: (r[0], r[1])):
        customer, time, invoice = row[:3]
        if what == "session" and customer in last and time - last[customer] > datetime.timedelta(minutes=30):
            session[customer] += 1
        last[customer] = time
        key = {"customer": 0, "day": time.date(), "session": session[customer], "basket": invoice}[what]
        found[customer, key].append(row)
    return list(found.values())


def count_sets(baskets, least):
    counts = collections.Counter()
    for basket in map(set, baskets):
        for size in range(1, len(basket) + 1):
            counts.update(itertools.combinations(sorted(basket), size))
    return {items: count for items, count in counts.items() if count >= least}


def sets_of(place, step, out="out"):
    return {tuple(sorted(row[1].split("|"))): int(row[2]) for row in place.rows(f"{out}/{step}/itemsets.csv")[1:]}


def kinds_of_baskets():
    rows = make_rows()
    kinds = ["basket", "customer", "day", "session"]
    steps = [{"itemsets": {"id": kind, "basket": kind, "min_support": 3}} for kind in kinds]
    period = {"from": "2024-01-10", "until": "2024-02-10", "exclude": ["POST", "b*"], "min_item_count": 40}
    steps.append({"itemsets": {"id": "part", "min_support": 2, **period}})
    with Workplace() as place:
        if not place.must_run(ingest(place, rows, *steps), ranks=3):
            return
        for kind in kinds:
            baskets = [[row[3] for row in basket] for basket in baskets_by(rows, kind)]
            check_equal(sets_of(place, kind), count_sets(baskets, 3), f"sets of baskets by {kind}")
            check_equal(place.json(f"out/{kind}/result.json")["metrics"]["baskets"], len(baskets), f"baskets by {kind}")
        inside = [row for row in rows if datetime.datetime(2024, 1, 10) <= row[1] < datetime.datetime(2024, 2, 10)]
        kept = [[row[3] for row in basket if row[3] != "POST" and row[3][0] != "b"] for basket in baskets_by(inside, "basket")]
        each = collections.Counter(itertools.chain.from_iterable(map(set, kept)))
        kept = [[item for item in basket if each[item] >= 40] for basket in kept]
        check_equal(sets_of(place, "part"), count_sets(kept, 2), "sets of a period without some items")
        metrics = place.json("out/part/result.json")["metrics"]
        check_equal(metrics["baskets"], len(kept), "a basket stays a basket without its items")
        check_equal(metrics["rows_outside_period"], len(rows) - len(inside), "rows outside the period")
        check_equal(metrics["rows_of_items_left_out"], sum(row[3] == "POST" or row[3][0] == "b" for row in inside),
                    "rows of items left out")


def taxonomy():
    rows = make_rows()
    keys = {"taxonomy": "taxonomy.csv", "min_support": 4}
    steps = [{"itemsets": {"id": "group", "level": "group", **keys}}, {"itemsets": {"id": "all", "level": "all", **keys, "taxonomy": "taxonomy.csv.gz"}},
             {"rules": {"id": "rules", "level": "all", "min_confidence": 0, "min_len": 2, **keys}}]
    with Workplace() as place:
        if not place.must_run(ingest(place, rows, *steps), ranks=2):
            return
        baskets = [[row[3] for row in basket] for basket in baskets_by(rows, "basket")]
        check_equal(sets_of(place, "group"), count_sets([[ITEMS[i][0] for i in b] for b in baskets], 4), "sets of groups")
        above = {item: set(path) for item, path in ITEMS.items()}
        for group, top in ITEMS.values():
            above[group] = {top}
        across = count_sets([[*b, *itertools.chain.from_iterable(ITEMS[i] for i in b)] for b in baskets], 4)
        across = {s: n for s, n in across.items() if not any(above.get(i, set()) & set(s) for i in s)}
        check_equal(sets_of(place, "all"), across, "sets across levels")
        rules = sum(len(s) for s in across if len(s) > 1)
        check_equal(place.json("out/rules/result.json")["metrics"]["rules"], rules, "rules across levels")


def fisher_two_sided(k, n, successes, total):
    """Twice the smaller tail of drawing k of the successes in n draws."""
    ways = lambda x: math.comb(successes, x) * math.comb(total - successes, n - x)
    every = math.comb(total, n)
    upper = sum(ways(x) for x in range(k, min(n, successes) + 1)) / every
    lower = sum(ways(x) for x in range(max(0, n + successes - total), k + 1)) / every
    return min(1, 2 * min(upper, lower))


def rules_in_groups():
    rows = make_rows()
    steps = [{"features": {}}, {"rfm": {}}, {"rules": {"id": "stores", "min_support": 20, "min_len": 2, "min_confidence": 0.2, "by": "store"}},
             {"rules": {"id": "months", "min_support": 20, "by": "month"}},
             {"rules": {"id": "segments", "min_support": 20, "by": "segment_name", "by_in": "rfm"}}]
    with Workplace() as place:
        job = ingest(place, rows, *steps)
        if not place.must_run(job, ranks=3):
            return
        baskets = [({row[3] for row in basket}, basket[0]) for basket in baskets_by(rows, "basket")]
        segment = {row[0]: row[3] for row in place.rows("out/rfm/segments.csv")[1:]}
        groups = {"stores": lambda row: row[4], "months": lambda row: row[1].strftime("%Y-%m"),
                  "segments": lambda row: segment[str(row[0])]}
        for step, group_of in groups.items():
            _, *lines = place.rows(f"out/{step}/rule_groups.csv")
            check(len(lines) > 0, f"no lines in {step}")
            for left, right, group, size, with_left, both, _, _, _, _, _, p, _ in lines:
                left = set(left.split("|")) - {""}
                here = [(items >= left, items >= left | {right}) for items, row in baskets if group_of(row) == group]
                a, b = sum(x for x, _ in here), sum(y for _, y in here)
                check_equal((int(size), int(with_left), int(both)), (len(here), a, b), f"{step}: {left} => {right} in {group}")
                total = sum(items >= left for items, _ in baskets)
                successes = sum(items >= left | {right} for items, _ in baskets)
                expected = fisher_two_sided(b, a, successes, total)
                check(abs(float(p) - expected) <= 1e-9 + 1e-7 * expected, f"p of {left} => {right} in {group}: {p}, {expected}")
        planted = [line for line in place.rows("out/stores/rule_groups.csv")[1:] if line[0] == "apple|bread" and line[1] == "soap"]
        check(len(planted) == 2 and all(float(line[12]) < 0.01 for line in planted), f"the planted difference: {planted}")


AS_OF, HORIZON = datetime.datetime(2024, 2, 15), 30


def offer_job(place, rows):
    return ingest(place, rows, {"next_offer": {
        "min_support": 5, "min_confidence": 0.2, "min_lift": 0, "max_q_value": 1, "n_offers": 2,
        "as_of": AS_OF.strftime("%Y-%m-%d"), "horizon": f"{HORIZON}d"}})


def offers():
    rows = make_rows(300)
    with Workplace() as place:
        if not place.must_run(offer_job(place, rows), ranks=3):
            return
        rules = [(set(row[0].split("|")), row[1], float(row[5]), float(row[6])) for row in place.rows("out/next_offer/rules.csv")[1:]]
        held, later = collections.defaultdict(set), collections.defaultdict(set)
        for customer, time, _, item, _ in rows:
            if time < AS_OF:
                held[customer].add(item)
            elif time < AS_OF + datetime.timedelta(days=HORIZON):
                later[customer].add(item)
        made, hits, offers_made, tested, recall = {}, 0, 0, 0, 0
        popular = collections.Counter(itertools.chain.from_iterable(held.values()))
        popular_hits = 0
        for customer, items in held.items():
            best = {}
            for number, (left, right, confidence, lift) in enumerate(rules):
                if left <= items and right not in items:
                    best[right] = min(best.get(right, (0, 0, 0)), (-confidence, -lift, number))
            made[customer] = sorted(best, key=best.get)[:2]
            new = later[customer] - items
            if new:
                tested += 1
                offers_made += len(made[customer])
                hits += len(new & set(made[customer]))
                recall += len(new & set(made[customer])) / len(new)
                top = sorted((item for item in popular if item not in items), key=lambda i: (-popular[i], i))
                popular_hits += len(new & set(top[:len(made[customer])]))
        found = collections.defaultdict(list)
        for user, item, rank, *_ in place.rows("out/next_offer/offers.csv")[1:]:
            found[int(user)].append(item)
            check_equal(int(rank), len(found[int(user)]), "rank of an offer")
        check_equal(dict(found), {c: m for c, m in made.items() if m}, "offers")
        metrics = place.json("out/next_offer/result.json")["metrics"]
        check(tested > 20 and hits > 0, "the test data test something")
        check_equal(metrics["tested_customers"], tested, "tested customers")
        check_equal(metrics["precision@2"], hits / offers_made, "precision")
        check_equal(metrics["popularity_precision@2"], popular_hits / offers_made, "precision of the popular")
        check(abs(metrics["recall@2"] - recall / tested) < 1e-12, "recall")


def same_bits():
    rows = make_rows(80)
    job = lambda place: ingest(
        place, rows, {"itemsets": {"basket": "session", "min_support": 3, "level": "all", "taxonomy": "taxonomy.csv"}},
        {"rules": {"min_support": 5, "by": "store"}},
        {"next_offer": {"min_support": 5, "max_q_value": 1, "as_of": "2024-02-15", "horizon": "30d"}})
    with Workplace() as place:
        first = None
        for ranks, threads in [(1, 1), (2, 2), (3, 1), (7, 2)]:
            if not place.must_run(job(place), out=f"out-{ranks}", ranks=ranks, threads=threads):
                return
            hashes = tree_hashes(place.path / f"out-{ranks}")
            first = first or hashes
            check_equal(hashes, first, f"files at {ranks} ranks, {threads} threads")


def bad_input():
    cases = [({"taxonomy": "taxonomy.csv"}, "", 78, "a taxonomy says nothing at level item"),
             ({"level": "group"}, "", 78, "level group needs a taxonomy"),
             ({"level": "shelf", "taxonomy": "taxonomy.csv"}, TAXONOMY, 78, "item, all, or one of group, department"),
             ({"level": "group", "taxonomy": "taxonomy.csv"}, "item,group\na,b\na,c\n", 65, "line 3: item a stands here again"),
             ({"level": "all", "taxonomy": "taxonomy.csv"}, "item,group,top\na,b,c\nd,b,e\n", 65, "line 3: b lies under e here and under c in line 2"),
             ({"level": "all", "taxonomy": "taxonomy.csv"}, "item,group,top\na,b,c\nd,c,e\n", 65, "line 3: c is a group here and a top in line 2"),
             ({"level": "group", "taxonomy": "taxonomy.csv"}, "item,group\na,\n", 65, "line 2: column group is empty"),
             ({"level": "group", "taxonomy": "taxonomy.csv"}, "item,group\na,b,c\n", 65, "line 2: 3 fields where the header has 2"),
             ({"level": "all", "kind": "closed", "taxonomy": "taxonomy.csv"}, TAXONOMY, 78, "level all mines frequent sets"),
             ({"basket": "session", "session_gap": "soon"}, "", 78, "'soon' is no span of time"),
             ({"from": "2024-03-01", "until": "2024-03-01"}, "", 78, "no day lies from 2024-03-01 until 2024-03-01"),
             ({"basket": "day", "time": "store"}, "", 78, "holds no time")]
    with Workplace() as place:
        job = ingest(place, make_rows(10))
        if not place.must_run(job, out="data"):
            return
        for keys, text, code, said in cases:
            place.write("taxonomy.csv", text)
            found, _, error = place.run({"version": 1, "dataset": str(place.path / "data/data.cohort"), "steps": [{"itemsets": keys}]},
                                        ranks=2, options=["--overwrite"])
            check_equal(found, code, f"exit code of {keys}: {error}")
            check(said in error, f"{keys}: {error}")
            check(not (place.path / "out/itemsets").exists(), f"{keys} left a result")


def fimi(baskets):
    return "".join(" ".join(map(str, sorted(basket))) + "\n" for basket in baskets)


def shuffled(baskets, seed):
    """Each item in as many baskets as before, but in any: no item says anything of another."""
    draw = random.Random(seed)
    made = [set() for _ in baskets]
    for item, count in sorted(collections.Counter(itertools.chain.from_iterable(map(set, baskets))).items()):
        for basket in draw.sample(range(len(baskets)), count):
            made[basket].add(item)
    return made


def false_discoveries(name, baskets, **keys):
    """Of the rules of shuffled baskets at most the promised share is called significant; of the true ones many are."""
    significant = []
    for data in (baskets, shuffled(baskets, 1), shuffled(baskets, 2)):
        with Workplace() as place:
            place.write("baskets.dat", fimi(data))
            job = {"version": 1, "steps": [{"rules": {"input": "baskets.dat", "format": "fimi", "min_confidence": 0, "min_len": 2, **keys}}]}
            if not place.must_run(job, ranks=2):
                return
            lines = place.rows("out/rules/rules.csv")
            q = [float(line[lines[0].index("q_value")]) for line in lines[1:]]
            significant.append((sum(value <= 0.05 for value in q), len(q)))
    print(f"{name}: rules of q <= 0.05, of all: {significant[0]}; shuffled: {significant[1:]}")
    check(significant[0][0] > 0, f"{name}: no significant rule in the true baskets")
    for found, rules in significant[1:]:
        check(found <= 0.05 * rules, f"{name}: {found} of {rules} rules of shuffled baskets have q <= 0.05")


def planted_baskets():
    draw = random.Random(3)
    baskets = []
    for _ in range(3000):
        basket = {draw.randrange(60) for _ in range(draw.randrange(1, 8))}
        if draw.random() < 0.04:
            basket |= {100, 101, 102}
        baskets.append(basket)
    return baskets


def planted():
    with Workplace() as place:
        place.write("baskets.dat", fimi(planted_baskets()))
        job = {"version": 1, "steps": [{"rules": {"input": "baskets.dat", "format": "fimi", "min_support": 0.01, "min_len": 3}}]}
        if place.must_run(job):
            top = {tuple(row[:2]) for row in place.json("out/rules/result.json")["tables"][0]["rows"][:3]}
            check_equal(top, {("100|101", "102"), ("100|102", "101"), ("101|102", "100")}, "planted baskets")


def online_retail():
    path = os.path.join(os.environ.get("COHORT_DATA", ""), "online_retail/online_retail.csv.gz")
    if not os.path.exists(path):
        print("skipped: COHORT_DATA with online_retail is not there")
        return
    numbers, invoices = {}, collections.defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["InvoiceNo"].startswith("C"):
                invoices[row["InvoiceNo"]].add(numbers.setdefault(row["StockCode"], len(numbers)))
    false_discoveries("online retail", list(invoices.values()), min_support=0.002, max_len=2)


def full_disk():
    """A table that does not fit the disk: exit code 74, and nothing half written."""
    with Workplace() as place, support.small_disk(place) as disk:
        if disk is None:
            return
        place.write("baskets.dat", fimi([range(16)] * 3 + [range(8, 16)] * 2))
        job = {"version": 1, "steps": [{"itemsets": {"input": str(place.path / "baskets.dat"), "format": "fimi", "min_support": 2}}]}
        support.check_full_disk(place, job, "itemsets", disk)


if __name__ == "__main__":
    kinds_of_baskets()
    taxonomy()
    rules_in_groups()
    offers()
    same_bits()
    bad_input()
    planted()
    false_discoveries("planted", planted_baskets(), min_support=5)
    full_disk()
    online_retail()
    support.finish()
