#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Windows of the features job: 1,000 random ones on three dates in one scan, against the definitions as plain loops over
purchases made here; mistakes in windows; the same bytes at other ranks.

usage: windows_test.py COHORT [pandas]     with `pandas` the oracle is pandas (tests/reference/windows_pandas.py)
"""
import datetime
import importlib.util
import math
import pathlib
import random
import statistics
import sys

import support
from support import check, check_equal

FIRST = datetime.date(2020, 1, 1)
DATES = [datetime.date(2021, 1, 1), datetime.date(2020, 3, 15), datetime.date(2020, 7, 1)]
CHANNELS = ["web", "shop", "phone, by day"]
SCALE = {"quantity": 1, "price": 100, "amount": 100, "": 1, "channel": 1, "item": 1, "day": 1}


def purchases(seed, customers=40):
    """Events by customer and time; None is missing."""
    rng = random.Random(seed)
    rows = []
    for customer in range(customers):
        for event in sorted(rng.randrange(500) for _ in range(rng.choice([1, 2, 5, 12, 40]))):
            rows.append({"customer": customer, "date": FIRST + datetime.timedelta(event),
                         "order": rng.choice([None] + [customer * 100 + event // 20 + i for i in range(4)]),
                         "quantity": rng.choice([None, -2, -1, 1, 1, 3, 10]), "price": rng.choice([None, 0, 99, 250, 12345]),
                         "channel": rng.choice([None] + CHANNELS), "item": rng.randrange(6)})
    return rows


def random_window(rng):
    stat = rng.choice(["count", "sum", "mean", "sd", "min", "max", "distinct", "share", "recency", "gap", "trend"])
    of = rng.choice(["quantity", "price", "amount"])
    if stat in ("count", "share", "sum", "gap", "recency") and rng.random() < 0.3:
        of = ""
    if stat in ("count", "distinct") and rng.random() < 0.3:
        of = rng.choice(["channel", "item"])
    window = {"stat": stat, "of": of, "last": rng.choice(["all", "30d", "90 days", "365d", "1 order", "2 orders", "5 orders"]),
              "per": rng.choice(["event", "event", "order"]) if of not in ("channel",) else "event", "where": {}}
    if rng.random() < 0.6:
        window["where"]["channel"] = rng.choice(["web", "!web", "web|shop", "phone, by day"])
    if rng.random() < 0.4:
        window["where"]["quantity"] = rng.choice(["<0", ">=1", "1", "!1", "<=3", ">2.5"])
    if rng.random() < 0.3:
        window["where"]["price"] = rng.choice(["<1", "0.99", ">2.495", "!2.50"])
    return window


def value_of(row, of):
    if of == "":
        return 1
    if of == "amount":
        return None if row["quantity"] is None or row["price"] is None else row["quantity"] * row["price"]
    return row[of]


def passes(row, where):
    for column, test in where.items():
        value = row[column]
        if value is None:
            return False
        if column == "channel":
            inside = value in test.lstrip("!").split("|")
        else:
            number = value / SCALE[column]
            sign = test.rstrip("0123456789.")
            bound = float(test[len(sign):])
            inside = {"<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound}.get(sign, number == bound)
        if inside == test.startswith("!"):
            return False
    return True


def select(rows, window, as_of, filtered):
    rows = [r for r in rows if r["date"] < as_of and (not filtered or passes(r, window["where"]))]
    number = int(window["last"].rstrip("days orders")) if window["last"] != "all" else None
    if number and "order" not in window["last"]:
        rows = [r for r in rows if (as_of - r["date"]).days <= number]
    if window["per"] == "order" or "order" in window["last"]:
        rows = [r for r in rows if r["order"] is not None]
    if "order" in window["last"]:
        latest = list(dict.fromkeys(r["order"] for r in reversed(rows)))[:number]
        rows = [r for r in rows if r["order"] in latest]
    return rows


def points(rows, window):
    """(date, value) of events, or of orders by the date of their last event."""
    if window["per"] == "event":
        return [(r["date"], value_of(r, window["of"])) for r in rows]
    orders = {}
    for row in rows:
        orders.setdefault(row["order"], []).append(row)
    found = []
    for events in orders.values():
        known = [v for v in (value_of(r, window["of"]) for r in events) if v is not None]
        found.append((events[-1]["date"], sum(known) if known else None))
    return sorted(found, key=lambda point: point[0])


def trend(known, scale):
    days = {}
    for date, value in known:
        days[date.toordinal()] = days.get(date.toordinal(), 0) + value
    if len(days) < 2:
        return None
    mean_day, mean_value = statistics.fmean(days), statistics.fmean(days.values())
    return sum((d - mean_day) * (v - mean_value) for d, v in days.items()) / sum((d - mean_day) ** 2 for d in days) / scale


def oracle(rows, window, as_of):
    stat, scale = window["stat"], SCALE[window["of"]]
    if stat == "share":
        everything = select(rows, window, as_of, False)
        whole = sum(v for _, v in points(everything, window) if v is not None)
        part = sum(v for _, v in points([r for r in everything if passes(r, window["where"])], window) if v is not None)
        return part / whole if whole else None
    found = points(select(rows, window, as_of, True), window)
    known = [(d, v) for d, v in found if v is not None]
    values = [v for _, v in known]
    dates = sorted({d for d, _ in found})
    if stat == "recency":
        return (as_of - dates[-1]).days if dates else None
    if stat == "gap":
        return (dates[-1] - dates[0]).days / (len(dates) - 1) if len(dates) > 1 else None
    if stat == "trend":
        return trend(known, scale)
    if stat in ("count", "distinct"):
        return len(values) if stat == "count" else len(set(values))
    if stat == "sum":
        return sum(values) / scale
    if stat == "sd":
        return statistics.stdev(values) / scale if len(values) > 1 else None
    return {"mean": statistics.fmean, "min": min, "max": max}[stat](values) / scale if values else None


def same(found, wanted):
    if wanted is None or found == "":
        return wanted is None and found == ""
    return math.isclose(float(found), wanted, rel_tol=1e-9, abs_tol=1e-9)


def text_of(rows):
    def cell(value):
        return "" if value is None else f'"{value}"' if isinstance(value, str) else str(value)
    # Each at a second of its own: events of one time are ordered by their values, not by their place in the file.
    lines = [f"{r['customer']},{r['date']} 10:{i // 60:02}:{i % 60:02},{cell(r['order'])},{cell(r['quantity'])},"
             f"{'' if r['price'] is None else format(r['price'] / 100, '.2f')},{cell(r['channel'])},{r['item']}"
             for i, r in enumerate(rows)]
    return "c,t,o,q,p,ch,i\n" + "\n".join(lines) + "\n"


def job(windows, **keys):
    step = {"features": {"as_of": str(DATES[0]), "also_as_of": [str(d) for d in DATES[1:]], "windows": windows, **keys}}
    return support.ingest_job({"customer": "c", "time": "t", "basket": "o", "quantity": "q", "price": "p", "channel": "ch", "item": "i"},
                              {"customer": "int64", "basket": "int64", "quantity": "int32", "price": "decimal(2)", "channel": "category",
                               "item": "int32"}, shards=3, steps=[step])


def windows_like_pandas(rows, windows):
    path = pathlib.Path(__file__).resolve().parents[1] / "reference" / "windows_pandas.py"
    spec = importlib.util.spec_from_file_location("windows_pandas", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.oracle_of(rows, windows)


def random_windows():
    rng = random.Random(7)
    rows, windows = purchases(3), {f"w{i:04}": random_window(rng) for i in range(1000)}
    of_customer = {}
    for row in rows:
        of_customer.setdefault(row["customer"], []).append(row)
    wanted = (windows_like_pandas(rows, windows) if "pandas" in sys.argv else
              lambda customer, name, date: oracle(of_customer[customer], windows[name], date))
    hashes = set()
    for ranks, threads in ((1, 2), (3, 1)):
        with support.Workplace() as work:
            work.write("a.csv", text_of(rows))
            if not work.must_run(job(windows, summary=False), ranks=ranks, threads=threads):
                return
            hashes.add(str(support.tree_hashes(work.path / "out")))
            if ranks > 1:
                continue
            for date in DATES:
                folder = "out/features" + ("" if date == DATES[0] else f"/{date}")
                table = work.rows(folder + "/features.csv")
                wrong = []
                for line in table[1:]:
                    row = dict(zip(table[0], line))
                    wrong += [(name, line[0], row[name], wanted(int(line[0]), name, date)) for name in windows
                              if not same(row[name], wanted(int(line[0]), name, date))]
                check(len(table) == len(of_customer) + 1, f"rows of {folder}: {len(table)}")
                check(not wrong, f"{date}: {len(wrong)} wrong, such as {[(w, windows[w[0]]) for w in wrong[:2]]}")
    check_equal(len(hashes), 1, "different bytes at 1 and 3 ranks")


def mistakes():
    cases = [({"w": {"last": "90"}}, "last: '90'"), ({"w": {"stat": "mean"}}, "needs values"),
             ({"w": {"where": {"channel": "wbe"}}}, "did you mean 'web'?"), ({"w": {"where": {"colour": "red"}}}, "no column 'colour'"),
             ({"w": {"stat": "sum", "of": "channel"}}, "of type category"), ({"w": {"where": {"quantity": "many"}}}, "is no number"),
             ({"frequency": {}}, "there is a feature of this name"), ({"w": {"stat": "median"}}, "median"), ({"w": {"lst": "90d"}}, "did you mean")]
    for windows, complaint in cases:
        with support.Workplace() as work:
            work.write("a.csv", text_of(purchases(5, customers=3)))
            code, _, err = work.run(job(windows))
            check(code in (65, 78) and complaint in err, f"{windows}: {code} {err}")


random_windows()
mistakes()
support.finish()
