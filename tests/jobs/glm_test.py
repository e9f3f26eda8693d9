#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The linear family as a user runs it, against tests/reference/glm_reference.json: laws with log link, offsets, weights,
penalties, robust and clustered errors, variance inflation; the same bits on any ranks; labels that a law cannot have.

usage: glm_test.py COHORT
"""
import json
import math
import pathlib

from support import Workplace, check, check_equal, finish, ingest_job, tree_hashes

NUMBERS = ("age", "visits", "income", "log_exposure", "weight", "shop", "count", "amount", "spend", "bought", "value")
REGIONS = ("east", "north", "south")
FEATURES = ["age", "visits", "income", "region"]


def customers(rows=400):
    """Rows by a linear congruential generator: the same with any Python, for this test and for the reference."""
    state = 12345

    def uniform():
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 11) / 2**53

    table = []
    for i in range(rows):
        age, visits, region = 18 + int(uniform() * 60), int(uniform() ** 2 * 12), REGIONS[int(uniform() * 3)]
        income = round(20 + age / 2 + 30 * uniform(), 2)
        log_exposure, shop = round(math.log(0.25 + 2 * uniform()), 4), i * 7919 % 23
        eta = 0.4 + 0.01 * age + 0.08 * visits - (0.5 if region == "south" else 0) + (shop % 5 - 2) / 6
        count = int(-math.log(1 - uniform()) * math.exp(eta + log_exposure) * 0.9 + 0.3)
        amount = round(math.exp(eta) * (0.2 - math.log(1 - uniform())), 3) + 0.01
        spend = 0 if uniform() < 0.4 else amount
        bought = int(uniform() < 1 / (1 + math.exp(1.5 - eta)))
        value = round(10 + 3 * visits - 0.2 * age + (uniform() - 0.5) * (1 + age / 4) + shop % 5, 3)
        table.append({"age": age, "visits": visits, "income": income, "region": region, "log_exposure": log_exposure,
                      "weight": 1 + i % 3, "shop": shop, "count": count, "amount": amount, "spend": spend,
                      "bought": bought, "value": value})
    return table


def model(kind, name, label, **keys):
    return {kind: {"id": name, "input": "dataset", "label": label, "features": FEATURES, **keys}}


EXACT = {"tol": 1e-11}
MODELS = [
    model("glm", "poisson", "count", family="poisson", offset="log_exposure", **EXACT),
    model("glm", "poisson_hc0", "count", family="poisson", offset="log_exposure", covariance="HC0", **EXACT),
    model("glm", "quasi_poisson", "count", family="poisson", dispersion="pearson", **EXACT),
    model("glm", "gamma", "amount", family="gamma", weight="weight", **EXACT),
    model("glm", "gamma_hc0", "amount", family="gamma", covariance="HC0", **EXACT),
    model("glm", "tweedie", "spend", family="tweedie", power=1.6, offset="log_exposure", **EXACT),
    model("glm", "tweedie_cluster", "spend", family="tweedie", power=1.6, covariance="cluster", group="shop", **EXACT),
    model("glm", "poisson_l2", "count", family="poisson", alpha=0.1, **EXACT),
    model("linear", "ols", "value"),
    model("linear", "hc0", "value", covariance="HC0"),
    model("linear", "hc1", "value", covariance="HC1"),
    model("linear", "hc3", "value", covariance="HC3"),
    model("linear", "cluster", "value", covariance="cluster", group="shop"),
    model("linear", "lasso", "value", penalty="l1", alpha=0.5, path=20),
    model("linear", "elasticnet", "value", penalty="elasticnet", alpha=0.3, l1_ratio=0.4, scale="standard"),
    model("glm", "poisson_lbfgs", "count", family="poisson", alpha=0.1, solver="lbfgs", tol=1e-9),
    model("logistic", "logit_hc0", "bought", covariance="HC0", **EXACT),
    model("logistic", "logit_cluster", "bought", covariance="cluster", group="shop", **EXACT),
    model("logistic", "logit_l1", "bought", penalty="l1", C=0.2, scale="standard", **EXACT),
]


def job(steps):
    types = {name: "float64" for name in NUMBERS} | {"region": "category"}
    return ingest_job({"customer": "$row", **{name: name for name in types}}, types, table="customers", steps=steps)


def csv_of(table):
    return "\n".join([",".join(table[0]), *(",".join(map(str, row.values())) for row in table)]) + "\n"


def close(found, expected, what, tolerance=1e-8):
    check(math.isclose(found, expected, rel_tol=tolerance, abs_tol=tolerance), f"{what}: {found}, not {expected}")


def compare(place, name, expected):
    result = place.json(f"out/{name}/result.json")
    tables = {table["name"]: table for table in result["tables"]}
    found = {row[0]: row for row in tables["coefficients"]["rows"]}
    for term, figures in expected["coefficients"].items():
        for at, figure in zip((1, 2, 7), figures):
            tolerance = 1e-8 if len(figures) > 1 else 1e-6  # of a penalised fit the reference is the less exact
            close(found[term][at], figure, f"{name} {term} column {at}", tolerance)
    for metric, value in expected["metrics"].items():
        if metric == "objective":
            check(result["metrics"][metric] <= value + 1e-9 * abs(value), f"{name}: {result['metrics'][metric]} above {value}")
        else:
            close(result["metrics"][metric], value, f"{name} {metric}")
    if "path" in expected:
        for row, point in zip(tables["path"]["rows"], expected["path"], strict=True):
            close(row[1], point[0], f"{name}: alpha of the path")
            check(row[3] <= point[1] + 1e-9, f"{name}: objective {row[3]} at alpha {row[1]}, not {point[1]}")


def known_answers():
    expected = json.loads((pathlib.Path(__file__).parents[1] / "reference/glm_reference.json").read_text())
    expected["poisson_lbfgs"] = expected["poisson_l2"]
    with Workplace() as place:
        place.write("a.csv", csv_of(customers()))
        if not place.must_run(job(MODELS)):
            return
        for name, figures in expected.items():
            compare(place, name, figures)
        one = tree_hashes(place.path / "out")
        check(place.run(job(MODELS), out="out3", ranks=3, threads=2)[0] == 0, "3 ranks")
        check_equal({k: v for k, v in tree_hashes(place.path / "out3").items() if one.get(k) != v}, {}, "bits at 3 ranks")
        scores = place.rows("out/tweedie/scores.csv")
        check_equal(scores[0][:4], ["customer_id", "prediction", "decile", "rank"], "columns of scores.csv")
        again = [{"score": {"model": str(place.path / "out/tweedie/model.h5"), "data": "dataset"}}]
        if place.must_run(job(again), out="again"):
            check_equal(place.rows("again/score/scores.csv"), scores, "scores of the saved model")


def refused(change, step, code, *words):
    table = customers(60)
    for row in table[:1]:
        row.update(change)
    with Workplace() as place:
        place.write("a.csv", csv_of(table))
        found, _, err = place.run(job([step]))
        check_equal(found, code, f"exit code of {step}: {err}")
        for word in words:
            check(word in err, f"'{word}' is not said: {err}")


def bad_input():
    glm = {"family": "poisson"}
    refused({"count": -3}, model("glm", "g", "count", **glm), 65, "-3", "Poisson", "at least 0")
    refused({"amount": 0}, model("glm", "g", "amount", family="gamma"), 65, "gamma", "above 0", "tweedie")
    refused({"log_exposure": 2000}, model("glm", "g", "count", offset="log_exposure"), 65, "offset", "log of an exposure")
    refused({}, model("glm", "g", "count", power=2.5), 78, "power")
    refused({}, {"glm": {"input": "dataset", "label": "region"}}, 78, "category")
    refused({}, model("linear", "g", "value", covariance="cluster"), 78, "group")
    refused({}, model("linear", "g", "value", group="shop"), 78, "covariance: cluster")
    refused({}, model("linear", "g", "value", path=10), 78, "penalty: l1")
    refused({}, model("linear", "g", "value", penalty="l1", alpha=1, solver="lbfgs"), 78, "smooth")
    refused({}, model("logistic", "g", "bought", covariance="HC1", solver="lbfgs"), 78, "no standard errors")
    refused({"income": 0}, model("glm", "g", "count", exposure="income"), 65, "income is 0", "exposure")
    refused({}, model("glm", "g", "count", exposure="income", offset="log_exposure"), 78, "the same twice")
    refused({}, model("linear", "g", "value", sgd={"epochs": 3}), 78, "solver: sgd alone")
    refused({}, model("logistic", "g", "bought", penalty="l1", solver="sgd"), 78, "smooth")
    refused({"shop": ""}, model("linear", "g", "value", covariance="cluster", group="shop"), 65, "no cluster")
    refused({"weight": -1}, model("linear", "g", "value", weight="weight"), 65, "negative")
    refused({"income": ""}, model("glm", "g", "count", **glm), 65, "income", "missing for 1 of 60")


def what_is_said():
    table = customers(60)
    for row in table:
        row["count"] = 0 if row["region"] == "south" else row["count"]
        row["income"] = 2 * row["age"]
    with Workplace() as place:
        place.write("a.csv", csv_of(table))
        if place.must_run(job([model("glm", "g", "count"), model("linear", "h", "value")])):
            check_equal(place.json("out/g/result.json")["verdict"], "separated", "a region without any count")
            result = place.json("out/h/result.json")
            check_equal(result["metrics"]["collinear_terms"], 1, "income is twice the age")


def exposures():
    table = customers(200)
    for row in table:
        row["income"] = math.exp(row["log_exposure"])
        row["log_exposure"] = math.log(row["income"])
    features = {"features": ["age", "visits", "region"], **EXACT}
    steps = [model("glm", "offset", "count", **{"offset": "log_exposure", **features}),
             model("glm", "exposure", "count", **{"exposure": "income", **features})]
    with Workplace() as place:
        place.write("a.csv", csv_of(table))
        again = {"score": {"model": "exposure/model.h5", "data": "dataset"}}
        if place.must_run(job([*steps, again])):
            found = [next(t for t in place.json(f"out/{step}/result.json")["tables"] if t["name"] == "coefficients")["rows"]
                     for step in ("offset", "exposure")]
            for by_offset, by_exposure in zip(*map(sorted, found)):
                close(by_exposure[1], by_offset[1], f"exposure: {by_exposure[0]}")
            check_equal([row[8] for row in found[1] if row[0] == "log(income)"], ["offset: 1 by definition"], "the exposure's term")
            check_equal(place.rows("out/score/scores.csv"), place.rows("out/exposure/scores.csv"), "scores with an exposure")


def more_columns_than_rows():
    with Workplace() as place:
        place.write("a.csv", csv_of(customers(4)))
        if place.must_run(job([model("linear", "h", "value"), model("linear", "l", "value", penalty="l1", alpha=0.1)])):
            check(place.json("out/h/result.json")["metrics"]["collinear_terms"] >= 1, "more columns than rows: none left out")
            check(place.json("out/l/result.json")["metrics"]["converged"], "lasso with more columns than rows")


if __name__ == "__main__":
    known_answers()
    exposures()
    bad_input()
    what_is_said()
    more_columns_than_rows()
    finish()
