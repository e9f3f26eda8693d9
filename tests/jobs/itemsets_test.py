# SPDX-License-Identifier: Apache-2.0
"""itemsets and rules as a user runs them: known answers on real data, and what bad input says."""
import csv
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

COHORT = sys.argv.pop(1)
CONFIGS = pathlib.Path(__file__).resolve().parents[2] / "configs"
DATA = os.environ.get("COHORT_DATA")


class Jobs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.out = pathlib.Path(self.folder.name, "out")
        self.addCleanup(self.folder.cleanup)

    def run_job(self, job, ranks=1, **keys):
        command = [COHORT, "run", CONFIGS / f"{job}.yaml", "--out", self.out, "--overwrite", "--ranks", str(ranks)]
        for key, value in keys.items():
            command += ["--set", f"{job}.{key}={value}"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def result(self, job, **keys):
        run = self.run_job(job, **keys)
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads((self.out / job / "result.json").read_text())

    def baskets(self, text):
        path = pathlib.Path(self.folder.name, "baskets.dat")
        path.write_text(text)
        return path

    def test_output_of_a_few_baskets(self):
        path = self.baskets("10 9\n9 10 9\n9\n\n")
        result = self.result("itemsets", input=path, min_support=2, ranks=3)
        self.assertEqual(result["metrics"]["baskets"], 4)
        self.assertEqual(result["metrics"]["empty_baskets"], 1)
        self.assertEqual(result["metrics"]["repeated_items"], 1)
        self.assertEqual((self.out / "itemsets/itemsets.csv").read_text(),
                         "support,itemsets,count,length\n0.75,9,3,1\n0.5,10,2,1\n0.5,9|10,2,2\n")
        self.assertEqual((self.out / "itemsets/itemsets.txt").read_text(),
                         "9 #SUP: 3\n10 #SUP: 2\n9 10 #SUP: 2\n")

    def test_no_frequent_item(self):
        path = self.baskets("1\n2\n3\n")
        self.assertEqual(self.result("itemsets", input=path, min_support=2, ranks=2)["metrics"]["itemsets"], 0)
        self.assertEqual(self.result("rules", input=path, min_support=2, ranks=2)["metrics"]["rules"], 0)

    def test_bad_input_says_why(self):
        path = self.baskets("1 2\n1 two\n")
        for keys, code, said in [({"min_support": 0}, 78, "neither a share"), ({"min_support": 1.5}, 78, "neither a share"),
                                 ({"min_support": 1}, 65, "line 2, column 3: 'two'"), ({"input": "none.dat"}, 66, "none.dat"),
                                 ({"kind": "open"}, 78, "frequent, closed, maximal")]:
            run = self.run_job("itemsets", **{"input": path, **keys})
            self.assertEqual(run.returncode, code, run.stderr)
            self.assertIn(said, run.stderr)

    def test_too_many_are_refused_at_any_number_of_ranks(self):
        path = self.baskets("".join("1 2 3 4 5 6 7 8\n" if b % 4 == 0 else "1 2 3\n" for b in range(40)))
        for ranks in 1, 3:
            run = self.run_job("itemsets", ranks, input=path, min_support=2, max_itemsets=50)
            self.assertEqual(run.returncode, 14, run.stderr)
            self.assertIn("set min_support to 11 ", run.stderr)
            self.assertFalse((self.out / "itemsets").exists())

    def test_a_sample_refuses_before_mining_at_any_number_of_ranks(self):
        draw = random.Random(1)
        path = self.baskets("".join(" ".join(str(i) for i in range(20) if draw.random() < 0.9) + "\n" for _ in range(60_000)))
        said = set()
        for ranks in 1, 3:
            run = self.run_job("itemsets", ranks, input=path, min_support=36_000, max_itemsets=1000)
            self.assertEqual(run.returncode, 14, run.stderr)
            said.add(re.search("more than 1000 itemsets.*max_itemsets", run.stderr, re.DOTALL).group())
            self.assertFalse((self.out / "itemsets").exists())
        self.assertEqual(len(said), 1, said)
        message = said.pop()
        self.assertIn("one of 140 baskets", message)
        support = int(re.search("set min_support to about ([0-9]+) ", message).group(1))
        self.assertGreater(self.result("itemsets", input=path, min_support=support, max_itemsets=1000)["metrics"]["itemsets"], 100)

    @unittest.skipUnless(DATA, "COHORT_DATA is not set")
    def test_counts_of_known_sets(self):
        with open(pathlib.Path(DATA, "answers/frequent_itemsets.csv"), encoding="utf-8") as answers:
            for row in csv.DictReader(answers):
                path = pathlib.Path(DATA, row["file"])
                path = path if path.exists() else path.with_name(path.name + ".gz")
                for kind in "frequent", "closed", "maximal":
                    with self.subTest(file=row["file"], support=row["minsup_fraction"], kind=kind):
                        metrics = self.result("itemsets", input=path, min_support=row["minsup_fraction"], kind=kind,
                                              ranks=2)["metrics"]
                        self.assertEqual(metrics["min_count"], int(row["min_count"]))
                        self.assertEqual(metrics["itemsets"], int(row[kind]))

    @unittest.skipUnless(DATA, "COHORT_DATA is not set")
    def test_rules_of_groceries(self):
        answers = json.loads(pathlib.Path(DATA, "answers/association_rules.json").read_text(encoding="utf-8"))
        for answer in answers["Groceries (data/groceries/groceries.dat)"]:
            result = self.result("rules", input=pathlib.Path(DATA, "groceries/groceries.dat"), ranks=3,
                                 min_support=answer["supp"], min_confidence=answer["conf"], min_len=answer.get("minlen", 1))
            self.assertEqual(result["metrics"]["rules"], answer["rules"])
            if "by_size" in answer:
                sizes = {str(size): rules for size, rules in result["tables"][1]["rows"]}
                self.assertEqual(sizes, answer["by_size"])
            if "top_lift" in answer:
                top = dict(zip(result["tables"][0]["columns"], result["tables"][0]["rows"][0]))
                self.assertEqual(top["count"], answer["top_lift"]["count"])
                self.assertEqual(round(top["confidence"], 4), answer["top_lift"]["confidence"])
                self.assertEqual(round(top["lift"], 4), answer["top_lift"]["lift"])


if __name__ == "__main__":
    if not DATA:
        print("COHORT_DATA is not set: tests on real data are skipped")
    unittest.main()
