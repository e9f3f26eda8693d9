#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Known answers on real data, through the program as a user runs it. Needs COHORT_DATA; without it exits 77 (skipped).

usage: real_data_test.py COHORT
"""
import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

COHORT = Path(sys.argv[1]).resolve()
ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("COHORT_DATA", "/nonexistent"))

# tests/reference/kmeans_reference.py, scikit-learn 1.9.1.
GIVEN_CENTERS = "[[20.0, 20.0, 10000.0], [20.0, 5.0, 1500.0], [30.0, 2.0, 400.0], [150.0, 3.0, 1000.0], [250.0, 1.0, 300.0]]"
GIVEN_INERTIA = 3268.5667024922236
BEST_OF_10 = {2: 6474.136928499698, 3: 4856.3816733600925, 4: 3924.754586196167, 5: 3268.0180568372875}


def run(verb, config, out, *assignments, ranks=2, options=()):
    command = [COHORT, verb, ROOT / "configs" / config, "--out", out, "--ranks", str(ranks), "--threads", "1", *options]
    for assignment in assignments:
        command += ["--set", assignment]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode}\n{done.stderr}")


def customers_of(path):
    """Rows of each customer at a price above 0, in stored order; prices in thousandths."""
    rows = {}
    with gzip.open(path, "rt", newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            price = round(Decimal(row["UnitPrice"]) * 1000)
            if row["CustomerID"] and price > 0:
                rows.setdefault(row["CustomerID"], []).append(
                    (row["InvoiceDate"], row["InvoiceNo"], row["Country"], row["StockCode"], price, int(row["Quantity"])))
    return [sorted(of_one) for of_one in rows.values()]


def netted(path):
    """net_returns by plain loops: each return takes from the latest earlier purchases of its item at its price."""
    counts = dict.fromkeys(("matched", "removed", "changed", "answered", "partly", "money", "answered_money"), 0)
    for rows in customers_of(path):
        left, purchases = [row[-1] for row in rows], {}
        for i, (time, _, _, item, price, quantity) in enumerate(rows):
            same = purchases.setdefault((item, price), [])
            if quantity > 0:
                same.append(i)
                continue
            for j in reversed(same):
                taken = min(left[j], -left[i]) if rows[j][0] != time else 0
                left[j] -= taken
                left[i] += taken
            counts["matched"] += 1
            counts["answered"] += left[i] == 0
            counts["partly"] += quantity < left[i] < 0
            counts["money"] -= quantity * price
            counts["answered_money"] += (left[i] - quantity) * price
        counts["removed"] += left.count(0)
        counts["changed"] += sum(now not in (0, row[-1]) for row, now in zip(rows, left))
    return counts


def result(out, step):
    return json.loads((Path(out) / step / "result.json").read_text())


class OnlineRetail(unittest.TestCase):
    SOURCE = f"ingest.sources.transactions.path={DATA}/online_retail/online_retail.csv.gz"

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = cls.folder.name + "/out"
        run("run", "online_retail.yaml", cls.out, cls.SOURCE)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_balance_sheet(self):
        rows = result(self.out, "ingest")["rows"]
        matched = {rule["rule"]: rule["matched"] for rule in rows["rules"]}
        self.assertEqual(rows["read"], 541_909)
        self.assertEqual(rows["kept"], 397_884)
        self.assertEqual(matched["drop_missing(customer)"], 135_080)
        self.assertEqual(matched["drop_prefix(basket: C)"], 9_288)
        self.assertEqual(matched["drop_non_positive(quantity)"], 10_624)
        self.assertEqual(matched["drop_non_positive(price)"], 2_515 + 2)
        self.assertEqual(matched["count_duplicates"], 5_268)
        self.assertEqual(rows["read"], rows["kept"] + sum(rule["removed"] for rule in rows["rules"]))

    def test_every_customers_rfm(self):
        with open(DATA / "answers" / "online_retail_rfm.csv", newline="") as file:
            wanted = {row["CustomerID"]: (int(row["recency"]), int(row["frequency"]), Decimal(row["monetary"])) for row in csv.DictReader(file)}
        with open(Path(self.out) / "features" / "features.csv", newline="") as file:
            found = {row["customer_id"]: (int(row["recency_days"]), int(row["frequency"]), Decimal(row["monetary"])) for row in csv.DictReader(file)}
        self.assertEqual(len(wanted), 4_338)
        self.assertEqual(found, wanted)

    def test_dropping_duplicates(self):
        with tempfile.TemporaryDirectory() as folder:
            rules = "[{drop_missing: {columns: [customer]}}, {drop_prefix: {column: basket, prefix: C}}, {drop_non_positive: {columns: [quantity, price]}}, drop_duplicates]"
            run("run", "online_retail.yaml", folder + "/out", self.SOURCE, f"ingest.clean={rules}", ranks=3)
            self.assertEqual(result(folder + "/out", "ingest")["rows"]["kept"], 392_692)
            features = result(folder + "/out", "features")["tables"][0]
            monetary = next(row for row in features["rows"] if row[0] == "monetary")
            self.assertAlmostEqual(monetary[3] * monetary[1], 8_887_208.894, places=3)

    def test_netted_returns(self):
        with tempfile.TemporaryDirectory() as folder:
            rules = "[{drop_missing: {columns: [customer]}}, {drop_non_positive: {columns: [price]}}, {net_returns: {}}]"
            run("run", "online_retail.yaml", folder + "/out", self.SOURCE, f"ingest.clean={rules}", options=["--until", "ingest"])
            rule = result(folder + "/out", "ingest")["rows"]["rules"][-1]
        self.assertEqual(netted(DATA / "online_retail" / "online_retail.csv.gz"),
                         {"matched": rule["matched"], "removed": rule["removed"], "changed": rule["changed"],
                          "answered": 7_179, "partly": 52, "money": 611_342_090, "answered_money": 464_214_270})
        self.assertEqual((rule["matched"], rule["removed"], rule["changed"]), (8_905, 9_967, 4_376))

    def test_kmeans_from_given_centres_equals_scikit_learn(self):
        run("resume", "online_retail.yaml", self.out, self.SOURCE, "kmeans.init=given", f"kmeans.centers={GIVEN_CENTERS}")
        metrics = result(self.out, "kmeans")["metrics"]
        self.assertLess(abs(metrics["inertia"] / GIVEN_INERTIA - 1), 1e-9)

    def test_kmeans_reaches_the_best_of_ten(self):
        for k, best in BEST_OF_10.items():
            run("resume", "online_retail.yaml", self.out, self.SOURCE, f"kmeans.n_clusters={k}")
            self.assertLess(result(self.out, "kmeans")["metrics"]["inertia"], best * 1.01, k)


class SmallTables(unittest.TestCase):
    def optimum(self, config, path, answers):
        with tempfile.TemporaryDirectory() as folder:
            source = f"ingest.sources.customers.path={DATA}/{path}"
            run("run", config, folder + "/out", source, "kmeans.n_clusters=2")
            known = json.loads((DATA / "answers" / "kmeans_gmm.json").read_text())["kmeans"][answers]
            for answer in known[:3]:
                run("resume", config, folder + "/out", source, f"kmeans.n_clusters={answer['k']}")
                metrics = result(folder + "/out", "kmeans")["metrics"]
                self.assertLess(abs(metrics["inertia"] / answer["tot.withinss"] - 1), 1e-9, (answers, answer["k"]))

    def test_iris(self):
        self.optimum("iris.yaml", "cluster/iris.csv", "iris")

    def test_wholesale(self):
        self.optimum("wholesale.yaml", "wholesale/Wholesale_customers_data.csv", "wholesale_raw6")

    def test_faithful(self):
        self.optimum("faithful.yaml", "cluster/faithful.csv", "faithful")


if __name__ == "__main__":
    if not DATA.is_dir():
        print("COHORT_DATA names no folder: the tests on real data are skipped")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
