#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The group_by job: random keys, measures and filters over purchases made here, against plain loops; keys of customers;
mistakes; the same bytes at other ranks.

usage: group_by_test.py COHORT
"""
import datetime
import math
import random

import support
from support import check, check_equal

CHANNELS = ["web", "shop", "phone, by day"]
START = datetime.datetime(2020, 1, 1)
SCALE = {"price": 100, "amount": 100}


def purchases(seed, rows=900):
    """Events in no order; None is missing."""
    rng = random.Random(seed)
    return [{"customer": rng.randrange(60), "time": START + datetime.timedelta(minutes=rng.randrange(800_000)),
             "channel": rng.choice([None] + CHANNELS), "item": rng.randrange(12) * 10**15, "basket": rng.randrange(300),
             "quantity": rng.choice([None, -2, -1, 1, 1, 3, 10]), "price": rng.choice([None, 0, 99, 250, 12345])} for _ in range(rows)]


def ingest(rows):
    lines = ["customer,time,channel,item,basket,quantity,price"]
    for r in rows:
        price = "" if r["price"] is None else f"{r['price'] / 100:.2f}"
        channel = "" if r["channel"] is None else f'"{r["channel"]}"'
        lines.append(f"{r['customer']},{r['time']},{channel},{r['item']},{r['basket']},{'' if r['quantity'] is None else r['quantity']},{price}")
    names = ["customer", "time", "channel", "item", "basket", "quantity", "price"]
    types = {"customer": "int64", "item": "int64", "basket": "int32", "quantity": "int32", "price": "decimal(2)", "channel": "category"}
    return "\n".join(lines) + "\n", support.ingest_job({name: name for name in names}, types)


def key_of(row, key):
    """As groups.csv writes it; missing is empty."""
    if "(" not in key:
        return "" if row[key] is None else str(row[key])
    part, day = key.split("(")[0], row["time"].date()
    starts = {"day": day, "week": day - datetime.timedelta(day.weekday()), "month": day.replace(day=1),
              "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1), "year": day.replace(month=1, day=1),
              "hour": row["time"].hour, "weekday": day.isoweekday()}
    return str(starts[part])


def value_of(row, of):
    if of == "amount":
        return None if row["quantity"] is None or row["price"] is None else row["quantity"] * row["price"]
    return row[of]


def passes(row, where):
    for column, text in where.items():
        value = row[column]
        if value is None:
            return False
        if column == "channel":
            inside = value in text.lstrip("!").split("|")
        else:
            scale = SCALE.get(column, 1)
            number = float(text.lstrip("!<>=")) * scale
            compare = text.lstrip("!")
            inside = (value < number if compare.startswith("<") else value >= number if compare.startswith(">=") else value == number)
        if inside == text.startswith("!"):
            return False
    return True


def figure(rows, measure):
    stat, of = measure["stat"], measure.get("of", "")
    rows = [row for row in rows if passes(row, measure.get("where", {}))]
    if not of:
        return len(rows)
    values = sorted(value for row in rows if (value := value_of(row, of)) is not None)
    if stat in ("count", "distinct"):
        return len(values if stat == "count" else set(values))
    if stat == "sum":
        return sum(values) / SCALE.get(of, 1)
    if not values:
        return None
    if stat == "quantile":
        position = measure["q"] * (len(values) - 1)
        low, share = int(position), position - int(position)
        high = min(low + 1, len(values) - 1)
        return (values[low] + (values[high] - values[low]) * share) / SCALE.get(of, 1)
    return {"mean": sum(values) / len(values), "min": values[0], "max": values[-1]}[stat] / SCALE.get(of, 1)


def random_measure(rng):
    stat = rng.choice(["count", "sum", "mean", "min", "max", "distinct", "quantile"])
    measure = {"stat": stat, "of": rng.choice(["quantity", "price", "amount", "item"])}
    if stat == "quantile":
        measure["q"] = rng.choice([0, 0.1, 0.5, 0.9, 1])
    if stat == "distinct" and rng.random() < 0.5:
        measure["of"] = rng.choice(["channel", "basket"])
    if stat == "count" and rng.random() < 0.5:
        del measure["of"]
    if rng.random() < 0.5:
        measure["where"] = rng.choice([{"channel": "web|shop"}, {"channel": "!web"}, {"quantity": "<0"}, {"price": ">=1", "quantity": "!1"}])
    return measure


def random_steps(rng, count):
    keys = ["channel", "item", "basket", "quantity"] + [f"{part}(time)" for part in ("day", "week", "month", "quarter", "year", "hour", "weekday")]
    steps = []
    for i in range(count):
        step = {"id": f"g{i}", "by": rng.sample(keys, rng.choice([0, 1, 1, 2, 3])),
                "measures": {f"m{m}": random_measure(rng) for m in range(rng.choice([1, 2, 4]))}}
        if rng.random() < 0.3:
            step["where"] = rng.choice([{"channel": "shop"}, {"quantity": ">=1"}, {"price": "<1"}])
        steps.append({"group_by": step})
    return steps


def order_of(key, text):
    """Keys ascend by value, labels by bytes, missing last."""
    number = key in ("item", "basket", "quantity", "hour(time)", "weekday(time)")
    return (text == "", int(text) if number and text else 0, "" if number else text.encode())


def check_step(place, folder, step, rows):
    groups = {}
    for row in rows:
        if passes(row, step.get("where", {})):
            groups.setdefault(tuple(key_of(row, key) for key in step["by"]), []).append(row)
    header, *found = place.rows(f"{folder}/{step['id']}/groups.csv")
    names = sorted(step["measures"])
    check_equal(header, [key.replace(")", "").split("(")[-1] + ("_" + key.split("(")[0] if "(" in key else "") for key in step["by"]] + names,
                f"header of {step}")
    ordered = sorted(groups, key=lambda keys: [order_of(key, text) for key, text in zip(step["by"], keys)])
    check_equal([tuple(row[: len(step["by"])]) for row in found], ordered, f"keys of {step}")
    for row in found:
        members = groups[tuple(row[: len(step["by"])])]
        for name, text in zip(names, row[len(step["by"]):]):
            expected = figure(members, step["measures"][name])
            equal = text == "" if expected is None else text != "" and math.isclose(float(text), expected, rel_tol=1e-12, abs_tol=1e-12)
            check(equal, f"{name} = {step['measures'][name]} of {row}: found {text}, expected {expected}")
    metrics = place.json(f"{folder}/{step['id']}/result.json")["metrics"]
    check_equal((metrics["groups"], metrics["rows_used"]), (len(groups), sum(map(len, groups.values()))), "metrics")


def test_random_steps():
    rows = purchases(5)
    text, job = ingest(rows)
    job["steps"] += random_steps(random.Random(6), 40)
    with support.Workplace() as place:
        place.write("a.csv", text)
        if not place.must_run(job, threads=2):
            return
        for step in job["steps"][1:]:
            check_step(place, "out", step["group_by"], rows)
        if place.must_run(job, out="other", ranks=3):
            check_equal(support.tree_hashes(place.path / "other"), support.tree_hashes(place.path / "out"), "bytes at 3 ranks")


def test_keys_of_customers():
    rows = purchases(7, 400)
    text, job = ingest(rows)
    best = {"id": "best", "by": ["concentration.segment_name"], "measures": {"n": {"stat": "count"}, "baskets": {"stat": "distinct", "of": "basket"}}}
    job["steps"] += [{"features": {"as_of": "2022-01-01"}}, {"concentration": {}}, {"group_by": best},
                     {"group_by": {"id": "people", "input": "features", "by": ["concentration.segment_name"],
                                   "measures": {"money": {"stat": "sum", "of": "monetary"}, "least": {"stat": "min", "of": "monetary"}}}}]
    with support.Workplace() as place:
        place.write("a.csv", text)
        if not place.must_run(job, ranks=2):
            return
        name = next(path for path in (place.path / "out/concentration").glob("*.csv"))
        header, *lines = place.rows(name)
        class_of = {row[0]: row[header.index("segment_name")] for row in lines}
        counts = {}
        for row in rows:
            counts[class_of[str(row["customer"])]] = counts.get(class_of[str(row["customer"])], 0) + 1
        _, *found = place.rows("out/best/groups.csv")
        check_equal({row[0]: int(row[2]) for row in found}, counts, "events by class of their customers")
        header, *features = place.rows("out/features/features.csv")
        money = {}
        for row in features:
            money.setdefault(class_of[row[0]], []).append(float(row[header.index("monetary")]))
        _, *found = place.rows("out/people/groups.csv")
        for label, least, total in found:
            check(math.isclose(float(total), sum(money[label]), rel_tol=1e-9), f"money of class {label}")
            check_equal(float(least), min(money[label]), f"least of class {label}")


def test_mistakes_and_nothing():
    rows = purchases(9, 30)
    text, job = ingest(rows)
    mistakes = [({"by": ["moon(time)"]}, "no key"), ({"by": ["colour"]}, "colour"), ({"by": ["month(item)"]}, "type"),
                ({"measures": {"m": {"stat": "sum"}}}, "of"), ({"measures": {"m": {"stat": "mean", "of": "channel"}}}, "channel"),
                ({"where": {"channel": "wbe"}}, "web"), ({"top_by": "x"}, "x"), ({"input": "nowhere"}, "nowhere"),
                ({"by": ["item"], "measures": {"item": {}}}, "name")]
    with support.Workplace() as place:
        place.write("a.csv", text)
        if not place.must_run(job):
            return
        for keys, word in mistakes:
            code, _, err = place.run({**job, "steps": [{"group_by": {"by": ["item"], **keys}}]}, options=["--overwrite"])
            check(code in (66, 78) and word in err, f"{keys}: ends with {code}: {err}")
        nothing = {"id": "none", "by": ["item"], "where": {"quantity": ">=1000"}}
        if place.must_run({**job, "steps": [{"group_by": nothing}]}, options=["--overwrite"]):
            check_equal(place.rows("out/none/groups.csv"), [["item", "rows"]], "groups of no rows")


if __name__ == "__main__":
    test_random_steps()
    test_keys_of_customers()
    test_mistakes_and_nothing()
    support.finish()
