# SPDX-License-Identifier: Apache-2.0
"""Offers in time as a user makes them: who bought A is offered C when C comes, and not after.

Planted: C follows A after 20 to 40 days. Every expected score and day is counted here again, in loops over the purchases.
"""

import collections
import datetime
import random

import support
from support import Workplace, check, check_equal, ingest_job, tree_hashes

START = datetime.datetime(2024, 1, 1)
AS_OF, WITHIN, HORIZON = 200, 45, 30  # days from the start
KEYS = {"within": f"{WITHIN}d", "min_support": 10, "min_confidence": 0.05, "n_offers": 2}


def make_rows(customers=300, days=240, seed=1):
    """customer, day, item: noise everybody buys, and pairs A, C; a few days carry two purchases of an item."""
    draw = random.Random(seed)
    rows = set()
    for customer in range(customers):
        for _ in range(draw.randrange(1, 14)):
            rows.add((customer, draw.randrange(days), f"n{min(draw.randrange(9), draw.randrange(9))}"))
        for _ in range(draw.randrange(3)):
            day = draw.randrange(days)
            rows.add((customer, day, "A"))
            if draw.random() < 0.6:
                rows.add((customer, day + draw.randrange(20, 41), "C"))
    return sorted(row for row in rows if row[1] < days)


def date(day):
    return (START + datetime.timedelta(days=day)).strftime("%Y-%m-%d")


def offer_job(place, rows, *steps, clock=True):
    draw = random.Random(2)
    lines = ["customer,time,item"]
    for customer, day, item in rows:
        for _ in range(draw.choice([1, 1, 2])):
            time = f" {draw.randrange(24):02}:{draw.randrange(60):02}:00" if clock else ""
            lines.append(f"{customer},{date(day)}{time},{item}")
    place.write("a.csv", "\n".join(lines) + "\n")
    return ingest_job({name: name for name in ("customer", "time", "item")}, types={"customer": "int64"},
                      steps=[{"next_offer": step} for step in steps],
                      source=None if clock else {"formats": {"time": "%Y-%m-%d"}})


