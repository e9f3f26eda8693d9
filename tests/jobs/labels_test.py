#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""labels as a user runs them: equal to a count by hand, no event on both sides of the date, what is refused.

usage: labels_test.py COHORT
"""
import csv
import datetime

from support import Workplace, check, check_equal, finish, ingest_job

MAP = {"customer": "id", "time": "day", "basket": "basket", "item": "item", "quantity": "quantity", "price": "price"}
TYPES = {"customer": "int64", "price": "decimal(2)"}
START = datetime.date(2024, 1, 1)
AS_OF = datetime.date(2024, 3, 1)
DAYS = 20


def purchases(customers=40):
    """(id, day, quantity, cents): some customers stop, some come back, some are new after the date."""
    rows = []
    for customer in range(1, customers + 1):
        first, last = (customer * 7) % 70, 30 + (customer * 13) % 55
        for n, day in enumerate(range(first, last, 3 + customer % 9)):
            rows.append((customer, START + datetime.timedelta(days=day), 1 + n % 3, 199 + customer))
    rows.append((1, AS_OF, 1, 500))  # the first day of the window
    rows.append((2, AS_OF + datetime.timedelta(days=DAYS), 1, 500))  # the day after it
    return rows


def text(rows):
    lines = ["id,day,basket,item,quantity,price"]
    for i, (customer, day, quantity, cents) in enumerate(rows):
        lines.append(f"{customer},{day} 12:00:00,{i},i{i % 5},{quantity},{cents / 100:.2f}")
    return "\n".join(lines) + "\n"


def by_hand(rows, label):
    expected = {}
    for customer in sorted({row[0] for row in rows if row[1] < AS_OF}):
        window = [row for row in rows if row[0] == customer and 0 <= (row[1] - AS_OF).days < DAYS]
        expected[customer] = {
            "churn": int(not window),
            "purchase": int(bool(window)),
            "amount": sum(row[2] * row[3] for row in window) / 100,
            "days_to_purchase": min(((row[1] - AS_OF).days for row in window), default=DAYS),
        }[label]
    return expected


def job(*steps):
    return ingest_job(MAP, TYPES, path="a.csv", steps=list(steps))


def labels(name, **keys):
    return {"labels": {"id": name, "input": "past", "label": name, "within_days": DAYS, **keys}}


PAST = {"features": {"id": "past", "as_of": str(AS_OF)}}


def table(place, file):
    with open(place.path / "out" / file, newline="") as lines:
        return list(csv.DictReader(lines))


def equal_to_a_count_by_hand():
    rows = purchases()
    names = ["churn", "purchase", "amount", "days_to_purchase"]
    with Workplace() as place:
        place.write("a.csv", text(rows))
        code, _, err = place.run(job(PAST, *(labels(name) for name in names)))
        check_equal(code, 0, err)
        for name in names:
            found = {int(row["customer_id"]): float(row[name]) for row in table(place, f"{name}/labels.csv")}
            check_equal(found, by_hand(rows, name), name)
        known = [row for row in table(place, "past/features.csv") if row["recency_days"]]
        kept = [{k: v for k, v in row.items() if k != "churn"} for row in table(place, "churn/labels.csv")]
        check_equal(kept, known, "features beside the label")


def features_know_nothing_of_the_future():
    """The leak test: features of data that end at the date are the same bytes; those of a later date are not."""
    rows = purchases()
    with Workplace() as whole, Workplace() as cut:
        whole.write("a.csv", text(rows))
        cut.write("a.csv", text([row for row in rows if row[1] < AS_OF]))
        later = {"features": {"id": "leaking", "as_of": str(AS_OF + datetime.timedelta(days=5))}}
        for place in (whole, cut):
            code, _, err = place.run(job(PAST, later))
            check_equal(code, 0, err)
        known = [row for row in table(whole, "past/features.csv") if row["recency_days"]]
        check_equal(known, table(cut, "past/features.csv"), "features without the future")
        leaking = {row["customer_id"]: row["monetary"] for row in table(whole, "leaking/features.csv")}
        check(any(leaking[row["customer_id"]] != row["monetary"] for row in table(cut, "leaking/features.csv")),
              "a planted leak is not seen")


def split_by_time():
    later = {"features": {"id": "later", "as_of": str(AS_OF + datetime.timedelta(days=10))}}
    model = {"logistic": {"input": "churn", "label": "churn", "features": ["recency_days", "frequency"],
                          "holdout": {"input": "test"}}}
    test = {"labels": {"id": "test", "input": "later", "label": "churn", "within_days": 10}}
    with Workplace() as place:
        place.write("a.csv", text(purchases()))
        code, _, err = place.run(job(PAST, later, labels("churn"), test, model))
        check_equal(code, 0, err)
        metrics = place.json("out/logistic/result.json")["metrics"]
        check_equal(metrics["judged_on"], "test", "judged on")
        check_equal(metrics["judged_rows"], len(table(place, "test/labels.csv")), "judged rows")


def labels_of_labels():
    """Those who were not yet known have no row in a table of labels, and a second label finds the others' rows."""
    rows = purchases()
    with Workplace() as place:
        place.write("a.csv", text(rows))
        code, _, err = place.run(job(PAST, labels("churn"), {"labels": {"id": "both", "input": "churn", "label": "amount",
                                                                        "within_days": 20}}))
        check_equal(code, 0, err)
        found = {int(row["customer_id"]): float(row["amount"]) for row in table(place, "both/labels.csv")}
        check_equal(found, by_hand(rows, "amount"), "amount beside churn")


def labels_of_other_customers():
    rows = purchases()
    others = [(customer + 1, *rest) for customer, *rest in rows]
    with Workplace() as place, Workplace() as other:
        place.write("a.csv", text(rows))
        other.write("a.csv", text(others))
        other.run(job(PAST))
        code, _, err = place.run(job(PAST, labels("churn", input=str(other.path / "out" / "past" / "table"))))
        check_equal(code, 78, err)
        check("its customers" in err or "are not those of the dataset" in err, err)


def refused(code, word, *steps):
    with Workplace() as place:
        place.write("a.csv", text(purchases()))
        found, _, err = place.run(job(*steps))
        check_equal(found, code, err)
        check(word in err, f"'{word}' is not said: {err}")


equal_to_a_count_by_hand()
features_know_nothing_of_the_future()
split_by_time()
labels_of_labels()
labels_of_other_customers()
refused(65, "the window runs to", PAST, labels("churn", within_days=60))
refused(65, "holdout finds none", PAST, labels("churn"),
        {"logistic": {"input": "churn", "label": "churn", "features": ["recency_days"],
                      "holdout": {"column": "frequency", "value": "99999"}}})
refused(78, "not as of a date", PAST, labels("churn", input="dataset"))
refused(78, "quantity", PAST, labels("amount", quantity="pieces"))
finish()
