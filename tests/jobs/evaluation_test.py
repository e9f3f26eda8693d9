#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How models are judged, as a user sees it: cross-validation, intervals, profit, learning curves.

usage: evaluation_test.py COHORT
"""
import csv
import math

from support import Workplace, check, check_equal, finish, ingest_job, tree_hashes

TYPES = {"age": "float64", "town": "category", "house": "category", "day": "date", "heavy": "float64", "left": "int32",
         "spend": "float64"}
ROWS = 240


def customers():
    """A label that follows age and town, with exceptions; two houses; some labels are missing."""
    lines = ["age,town,house,day,heavy,left,spend"]
    for i in range(ROWS):
        age, town = 20 + i * 11 % 37, "north" if i % 3 else "south"
        left = "" if i % 40 == 7 else int((i * 7 % 20 + (6 if town == "south" else 0) + age % 5) > 14)
        house = "east" if i * i % 7 < 4 else "west"
        lines.append(f"{age},{town},{house},2024-{1 + i % 12:02d}-{1 + i % 28:02d},{1 + i % 4},{left},{age * 2 + i % 9}")
    return "\n".join(lines) + "\n"


def job(*steps):
    return ingest_job({"customer": "$row", **{name: name for name in TYPES}}, TYPES, table="customers", steps=steps)


def logistic(**keys):
    return {"logistic": {"input": "dataset", "label": "left", "features": ["age", "town"], **keys}}


def dicts(place, name):
    with open(place.path / name, newline="") as lines:
        return list(csv.DictReader(lines))


def auc(rows):
    """By counting pairs; a row is (prediction, label, weight)."""
    wins = pairs = 0
    for p, yes, weight in rows:
        for q, other, its in rows:
            if yes and not other:
                pairs += weight * its
                wins += weight * its * (1 if p > q else 0.5 if p == q else 0)
    return wins / pairs


def predictions(rows, fold=None):
    return [(float(row["prediction"]), int(float(row["label"])), 1) for row in rows
            if row["prediction"] and (fold is None or row["fold"] == fold)]


def folds():
    step = logistic(cross_validate={"n_splits": 4}, bootstrap=0)
    with Workplace() as place:
        place.write("a.csv", customers())
        if not place.must_run(job(step)):
            return
        result = place.json("out/logistic/result.json")
        rows = dicts(place, "out/logistic/out_of_fold.csv")
        check_equal(len(rows), ROWS, "rows of out_of_fold.csv")
        check_equal(sum(not row["fold"] for row in rows), 6, "rows without a label are in no fold")
        aucs = []
        for fold in "1234":
            ours = [row for row in rows if row["fold"] == fold]
            check(58 <= len(ours) <= 59, f"fold {fold} has {len(ours)} rows")
            share = sum(float(row["label"]) for row in ours)
            check(abs(share - sum(float(row["label"] or 0) for row in rows) / 4) < 1, f"fold {fold} is not stratified")
            aucs.append(auc(predictions(rows, fold)))
        metrics = result["metrics"]
        mean = sum(aucs) / 4
        check(math.isclose(metrics["cv_roc_auc"], mean, rel_tol=1e-12), "mean AUC of the folds")
        error = math.sqrt(sum((x - mean) ** 2 for x in aucs) / 3 / 4)
        check(math.isclose(metrics["cv_roc_auc_se"], error, rel_tol=1e-9), "its standard error")
        check_equal(metrics["judged_on"], "out-of-fold predictions", "judged on")
        check(math.isclose(metrics["roc_auc"], auc(predictions(rows)), rel_tol=1e-12), "AUC of all folds together")
        hashes = tree_hashes(place.path / "out/logistic")
        for ranks in (2, 5):
            check(place.must_run(job(step), out=f"out{ranks}", ranks=ranks, threads=2), "more ranks")
            check_equal(tree_hashes(place.path / f"out{ranks}/logistic"), hashes, f"bytes at {ranks} ranks")


def folds_are_fits_to_the_others():
    """Each house a fold: its predictions are those of a model that was told to hold it out."""
    with Workplace() as place:
        place.write("a.csv", customers())
        held_out = [{"logistic": {**logistic()["logistic"], "id": house, "holdout": {"column": "house", "value": house}}}
                    for house in ("east", "west")]
        by_house = logistic(cross_validate={"n_splits": 2, "split": "group", "by": "house"}, random_state=1)
        if not place.must_run(job(by_house, *held_out)):
            return
        houses = [line.split(",")[2] for line in customers().splitlines()[1:]]
        scores = {house: {row["customer_id"]: float(row["probability"])
                          for row in dicts(place, f"out/{house}/scores.csv")} for house in ("east", "west")}
        for row in dicts(place, "out/logistic/out_of_fold.csv"):
            if row["prediction"]:
                house = houses[int(row["customer_id"]) - 1]
                check(math.isclose(float(row["prediction"]), scores[house][row["customer_id"]], rel_tol=1e-9),
                      f"customer {row['customer_id']} of {house}")


def in_order_of_time():
    with Workplace() as place:
        place.write("a.csv", customers())
        if not place.must_run(job({"linear": {"input": "dataset", "label": "spend", "features": ["age"], "cross_validate":
                                             {"n_splits": 3, "split": "time", "by": "day"}}})):
            return
        days = [line.split(",")[3] for line in customers().splitlines()[1:]]
        latest = ""
        rows = dicts(place, "out/linear/out_of_fold.csv")
        for fold in ("", "1", "2", "3"):
            ours = sorted(days[int(row["customer_id"]) - 1] for row in rows if row["fold"] == fold)
            check(latest < ours[0], f"fold '{fold}' begins on {ours[0]}, before {latest}")
            latest = ours[-1]
        metrics = place.json("out/linear/result.json")["metrics"]
        check(metrics["rmse_low"] < metrics["rmse"] < metrics["rmse_high"], "interval of the error")


def weights_and_profit():
    profit = {"value": 10, "cost": 4}
    step = logistic(weight="heavy", profit=profit, holdout={"test_share": 0.4}, learning_curve=True)
    with Workplace() as place:
        place.write("a.csv", customers())
        if not place.must_run(job(step)):
            return
        result = place.json("out/logistic/result.json")
        metrics, tables = result["metrics"], {table["name"]: table for table in result["tables"]}
        for name in ("average_precision", "log_loss", "brier", "lift@10", "f1", "profit"):
            check(metrics[name + "_low"] <= metrics[name] <= metrics[name + "_high"], f"interval of {name}")
        check_equal(tables["profit"]["rows"][-1][0], 1, "the last point treats everybody")
        best = max(row[1] for row in tables["profit"]["rows"])
        check(metrics["profit"] >= best, f"profit {metrics['profit']}, but {best} in the table")
        curve = tables["learning_curve"]["rows"]
        check_equal([row[0] for row in curve], [0.1, 0.2, 0.4, 0.7, 1], "shares of the learning curve")
        rows = dicts(place, "out/logistic/scores.csv")
        for row in rows:
            check_equal(int(row["decision"]), int(float(row["probability"]) >= metrics["threshold"]), "decision")
        check_equal(len({row["model_id"] for row in rows}), 1, "models in a file of scores")
        check_equal(curve[-1][1:], [metrics["log_loss"], metrics["roc_auc"]], "its end is the model")


def refused(code, word, **keys):
    with Workplace() as place:
        place.write("a.csv", customers())
        found, _, err = place.run(job(logistic(**keys)))
        check_equal(found, code, err)
        check(word in err, f"'{word}' is not said: {err}")


folds()
folds_are_fits_to_the_others()
in_order_of_time()
weights_and_profit()
refused(78, "n_splits is 1", cross_validate={"n_splits": 1})
refused(78, "needs a column", cross_validate={"n_splits": 3, "split": "time"})
refused(78, "does not take a column", cross_validate={"n_splits": 3, "by": "day"})
refused(65, "has no rows", cross_validate={"n_splits": 9, "split": "group", "by": "house"})
refused(78, "needs rows to judge by", learning_curve=True)
finish()