class Recount:
    """What the purchases before a day say of rules and customers."""

    def __init__(self, rows, as_of, within):
        self.as_of, self.within = as_of, within
        self.known_to = min(as_of - 1, max(day for _, day, _ in rows))
        self.days = collections.defaultdict(lambda: collections.defaultdict(list))  # customer, item: rising days
        for customer, day, item in sorted(rows):
            if day < as_of:
                self.days[customer][item].append(day)

    def gaps(self, a, c):
        """To the next C of each purchase of A that was watched to the end; None where C did not come in time."""
        found = []
        for items in self.days.values():
            for day in items.get(a, []):
                if day + self.within <= self.known_to:
                    found.append(next((d - day for d in items.get(c, []) if 0 < d - day <= self.within), None))
        return found

    def offers(self, rules, most, exclude_held=True, base_rates=None):
        """By customer: item, score and day due of the best rules, best first."""
        gaps = {rule: self.gaps(*rule) for rule in rules}
        made = {}
        for customer, items in self.days.items():
            best = {}
            for number, (a, c) in enumerate(rules):
                if a not in items or (exclude_held and c in items):
                    continue
                bought = items[a][-1]
                passed = self.as_of - 1 - bought
                if passed >= self.within or (c in items and items[c][-1] > bought):
                    continue
                waiting = [gap for gap in gaps[a, c] if gap is None or gap > passed]
                coming = sorted(gap for gap in waiting if gap is not None)
                if coming:
                    score = len(coming) / len(waiting) / (base_rates[number] if base_rates else 1)
                    due = bought + coming[(len(coming) - 1) // 2]
                    best[c] = min(best.get(c, (0, 0, 0)), (-score, number, date(due)))
            made[customer] = [(c, -score, due) for c, (score, _, due) in sorted(best.items(), key=lambda kv: kv[1][:2])][:most]
        return {customer: offers for customer, offers in made.items() if offers}


def found_offers(place, step="next_offer", out="out"):
    found = collections.defaultdict(list)
    header, *lines = place.rows(f"{out}/{step}/offers.csv")
    check_equal(header, ["user_id", "item_id", "rank", "score", "source", "confidence", "lift", "count", "due"], "columns of offers.csv")
    for user, item, rank, score, source, *_, due in lines:
        found[int(user)].append((item, float(score), due))
        check_equal(int(rank), len(found[int(user)]), "rank of an offer")
        check(source.endswith(f" -> {item}"), f"source of an offer: {source}")
    return dict(found)


def planted():
    """The offers, their scores and days, and that they beat what is popular."""
    rows = make_rows()
    steps = [{**KEYS, "id": "best", "as_of": date(AS_OF), "horizon": f"{HORIZON}d"},
             {**KEYS, "id": "again", "as_of": date(AS_OF), "score": "lift", "exclude_held": False, "max_q_value": 1, "min_lift": 0},
             {**KEYS, "id": "today"}]
    with Workplace() as place:
        first = None
        for ranks, threads in [(1, 1), (2, 2), (3, 1)]:
            if not place.must_run(offer_job(place, rows, *steps), out=f"out-{ranks}", ranks=ranks, threads=threads):
                return
            hashes = tree_hashes(place.path / f"out-{ranks}")
            first = first or hashes
            check_equal(hashes, first, f"files at {ranks} ranks, {threads} threads")
        last = max(day for _, day, _ in rows)
        for step, as_of, exclude_held in (("best", AS_OF, True), ("again", AS_OF, False), ("today", last + 1, True)):
            recount = Recount(rows, as_of, WITHIN)
            header, *lines = place.rows(f"out-1/{step}/rules.csv")
            rules = [tuple(line[:2]) for line in lines]
            check_equal(rules[0], ("A", "C"), f"{step}: best rule")
            for (a, c), line in zip(rules, lines):
                gaps = recount.gaps(a, c)
                counted = [str(len(gaps)), str(sum(gap is not None for gap in gaps))]
                check_equal(line[-2:], counted, f"{step}: purchases and followed of {a} -> {c}")
            base_rates = [float(line[header.index("base_rate")]) for line in lines] if step == "again" else None
            expected, found = recount.offers(rules, 2, exclude_held, base_rates), found_offers(place, step, "out-1")
            check_equal(found, expected, f"{step}: offers")
            metrics = place.json(f"out-1/{step}/result.json")["metrics"]
            check_equal(metrics["as_of"], date(as_of), f"{step}: as_of")
            for days in (7, 14, 28):
                soon = sum(due < date(as_of + days) for offers in found.values() for _, _, due in offers)
                check_equal(metrics[f"offers_due_in_{days}_days"], soon, f"{step}: offers due in {days} days")
        waiting = [c for c, items in Recount(rows, AS_OF, WITHIN).days.items()
                   if "C" not in items and items["A"] and AS_OF - 40 < items["A"][-1]]
        offers = found_offers(place, "best", "out-1")
        check(len(waiting) > 20 and all(offers[c][0][0] == "C" for c in waiting), f"who waits for C is offered C: {waiting}")
        metrics = place.json("out-1/best/result.json")["metrics"]
        check(metrics["tested_customers"] > 50 and metrics["precision@2"] > 1.5 * metrics["popularity_precision@2"],
              f"precision {metrics['precision@2']}, of the popular {metrics['popularity_precision@2']}")
        tables = [table["name"] for table in place.json("out-1/best/result.json")["tables"]]
        check_equal(tables, ["backtest", "due", "rules", "delay_curves"], "tables of the report")


def whole_days():
    """The time of day says nothing: a column of whole days leaves the same offers."""
    rows = make_rows(80)
    with Workplace() as place:
        made = []
        for clock in (True, False):
            if not place.must_run(offer_job(place, rows, KEYS, clock=clock), out=f"out-{clock}", ranks=2):
                return
            made.append(found_offers(place, out=f"out-{clock}"))
        check_equal(made[0], made[1], "offers by dates")
        check(made[0], "there are offers")


def little():
    """Nobody with a history, one customer, no frequent item: no offer, and no failure."""
    cases = {"nobody": (make_rows(30), {"as_of": date(-5)}), "one": ([(7, 3, "A"), (7, 30, "C"), (7, 90, "A")], {"min_support": 1}),
             "rare": (make_rows(30), {"min_support": 1000})}
    for name, (rows, keys) in cases.items():
        with Workplace() as place:
            if not place.must_run(offer_job(place, rows, {**KEYS, **keys}), ranks=2):
                continue
            metrics = place.json("out/next_offer/result.json")["metrics"]
            check_equal((metrics["offers"], found_offers(place)), (0, {}), f"{name}: offers")
            check_equal(metrics["customers_with_history"], 0 if name == "nobody" else len({row[0] for row in rows}), f"{name}: histories")


def bad_input():
    plain = {"as_of": date(AS_OF), "horizon": "40d"}
    cases = [({"within": "0d"}, 78, "within: '0d' is no whole number of days"), ({"within": "12h"}, 78, "within: '12h' is no whole number"),
             ({"within": "soon"}, 78, "'soon' is no span of time"), ({"within": "45d", "max_len": 3}, 78, "max_len: says nothing of rules"),
             ({"within": "45d", "look_at": "last_day"}, 78, "look_at: says nothing"), ({"within": "45d", "basket": "customer"}, 78, "basket: says"),
             ({"within": "45d", "level": "all", "taxonomy": "a.csv"}, 78, "followed by its own categories"),
             ({"max_rules": 5}, 78, "max_rules: says nothing of rules of baskets"), ({"as_of": "2024-02-30", "within": "45d"}, 78, "as_of"),
             ({**KEYS, "max_rules": 1, "max_q_value": 1, "min_lift": 0}, 14, "max_rules = 1"),
             ({**plain, "horizon": "41d", "basket": "customer"}, 65, f"runs to {date(240)}, but the last event of transactions is of {date(239)}"),
             ({**plain, "horizon": "41d", "within": "45d"}, 65, f"set horizon to 40d, or as_of to {date(199)} or earlier"),
             ({**plain, "as_of": date(300), "basket": "customer"}, 65, f"set as_of to {date(200)} or earlier")]
    rows = make_rows(60) + [(0, 239, "A")]
    with Workplace() as place:
        if not place.must_run(offer_job(place, rows, {**KEYS, **plain}), out="data", ranks=1):
            return
        for keys, code, said in cases:
            found, _, error = place.run({"version": 1, "dataset": str(place.path / "data/data.cohort"), "steps": [{"next_offer": keys}]},
                                        ranks=2, options=["--overwrite"])
            check_equal(found, code, f"exit code of {keys}: {error}")
            check(said in error, f"{keys}: {error}")
            check(not (place.path / "out/next_offer").exists(), f"{keys} left a result")


planted()
whole_days()
little()
bad_input()
support.finish()
