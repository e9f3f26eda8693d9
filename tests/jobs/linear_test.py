#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""linear and logistic as a user runs them: what is refused, what is said, scoring of other data, known coefficients.

usage: linear_test.py COHORT      the coefficients need COHORT_DATA
"""
import json
import math
import os
import pathlib

from support import Workplace, check, check_equal, finish, ingest_job

TYPES = {"age": "float64", "town": "category", "left": "category"}
root = pathlib.Path(__file__).resolve().parents[2]


def customers(rows=60):
    """A label that follows age and town, with exceptions."""
    lines = ["age,town,left"]
    for i in range(rows):
        town = "north" if i % 3 else "south"
        left = "yes" if (i * 7 % 20 + (6 if town == "south" else 0)) > 12 else "no"
        lines.append(f"{20 + i * 11 % 37},{town},{left}")
    return lines


def job(steps, types=None, path="a.csv"):
    columns = types or TYPES
    return ingest_job({"customer": "$row", **{name: name for name in columns}}, columns, path=path, table="customers",
                      steps=steps)


def refused(lines, step, code, *words, types=None):
    with Workplace() as place:
        place.write("a.csv", "\n".join(lines) + "\n")
        found, _, err = place.run(job([step], types))
        check_equal(found, code, f"exit code of {step}: {err}")
        for word in words:
            check(word in err, f"'{word}' is not said: {err}")


def bad_input():
    logistic = {"logistic": {"input": "dataset", "label": "left"}}
    lines = customers()
    refused([line.replace(",yes", ",no") for line in lines], logistic, 65, "one class")
    refused([line.rsplit(",", 1)[0] + "," if line != lines[0] else line for line in lines], logistic, 65, "no row has a label")
    refused([lines[0], ",north,yes", *lines[1:]], logistic, 65, "age", "missing for 1 of 61", "impute")
    refused([lines[0], *("," + line.split(",", 1)[1] for line in lines[1:])], logistic, 65, "age", "missing for all")
    refused(lines, {"logistic": {"input": "dataset", "label": "lost"}}, 78, "lost")
    refused(lines, {"logistic": {"input": "dataset", "label": "left", "features": ["age", "left"]}}, 78, "among the features")
    refused(lines, {"logistic": {"input": "dataset", "label": "left", "positive": "perhaps"}}, 78, "perhaps", "no, yes")
    refused(lines, {"linear": {"input": "dataset", "label": "left"}}, 78, "category")
    refused(lines, {"logistic": {"input": "dataset", "label": "age"}}, 65, "neither 0 nor 1")
    refused(lines, {"logistic": {"input": "dataset", "label": "left", "holdout": {"modulo": 5, "test_share": 0.1}}}, 78, "more than one rule")


def a_hundred_thousand_categories():
    levels = 100_000
    lines = ["age,town,left", *(f"{20 + i % 41},t{i * 7919 % levels},{'yes' if i * i % 13 > 6 + i % 3 else 'no'}" for i in range(levels + 5000))]
    keys = {"input": "dataset", "label": "left", "scores": False, "bootstrap": 0}
    with Workplace() as place:
        place.write("a.csv", "\n".join(lines) + "\n")
        if place.must_run(job([{"logistic": {"penalty": "l2", **keys}}, {"evaluate": {"model": "logistic/model.h5", "bootstrap": 0}}])):
            result = place.json("out/logistic/result.json")
            check_equal((result["verdict"], result["metrics"]["coefficients"]), ("ok", levels + 1), "a model of 1e5 categories")
            check_equal(place.json("out/evaluate/result.json")["metrics"]["log_loss"], result["metrics"]["log_loss"], "log loss of its file")


def what_is_said():
    with Workplace() as place:
        lines = [line + f",{'1' if line.endswith('yes') else '0'},7" for line in customers()]
        lines[0] = customers()[0] + ",told,same"
        place.write("a.csv", "\n".join(lines) + "\n")
        types = {**TYPES, "told": "int32", "same": "int32"}
        if place.must_run(job([{"logistic": {"input": "dataset", "label": "left"}}], types)):
            result = place.json("out/logistic/result.json")
            check_equal(result["verdict"], "separated", "verdict where a column tells the label")
            check_equal(result["metrics"]["constant_terms"], 1, "constant terms")
            check_equal(result["metrics"]["roc_auc"], 1.0, "AUC")
            check_equal(result["metrics"]["leak_suspects"], ["told"], "leak suspects")


def scoring():
    with Workplace() as place:
        place.write("a.csv", "\n".join(customers()) + "\n")
        train = job([{"logistic": {"input": "dataset", "label": "left", "holdout": {"test_share": 0.3}}},
                     {"score": {"model": "logistic/model.h5", "data": "dataset"}}])
        if not place.must_run(train):
            return
        rows = place.rows("out/logistic/scores.csv")
        check_equal(rows[0], ["customer_id", "prediction", "probability", "decile", "rank", "reason_1", "reason_2",
                              "reason_3", "model_id"], "columns of scores.csv")
        check_equal(rows, place.rows("out/score/scores.csv"), "scores of the same customers")
        for row in rows[1:]:
            check_equal(int(row[4]), 1 + sum(float(other[2]) > float(row[2]) for other in rows[1:]), "rank")
        unscored = job([{"logistic": {"input": "dataset", "label": "left", "scores": False}}])
        if place.must_run(unscored, out="unscored"):
            check(not (place.path / "unscored/logistic/scores.csv").exists(), "scores: false writes scores")
        metrics = place.json("out/logistic/result.json")["metrics"]
        check_equal(metrics["judged_rows"] + metrics["rows_learned_from"], 60, "rows of both parts")
        model = str(place.path / "out/logistic/model.h5")
        score = [{"score": {"model": model, "data": "dataset"}}]
        place.write("a.csv", "\n".join(line.split(",", 1)[1] for line in customers()) + "\n")
        code, _, err = place.run(job(score, {"town": "category", "left": "category"}), out="without")
        check(code == 65 and "column age" in err, f"data without a column: {code} {err}")
        place.write("a.csv", "\n".join(customers()) + "\n")
        code, _, err = place.run(job(score, {**TYPES, "age": "category"}), out="drifted")
        check(code == 65 and "column age" in err, f"a column of another type: {code} {err}")
        place.write("a.csv", "\n".join(customers()).replace("south", "west") + "\n")
        check(place.run(job(score), out="unseen")[0] == 0, "an unseen category counts as the reference")


def coefficients(config, step, options, expected):
    with Workplace() as place:
        code, _, err = place.cohort("run", root / "configs" / config, "--out", "out", *options)
        check_equal(code, 0, f"{config}: {err}")
        tables = {table["name"]: table for table in place.json(f"out/{step}/result.json")["tables"]}
        found = {row[0]: row for row in tables["coefficients"]["rows"] if not row[8]}
        check_equal(sorted(found), sorted(expected), f"terms of {config}")
        for name, (value, error) in expected.items():
            check(math.isclose(found[name][1], value, rel_tol=1e-8), f"{config} {name}: {found[name][1]}, not {value}")
            check(math.isclose(found[name][2], error, rel_tol=1e-8), f"{config} {name}: error {found[name][2]}, not {error}")
        return place.json(f"out/{step}/result.json")["metrics"]


bad_input()
a_hundred_thousand_categories()
what_is_said()
scoring()
if data := os.environ.get("COHORT_DATA"):
    expected = json.loads((root / "tests/reference/linear_reference.json").read_text())
    source = "ingest.sources.customers.path="
    metrics = coefficients("logistic.yaml", "logistic", ["--set", source + data + "/telco/Telco-Customer-Churn.csv",
                                                     "--set", "logistic.tol=1e-9"],
                           expected["telco"])
    answers = json.loads((pathlib.Path(data) / "answers/classifiers.json").read_text())["telco"]["logistic_unpenalised"]
    for ours, theirs in (("roc_auc", "auc"), ("log_loss", "logloss"), ("accuracy", "accuracy")):
        check_equal(round(metrics[ours], 4), answers[theirs], f"Telco {ours}")
    coefficients("linear.yaml", "linear", ["--set", source + data + "/wholesale/Wholesale_customers_data.csv",
                                           "--set", "linear.alpha=0", "--set", "linear.holdout.test_share=0"],
                 expected["wholesale"])
else:
    print("skipped: the known coefficients need COHORT_DATA")
finish()
