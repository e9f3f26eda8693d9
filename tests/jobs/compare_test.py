#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare as a user runs it: models of numbers, of a yes or no and of classes against paired tests in plain Python.

usage: compare_test.py COHORT
"""
import math
import random

from support import Workplace, check, check_equal, finish, ingest_job, tree_hashes

TYPES = {"age": "float64", "town": "category", "spend": "float64", "orders": "int32", "left": "category", "plan": "category",
         "heavy": "float64", "only": "float64", "zero": "float64", "nothing": "float64"}
ROWS = 260


def customers():
    """Labels that follow age and town; some of each are missing."""
    draw = random.Random(11)
    lines = []
    for i in range(ROWS):
        age, town = round(draw.uniform(20, 70), 2), draw.choice(["north", "south", "west"])
        signal = (age - 45) / 15 + (town == "south")
        spend = round(30 + 9 * signal + draw.gauss(0, 6), 3) if i % 31 else ""
        orders = min(40, int(math.exp(0.4 + 0.5 * signal) * draw.expovariate(1) + 0.3)) if i % 37 else ""
        left = ("no", "yes")[draw.random() < 1 / (1 + math.exp(0.4 - signal))] if i % 29 else ""
        plan = max(("basic", "plus", "top"), key=lambda name: draw.gauss(signal * (len(name) - 4), 2)) if i % 41 else ""
        lines.append({"age": age, "town": town, "spend": spend, "orders": orders, "left": left, "plan": plan,
                      "heavy": (0, 1, 0.5, 2)[i % 4], "only": int(i == 7), "zero": 0, "nothing": ""})
    return lines


CUSTOMERS = customers()
TEXT = "\n".join([",".join(TYPES), *(",".join(str(value) for value in row.values()) for row in CUSTOMERS)]) + "\n"


def job(*steps):
    return ingest_job({"customer": "$row", **{name: name for name in TYPES}}, TYPES, table="customers", steps=steps)


def model(kind, name, label, features, **keys):
    return {kind: {"id": name, "input": "dataset", "label": label, "features": features, "bootstrap": 0, **keys}}


MODELS = [model("linear", "mean", "spend", ["age"]), model("linear", "towns", "spend", ["age", "town"]),
          model("glm", "gamma", "spend", ["age", "town"], family="gamma"),
          model("glm", "few", "orders", ["age"], family="poisson"), model("glm", "more", "orders", ["town", "age"], family="poisson"),
          model("linear", "line", "orders", ["age"]),
          model("logistic", "short", "left", ["age"]), model("logistic", "long", "left", ["town", "age"]),
          model("logistic", "town", "left", ["town"]),
          model("softmax", "two", "plan", ["town"]), model("softmax", "three", "plan", ["age", "town"])]
COMPARED = {"numbers": ["mean", "towns", "gamma"], "counts": ["few", "more", "line"], "leaving": ["short", "long", "town"],
            "plans": ["two", "three"]}
LABELS = {"numbers": "spend", "counts": "orders", "leaving": "left", "plans": "plan"}


def compare(name, models, **keys):
    return {"compare": {"id": name, "models": models, **keys}}


def normal_p(z):
    return math.erfc(abs(z) / math.sqrt(2))


def paired(first, other, weights):
    """Mean of the other, difference, standard error and p-value."""
    total, n = sum(weights), len(weights)
    differences = [b - a for a, b in zip(first, other)]
    mean = sum(w * d for w, d in zip(weights, differences)) / total
    error = math.sqrt(sum((w * (d - mean)) ** 2 for w, d in zip(weights, differences)) * n / (n - 1)) / total
    return [sum(w * b for w, b in zip(weights, other)) / total, mean, error, normal_p(mean / error)]


def root(figures, of_first):
    both = math.sqrt(figures[0]) + math.sqrt(of_first)
    return [math.sqrt(figures[0]), figures[1] / both, figures[2] / both, figures[3]]


def mid_p(first, second):
    n, least = first + second, min(first, second)
    return sum(math.comb(n, k) * (0.5 if k == least else 1) for k in range(least + 1)) * 2 / 2 ** n


def delong(first, other, labels):
    """As printed in Biometrics 1988."""
    def placed(scores, of_class):
        others = [s for s, y in zip(scores, labels) if y != of_class]
        sign = 1 if of_class else -1
        return [sum((sign * s > sign * o) + (s == o) / 2 for o in others) / len(others) for s, y in zip(scores, labels) if y == of_class]

    variance = 0
    for of_class in (0, 1):
        before, after = placed(first, of_class), placed(other, of_class)
        differences = [b - a for a, b in zip(before, after)]
        mean = sum(differences) / len(differences)
        variance += sum((d - mean) ** 2 for d in differences) / (len(differences) - 1) / len(differences)
    return [sum(after) / len(after), mean, math.sqrt(variance), normal_p(mean / math.sqrt(variance))]


def log_loss(probability):
    return -math.log(min(max(probability, 2 ** -52), 1 - 2 ** -52))


def poisson_deviance(y, mean):
    return 2 * ((y * math.log(y / mean) if y > 0 else 0) - y + mean)


def scores(place, name):
    rows = place.rows(f"out/{name}/scores.csv")
    return [dict(zip(rows[0], row)) for row in sorted(rows[1:], key=lambda row: int(row[0]))]


def expected(place, name, weighted):
    """By metric: of each model after the first [value, difference, standard error, p-value]."""
    label, models = LABELS[name], COMPARED[name]
    used = [i for i, row in enumerate(CUSTOMERS) if row[label] != "" and not (weighted and row["heavy"] == 0)]
    truth, weights = [CUSTOMERS[i][label] for i in used], [CUSTOMERS[i]["heavy"] if weighted else 1 for i in used]
    said = [[scores(place, m)[i] for i in used] for m in models]
    result = {}

    def add(metric, losses, last=None, change=lambda figures, of_first: figures):
        first = sum(w * x for w, x in zip(weights, losses[0])) / sum(weights)
        result[metric] = [change(paired(losses[0], other, weights), first) for other in losses[1:last]]

    if name in ("numbers", "counts"):
        values = [[float(row["prediction"]) for row in rows] for rows in said]
        add("rmse", [[(p - y) ** 2 for p, y in zip(v, truth)] for v in values], change=root)
        add("mae", [[abs(p - y) for p, y in zip(v, truth)] for v in values])
        if name == "counts":
            add("tweedie_deviance", [[poisson_deviance(y, max(p, 1e-9)) for p, y in zip(v, truth)] for v in values], last=2)
    elif name == "leaving":
        yes = [int(y == "yes") for y in truth]
        values = [[float(row["probability"]) for row in rows] for rows in said]
        if not weighted:
            result["roc_auc"] = [delong(values[0], v, yes) for v in values[1:]]
        add("log_loss", [[log_loss(p if y else 1 - p) for p, y in zip(v, yes)] for v in values])
        add("brier", [[(p - y) ** 2 for p, y in zip(v, yes)] for v in values])
    else:
        add("log_loss", [[log_loss(float(row[f"probability_{y}"])) for row, y in zip(rows, truth)] for rows in said])
        right = [[int(row["prediction"] == y) for row, y in zip(rows, truth)] for rows in said]
        add("accuracy", right)
        if not weighted:
            for figures, other in zip(result["accuracy"], right[1:]):
                figures[3] = mid_p(sum(b > a for a, b in zip(right[0], other)), sum(b < a for a, b in zip(right[0], other)))
    return result, len(used)


def check_comparison(place, folder, name, weighted):
    result = place.json(f"out/{folder}/result.json")
    metrics, rows = result["metrics"], result["tables"][0]["rows"]
    figures, used = expected(place, name, weighted)
    check_equal((metrics["first"], metrics["judged_rows"]), (COMPARED[name][0], used), f"first and rows of {folder}")
    found = {(row[0], row[1]): row[2:] for row in rows}
    check_equal(sorted({metric for _, metric in found}), sorted(figures), f"metrics of {folder}")
    for metric, of_models in figures.items():
        check_equal(found[COMPARED[name][0], metric][1:], [None] * 4, f"{folder}: the first has no difference")
        for other, known in zip(COMPARED[name][1:], of_models):
            row = found[other, metric]
            for value, should in zip(row, known):
                check(math.isclose(value, should, rel_tol=1e-9, abs_tol=1e-12), f"{folder} {other} {metric}: {row}, not {known}")
            check_equal((metrics[f"{other}_{metric}_difference"], metrics[f"{other}_{metric}_p_value"]), (row[1], row[3]), f"metrics of {other}")
            better = None if row[3] >= 0.05 else other if (row[1] > 0) == (metric in ("roc_auc", "accuracy")) else COMPARED[name][0]
            check_equal(row[4], better, f"{folder} {other} {metric}: better")
            if metric == "roc_auc":
                check_equal((metrics[other + "_difference"], metrics[other + "_p_value"]), (row[1], row[3]), "the names of old")


def every_kind():
    steps = [*MODELS]
    for name, models in COMPARED.items():
        steps += [compare(name, models), compare("weighed_" + name, models, weight="heavy")]
    steps += [compare("one_row", ["mean", "gamma"], weight="only"), compare("one_yes_or_no", ["short", "long"], weight="only")]
    with Workplace() as place:
        place.write("a.csv", TEXT)
        if not place.must_run(job(*steps)):
            return
        for name in COMPARED:
            check_comparison(place, name, name, weighted=False)
            check_comparison(place, "weighed_" + name, name, weighted=True)
        for name, metric in (("one_row", "gamma_rmse"), ("one_yes_or_no", "long_log_loss")):
            metrics = place.json(f"out/{name}/result.json")["metrics"]
            check_equal(metrics["judged_rows"], 1, "rows")
            check(isinstance(metrics[metric + "_difference"], float), f"{name}: a difference of one row")
            check_equal(metrics[metric + "_p_value"], None, f"{name}: no test of one row")
        refused(place)
        names = [step["compare"]["id"] for step in steps if "compare" in step]
        known = {name: tree_hashes(place.path / "out" / name) for name in names}
        for ranks in (2, 3):
            check(place.must_run(job(*steps), out=f"out{ranks}", ranks=ranks, threads=2), "more ranks")
            for name in names:
                check_equal(tree_hashes(place.path / f"out{ranks}" / name), known[name], f"bytes of {name} at {ranks} ranks")


def refused(place):
    """Each in a run of its own; the models are fitted anew."""
    others = [model("logistic", "stays", "left", ["age"], positive="no"), model("softmax", "where", "town", ["age"]),
              model("logistic", "whether", "plan", ["age"], positive="top")]

    def case(code, words, models, **keys):
        needed = [step for step in [*MODELS, *others] if next(iter(step.values()))["id"] in models]
        found, _, err = place.run(job(*needed, compare("wrong", models, **keys)), out="refused", options=["--overwrite"])
        check(found == code and all(word in err for word in words), f"compare {models} {keys}: {found} {err}")

    case(78, ["fewer than two"], ["mean"])
    case(78, ["is named twice"], ["mean", "mean"])
    case(78, ["'mean' predicts the number spend", "'few' predicts the number orders"], ["mean", "few"])
    case(78, ["'mean' predicts the number spend", "'short' predicts whether left is yes"], ["mean", "short"])
    case(78, ["'short' predicts whether left is yes", "'stays' predicts whether left is no"], ["short", "stays"])
    case(78, ["which of basic, plus, top plan is", "'where' predicts which of north, south, west town is"], ["two", "where"])
    case(78, ["which of basic, plus, top plan is", "'whether' predicts whether plan is top"], ["two", "whether"])
    case(78, ["lost"], ["mean", "towns"], label="lost")
    case(65, ["no row of dataset has a label"], ["mean", "towns"], label="nothing")
    for models in (["two", "three"], ["short", "long"]):
        case(65, ["no row of dataset has a label"], models, weight="zero")
    case(66, ["absent"], ["mean", "absent"])


every_kind()
finish()
