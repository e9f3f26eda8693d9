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

from support import Workplace, check, check_equal, finish, ingest_job

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
        code, _, err = place.run(job([FIT, {"explain": {"model": "softmax/model.h5", "positive": "none"}}]), out="wrong")
        check(code == 78 and "no class 'none'" in err, f"explain of an unknown class: {code} {err}")
        place.write("a.csv", "\n".join(customers()).replace("plus", "more") + "\n")
        model = str(place.path / "out/softmax/model.h5")
        code, _, err = place.run(job([{"evaluate": {"model": model}}]), out="other")
        check(code == 65 and "does not know" in err, f"evaluate with another class: {code} {err}")


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


bad_input()
a_model_at_work()
if data := os.environ.get("COHORT_DATA"):
    coefficients(data)
else:
    print("skipped: the known coefficients need COHORT_DATA")
finish()
