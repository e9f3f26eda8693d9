#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""softmax as a user runs it: what is refused, its scores, evaluate, explain and score, and known coefficients.

usage: softmax_test.py COHORT      the coefficients need COHORT_DATA
"""
import json
import math
import os
import pathlib
import random

from support import Workplace, check, check_equal, finish, ingest_job, tree_hashes

TYPES = {"age": "float64", "town": "category", "plan": "category", "grade": "int32", "name": "category"}
root = pathlib.Path(__file__).resolve().parents[2]


def customers(rows=300):
    draw = random.Random(3)
    lines = [",".join(TYPES)]
    for i in range(rows):
        age, town = draw.uniform(20, 60), draw.choice(["north", "south"])
        signal = (age - 40) / 10 + (town == "north")
        plan = max(("basic", "plus", "top / all"), key=lambda name: draw.gauss(signal * (len(name) - 5), 3))
        lines.append(f"{age:.3f},{town},{plan},{round(draw.gauss(signal, 1)) % 4},n{i}")
    return lines


def job(steps, types=None):
    columns = types or TYPES
    return ingest_job({"customer": "$row", **{name: name for name in columns}}, columns, table="customers", steps=steps)


FIT = {"softmax": {"input": "dataset", "features": ["age", "town"], "label": "plan", "holdout": {"test_share": 0.3}}}


def refused(lines, keys, code, *words):
    with Workplace() as place:
        place.write("a.csv", "\n".join(lines) + "\n")
        found, _, err = place.run(job([{"softmax": {"input": "dataset", "features": ["age", "town"], **keys}}]))
        check_equal(found, code, f"exit code of {keys}: {err}")
        for word in words:
            check(word in err, f"'{word}' is not said: {err}")


def bad_input():
    lines = customers()
    refused([lines[0], *(f"30,north,basic,{i % 4},n{i}" for i in range(9))], {"label": "plan"}, 65, "plan has 1 values")
    refused(lines, {"label": "name"}, 65, "more than 100 values")
    refused(lines, {"label": "plan", "features": ["plan"]}, 78, "among the features")
    refused(lines, {"label": "plan", "profit": {"value": 2, "cost": 1}}, 78, "profit is of a yes or no")
    refused(lines, {"label": "plan", "recipe": {"woe": ["town"]}}, 78, "classes have none")
    alone = [line if line.count("basic") == 0 else line.replace("basic", "rare" if i == 1 else "plus") for i, line in enumerate(lines)]
    refused([alone[0], "30,north,rare,1,n", *alone[1:]], {"label": "plan", "holdout": {"column": "name", "value": "n"}}, 65, "class rare has no row")


def a_model_at_work():
    with Workplace() as place:
        place.write("a.csv", "\n".join(customers()) + "\n")
        steps = [FIT, {"softmax": {"id": "grades", "input": "dataset", "features": ["age", "town"], "label": "grade", "scores": False}},
                 {"score": {"model": "softmax/model.h5", "data": "dataset"}}, {"evaluate": {"model": "softmax/model.h5"}},
                 {"explain": {"model": "softmax/model.h5", "positive": "plus", "min_slice": 20}}]
        if not place.must_run(job(steps)):
            return
        rows = place.rows("out/softmax/scores.csv")
        check_equal(rows[0], ["customer_id", "prediction", "probability", "probability_basic", "probability_plus", "probability_3",
                              "reason_1", "reason_2", "reason_3", "model_id"], "columns of scores.csv")
        check_equal(rows, place.rows("out/score/scores.csv"), "scores of the same customers")
        classes = ["basic", "plus", "top / all"]
        for row in rows[1:]:
            of_classes = [float(value) for value in row[3:6]]
            check(math.isclose(sum(of_classes), 1, abs_tol=1e-12), f"probabilities of {row}")
            check_equal((row[1], float(row[2])), (classes[of_classes.index(max(of_classes))], max(of_classes)), "prediction")
        result = place.json("out/softmax/result.json")
        tables = {table["name"]: table for table in result["tables"]}
        check_equal([row[0] for row in tables["classes"]["rows"]], classes, "classes")
        check_equal(sum(row[2] for row in tables["confusion"]["rows"]), result["metrics"]["judged_rows"], "rows in the confusion")
        check_equal(result["metrics"]["judged_on"], "held-out rows", "judged on")
        check(result["metrics"]["accuracy_low"] < result["metrics"]["accuracy"] < result["metrics"]["accuracy_high"], "interval of accuracy")
        grades = place.json("out/grades/result.json")
        check_equal((grades["metrics"]["classes"], grades["metrics"]["reference_class"]), (4, "0"), "classes of a number")
        judged = place.json("out/evaluate/result.json")
        check_equal(judged["metrics"]["judged_rows"], 300, "rows that evaluate judges by")
        check("then_and_now" in [table["name"] for table in judged["tables"]], "then and now")
        place.write("a.csv", "\n".join(customers()).replace("plus", "3") + "\n")
        if place.must_run(job([FIT]), out="numbered"):
            check_equal(place.rows("numbered/softmax/scores.csv")[0][3:6], ["probability_3", "probability_basic", "probability__3"], "a class called 3")
        place.write("a.csv", "\n".join(customers()) + "\n")
        code, _, err = place.run(job([FIT, {"explain": {"model": "softmax/model.h5", "positive": "none"}}]), out="wrong")
        check(code == 78 and "no class 'none'" in err, f"explain of an unknown class: {code} {err}")
        place.write("a.csv", "\n".join(customers()).replace("plus", "more") + "\n")
        model = str(place.path / "out/softmax/model.h5")
        code, _, err = place.run(job([{"evaluate": {"model": model}}]), out="other")
        check(code == 65 and "does not know" in err, f"evaluate with another class: {code} {err}")


FOLD_TYPES = {"age": "float64", "town": "category", "plan": "category", "house": "category", "day": "date"}


def in_houses(rows=300):
    """The same customers with a house and a day; some plans are missing."""
    lines = [",".join(FOLD_TYPES)]
    for i, line in enumerate(customers(rows)[1:]):
        age, town, plan = line.split(",")[:3]
        house = "east" if i * i % 7 < 4 else "west"
        lines.append(f"{age},{town},{plan if i % 50 else ''},{house},2024-{1 + i % 12:02d}-{1 + i % 28:02d}")
    return lines


def with_folds(name="softmax", **keys):
    return {"softmax": {"id": name, "input": "dataset", "features": ["age", "town"], "label": "plan", "bootstrap": 0, **keys}}


def dicts(place, name):
    rows = place.rows(name)
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def probabilities(row):
    return [float(row[name]) for name in ("probability_basic", "probability_plus", "probability_3")]


CLASSES = ["basic", "plus", "top / all"]


def figures(rows):
    """Log loss and accuracy of rows of out_of_fold.csv, from their definitions."""
    losses = [-math.log(probabilities(row)[CLASSES.index(row["label"])]) for row in rows]
    return sum(losses) / len(rows), sum(row["prediction"] == row["label"] for row in rows) / len(rows)


def folds():
    step = with_folds(cross_validate={"n_splits": 4})
    with Workplace() as place:
        place.write("a.csv", "\n".join(in_houses()) + "\n")
        if not place.must_run(job([step], FOLD_TYPES)):
            return
        rows, result = dicts(place, "out/softmax/out_of_fold.csv"), place.json("out/softmax/result.json")
        check_equal(list(rows[0]), ["customer_id", "fold", "label", "prediction", "probability_basic", "probability_plus", "probability_3"],
                    "columns of out_of_fold.csv")
        check_equal([row["customer_id"] for row in rows if not row["fold"]], [str(i) for i in range(1, 301, 50)], "in no fold: those without a plan")
        check(all(not row["label"] and not row["prediction"] and not row["probability_3"] for row in rows if not row["fold"]), "nor has anything")
        judged = [row for row in rows if row["fold"]]
        for row in judged:
            check(math.isclose(sum(probabilities(row)), 1, abs_tol=1e-12), f"probabilities of {row}")
            check_equal(row["prediction"], CLASSES[probabilities(row).index(max(probabilities(row)))], "most probable class")
        metrics, tables = result["metrics"], {table["name"]: table for table in result["tables"]}
        by_fold = [figures([row for row in judged if row["fold"] == fold]) for fold in "1234"]
        columns = tables["folds"]["columns"]
        for k, name in enumerate(("log_loss", "accuracy")):
            known = [fold[k] for fold in by_fold]
            mean = sum(known) / 4
            error = math.sqrt(sum((value - mean) ** 2 for value in known) / 3 / 4)
            for row, value in zip(tables["folds"]["rows"], known):
                check(math.isclose(row[columns.index(name)], value, rel_tol=1e-12), f"{name} of fold {row[0]}")
            check(math.isclose(metrics["cv_" + name], mean, rel_tol=1e-12), f"mean {name}")
            check(math.isclose(metrics[f"cv_{name}_se"], error, rel_tol=1e-9), f"error of {name}")
            check(math.isclose(metrics[name], figures(judged)[k], rel_tol=1e-12), f"{name} of all folds together")
        for of_class in CLASSES:
            counts = [sum(row["label"] == of_class for row in judged if row["fold"] == fold) for fold in "1234"]
            check(max(counts) - min(counts) <= 1, f"not stratified: {of_class} {counts}")
        check("cv_roc_auc_ovr" in metrics and metrics["judged_on"] == "out-of-fold predictions", f"metrics: {sorted(metrics)}")
        hashes = tree_hashes(place.path / "out/softmax")
        for ranks in (2, 3):
            check(place.must_run(job([step], FOLD_TYPES), out=f"out{ranks}", ranks=ranks, threads=2), "more ranks")
            check_equal(tree_hashes(place.path / f"out{ranks}/softmax"), hashes, f"bytes at {ranks} ranks")


def other_folds():
    """By house, where a fold is a fit to the other one; in order of time; and what cannot be."""
    steps = [with_folds("houses", cross_validate={"n_splits": 2, "split": "group", "by": "house"}, random_state=1),
             *(with_folds(house, holdout={"column": "house", "value": house}) for house in ("east", "west")),
             with_folds("days", cross_validate={"n_splits": 3, "split": "time", "by": "day"}, scores=False),
             with_folds("any", cross_validate={"n_splits": 3, "split": "kfold"}, holdout={"test_share": 0.4}, learning_curve=True, scores=False)]
    lines = in_houses()
    with Workplace() as place:
        place.write("a.csv", "\n".join(lines) + "\n")
        if not place.must_run(job(steps, FOLD_TYPES)):
            return
        houses, days = ([line.split(",")[k] for line in lines[1:]] for k in (3, 4))
        scores = {house: {row["customer_id"]: row for row in dicts(place, f"out/{house}/scores.csv")} for house in ("east", "west")}
        for row in dicts(place, "out/houses/out_of_fold.csv"):
            if row["fold"]:
                known = scores[houses[int(row["customer_id"]) - 1]][row["customer_id"]]
                check(all(math.isclose(p, q, rel_tol=1e-8) for p, q in zip(probabilities(row), probabilities(known))), f"customer {row['customer_id']}")
        latest = ""
        rows = [row for row in dicts(place, "out/days/out_of_fold.csv") if row["label"]]
        for fold in ("", "1", "2", "3"):
            ours = sorted(days[int(row["customer_id"]) - 1] for row in rows if row["fold"] == fold)
            check(latest < ours[0], f"fold '{fold}' begins on {ours[0]}, before {latest}")
            latest = ours[-1]
        result = place.json("out/any/result.json")
        check_equal(result["metrics"]["judged_on"], "held-out rows", "judged on")
        curve = next(table for table in result["tables"] if table["name"] == "learning_curve")
        check_equal(curve["columns"], ["share_of_customers", "log_loss", "roc_auc_ovr"], "learning curve")
        check_equal(curve["rows"][-1][1:], [result["metrics"]["log_loss"], result["metrics"]["roc_auc_ovr"]], "its end is the model")
        held_out = [row for row in dicts(place, "out/any/out_of_fold.csv") if row["label"] and not row["fold"]]
        check_equal(len(held_out), result["metrics"]["judged_rows"], "held-out rows are in no fold")
        place.write("a.csv", "\n".join([lines[0], "30,north,rare,east,2024-01-01", *lines[1:]]) + "\n")
        code, _, err = place.run(job(steps[:1], FOLD_TYPES), out="rare")
        check(code == 65 and "class rare has no row to learn from" in err, f"a class in one fold only: {code} {err}")


def known_folds(place, data, expected):
    """Folds of configs/softmax.yaml by a column, against scikit-learn's fits."""
    words = ["softmax.tol=1e-12", "softmax.penalty=l2", "softmax.C=0.5", "softmax.random_state=1", "softmax.cross_validate.n_splits=2",
             "softmax.cross_validate.split=group", "softmax.cross_validate.by=senior", "softmax.scores=false",
             f"ingest.sources.customers.path={data}/telco/Telco-Customer-Churn.csv"]
    code, _, err = place.cohort("run", root / "configs/softmax.yaml", "--out", "folds", "--until", "softmax",
                                *(word for option in words for word in ("--set", option)))
    check_equal(code, 0, f"folds of configs/softmax.yaml: {err}")
    table = next(t for t in place.json("folds/softmax/result.json")["tables"] if t["name"] == "folds")
    found = sorted((dict(zip(table["columns"], row)) for row in table["rows"]), key=lambda fold: fold["judged_rows"])
    check_equal(len(found), len(expected), "folds")
    for fold, known in zip(found, expected):
        for metric, value in known.items():
            check(math.isclose(fold[metric], value, rel_tol=1e-8), f"{metric} of a fold: {fold[metric]}, not {value}")


