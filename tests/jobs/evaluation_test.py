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


def evaluated_and_explained():
    model = str("logistic/model.h5")
    drifted = customers().replace("north", "far").splitlines()
    steps = [logistic(profit={"value": 10, "cost": 4}, holdout={"test_share": 0.3}),
             {"evaluate": {"model": model}}, {"explain": {"model": model, "min_slice": 20}},
             {"linear": {"input": "dataset", "label": "spend", "features": ["age", "town"]}},
             {"explain": {"id": "explain_linear", "model": "linear/model.h5", "min_slice": 20}}]
    with Workplace() as place:
        place.write("a.csv", customers())
        if not place.must_run(job(*steps)):
            return
        scores = {row["customer_id"]: float(row["probability"]) for row in dicts(place, "out/logistic/scores.csv")}
        labels = [line.split(",")[5] for line in customers().splitlines()[1:]]
        rows = [(scores[str(i + 1)], int(label), 1) for i, label in enumerate(labels) if label]
        result = place.json("out/evaluate/result.json")
        check(math.isclose(result["metrics"]["roc_auc"], auc(rows), rel_tol=1e-12), "AUC of evaluate")
        trained = place.json("out/logistic/result.json")["metrics"]
        check_equal(result["metrics"]["threshold"], trained["threshold"], "the threshold travels")
        profit = sum(10 * yes - 4 for p, yes, _ in rows if p >= trained["threshold"])
        check_equal(result["metrics"]["profit"], profit, "profit at that threshold")
        check(result["metrics"]["psi_max"] < 0.1, "the same customers have not drifted")
        explained = place.json("out/explain/result.json")
        check(math.isclose(explained["metrics"]["log_loss"], result["metrics"]["log_loss"], rel_tol=1e-12), "log loss")
        tables = {table["name"]: table for table in explained["tables"]}
        check_equal({row[0] for row in tables["importance"]["rows"]}, {"age", "town"}, "features")
        towns = {row[1]: row[2] for row in tables["partial_dependence"]["rows"] if row[0] == "town"}
        check(towns["south"] > towns["north"], f"dependence on town: {towns}")
        linear = {table["name"]: table for table in place.json("out/explain_linear/result.json")["tables"]}
        check_equal(linear["importance"]["rows"][0][0], "age", "what spend goes by")
        hashes = {name: tree_hashes(place.path / "out" / name) for name in ("evaluate", "explain", "explain_linear")}
        check(place.must_run(job(*steps), out="more", ranks=3, threads=2), "more ranks")
        for name, known in hashes.items():
            check_equal(tree_hashes(place.path / "more" / name), known, f"bytes of {name} at 3 ranks")
        learned = str(place.path / "out" / model)
        place.write("a.csv", "\n".join(drifted) + "\n")
        if place.must_run(job({"evaluate": {"model": learned}}), out="drifted"):
            metrics = place.json("drifted/evaluate/result.json")["metrics"]
            check(metrics["psi_max"] > 1 and metrics["drifted_features"] == 1, f"drift: {metrics['psi_max']}")
        damaged_models(place, learned)


def damaged_models(place, learned):
    """What is no model of this kind, or no longer one, and data it does not fit: the file or column is named."""
    place.write("a.csv", customers())
    whole = (place.path / learned).read_bytes()
    place.write("cut.h5", whole[:len(whole) // 2])
    place.write("foreign.h5", b"\x89HDF\r\n\x1a\n" + bytes(2000))
    place.write("changed.h5", whole[:900] + bytes([whole[900] ^ 1]) + whole[901:])
    for verb in ("evaluate", "explain", "score"):
        for file in ("cut.h5", "foreign.h5", "changed.h5", "gone.h5"):
            step = {verb: {"model": str(place.path / file), "data": "dataset"}}
            code, _, err = place.run(job(step), out=f"{verb}-{file}")
            check(code == (66 if file == "gone.h5" else 65) and file in err, f"{verb} of {file}: {code} {err}")
    for verb in ("evaluate", "explain"):
        code, _, err = place.run(job({verb: {"model": learned, "label": "lost"}}), out="lost-" + verb)
        check(code == 78 and "lost" in err, f"{verb} without the label: {code} {err}")
        text = ingest_job({"customer": "$row", **{n: n for n in TYPES}}, {**TYPES, "age": "category"}, table="customers",
                          steps=[{verb: {"model": learned}}])
        code, _, err = place.run(text, out="text-" + verb)
        check(code == 65 and "column age" in err, f"{verb} of a column of another type: {code} {err}")


def many_categories():
    """20,000 towns: one-hot coding is refused with advice by Newton's method, coded by target or hash they are two columns."""
    lines = ["town,size,left"] + [f"t{i * 7 % 20000},{i % 30},{int(i * 7 % 20000 % 3 == 0 or i % 11 == 0)}"
                                  for i in range(60000)]
    types = {"town": "category", "size": "float64", "left": "int32"}

    def many(*steps):
        return ingest_job({"customer": "$row", **{name: name for name in types}}, types, table="customers", steps=steps)

    step = {"input": "dataset", "label": "left", "bootstrap": 0, "holdout": {"test_share": 0.3}}
    recipes = {"coded": {"target": ["town"], "log1p": ["size"], "smoothing": 1}, "hashed": {"hash": ["town"], "n_buckets": 16},
               "weighed": {"woe": ["town"], "bins": ["size"]}}
    with Workplace() as place:
        place.write("a.csv", "\n".join(lines) + "\n")
        code, _, err = place.run(many({"logistic": {**step, "solver": "newton"}}))
        check(code == 14 and "town" in err and "recipe" in err, f"one-hot coding: {code} {err}")
        steps = [{"logistic": {"id": name, **step, "recipe": recipe}} for name, recipe in recipes.items()]
        score = [{"score": {"id": "again", "model": "coded/model.h5", "data": "dataset"}}]
        if not place.must_run(many(*steps, *score), out="many"):
            return
        coded = place.json("many/coded/result.json")["metrics"]
        check(0.8 < coded["roc_auc"] < 1, f"AUC of towns by target: {coded['roc_auc']}")
        check_equal(coded["coefficients"], 3, "coefficients of two columns")
        check_equal(place.json("many/hashed/result.json")["metrics"]["coefficients"], 17, "coefficients of 16 buckets")
        check(place.json("many/weighed/result.json")["metrics"]["roc_auc"] > 0.8, "AUC of towns by weight of evidence")
        check_equal(place.rows("many/again/scores.csv")[:50], place.rows("many/coded/scores.csv")[:50], "the recipe travels")
        hashes = tree_hashes(place.path / "many/coded")
        check(place.must_run(many(*steps), out="more", ranks=3, threads=2), "more ranks")
        check_equal(tree_hashes(place.path / "more/coded"), hashes, "bytes at 3 ranks")


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
evaluated_and_explained()
many_categories()
refused(78, "n_splits is 1", cross_validate={"n_splits": 1})
refused(78, "needs a column", cross_validate={"n_splits": 3, "split": "time"})
refused(78, "does not take a column", cross_validate={"n_splits": 3, "by": "day"})
refused(65, "has no rows", cross_validate={"n_splits": 9, "split": "group", "by": "house"})
refused(78, "needs rows to judge by", learning_curve=True)
refused(78, "house is not among the features", recipe={"target": ["house"]})
refused(78, "takes numbers, and town is a category", recipe={"log1p": ["town"]})
refused(78, "is no pair of features", recipe={"interactions": ["age-town"]})
finish()