def coefficients(data):
    expected = json.loads((root / "tests/reference/softmax_reference.json").read_text())
    source = ["--set", f"ingest.sources.customers.path={data}/telco/Telco-Customer-Churn.csv"]
    with Workplace() as place:
        for name, options in (("free", ["softmax.tol=1e-10"]), ("l2", ["softmax.tol=1e-12", "softmax.penalty=l2", "softmax.C=0.5"])):
            words = [word for option in options for word in ("--set", option)]
            code, _, err = place.cohort("run", root / "configs/softmax.yaml", "--out", name, *source, *words)
            check_equal(code, 0, f"configs/softmax.yaml, {name}: {err}")
            result = place.json(f"{name}/softmax/result.json")
            found = {(row[0], row[1]): row for row in next(t for t in result["tables"] if t["name"] == "coefficients")["rows"] if not row[8]}
            check_equal(sorted({of for of, _ in found}), sorted(expected[name]), f"classes of {name}")
            for of_class, terms in expected[name].items():
                check_equal(sorted(term for of, term in found if of == of_class), sorted(terms), f"terms of {name}")
                for term, value in terms.items():
                    value, error = value if isinstance(value, list) else (value, None)
                    row = found[of_class, term]
                    check(math.isclose(row[2], value, rel_tol=1e-8, abs_tol=1e-10), f"{name} {of_class} {term}: {row[2]}, not {value}")
                    check(error is None or math.isclose(row[3], error, rel_tol=1e-8), f"{name} {of_class} {term}: error {row[3]}, not {error}")
            if name == "free":
                for metric, value in expected["metrics"].items():
                    check(math.isclose(result["metrics"][metric], value, rel_tol=1e-9), f"{metric}: {result['metrics'][metric]}, not {value}")
        known_folds(place, data, expected["folds"])


bad_input()
a_model_at_work()
folds()
other_folds()
if data := os.environ.get("COHORT_DATA"):
    coefficients(data)
else:
    print("skipped: the known coefficients need COHORT_DATA")
finish()
