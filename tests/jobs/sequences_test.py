#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sequences as a user mines them: from text and from a dataset, the same bytes at any ranks, known answers, bad input."""
import csv
import gzip
import os
import random

import support
from support import Workplace, check, check_equal

TEXT = "1 2 -1 3 -1 -2\n# a comment\n1 -1 3 -1 2 -1 -2\n\n2 3\n"


def text_job(**keys):
    return {"version": 1, "steps": [{"sequences": {"format": "spmf", "input": "s.txt", **keys}}]}


def result(place, out="out"):
    return support.json.loads((place.path / out / "sequences/result.json").read_text())


def lines(place, file, out="out"):
    return (place.path / out / "sequences" / file).read_text().splitlines()


def text_in_both_spellings():
    for name, content in (("s.txt", TEXT), ("s.txt.gz", gzip.compress(TEXT.encode()))):
        with Workplace() as place:
            place.write(name, content)
            code, _, err = place.run(text_job(input=name, min_support=2))
            check_equal(code, 0, f"{name}: {err}")
            check_equal(lines(place, "patterns.spmf.txt"),
                        ["2 -1 #SUP: 3", "3 -1 #SUP: 3", "1 -1 #SUP: 2", "1 -1 3 -1 #SUP: 2", "2 -1 3 -1 #SUP: 2"], name)
            check_equal(result(place)["metrics"]["patterns"], 5, name)
            check_equal(lines(place, "patterns.csv")[4], "1 -> 3,2,2,0.6666666666666666,2", name)


def bad_input():
    cases = [({"min_support": 0}, 78, "min_support"), ({"min_support": "1.5"}, 78, "min_support"),
             ({"min_support": "few"}, 78, "min_support"), ({"min_gap": "4", "max_gap": "2"}, 78, "no gap is both"),
             ({"max_gap": "3d"}, 78, "positions"), ({"input": "none.txt"}, 66, "none.txt"),
             ({"min_support": 1, "max_patterns": 3}, 14, "max_patterns"), ({"min_suport": 1}, 78, "min_support"),
             ({"within": "0"}, 78, "within")]
    for keys, code, word in cases:
        with Workplace() as place:
            place.write("s.txt", TEXT)
            found, _, err = place.run(text_job(**keys), ranks=2)
            check_equal(found, code, f"{keys}: {err}")
            check(word in err, f"{keys}: the message lacks '{word}': {err}")
            check(not (place.path / "out/sequences").exists(), f"{keys}: a result was left")
    for content, word in (("1 x -1 -2\n", "line 1, column 3"), ("1 -1 -2 4\n", "after the end"), ("1 -1 -3\n", "column 6"),
                          ("", "no sequence")):
        with Workplace() as place:
            place.write("s.txt", content)
            found, _, err = place.run(text_job())
            check_equal(found, 65, f"{content!r}: {err}")
            check(word in err, f"{content!r}: the message lacks '{word}': {err}")
    with Workplace() as place:
        place.write("s.txt", TEXT)
        code, _, err = place.run(text_job(min_support=100, within="2"))
        check_equal((code, result(place)["metrics"]["patterns"]), (0, 0), f"no frequent item: {err}")


def too_many():
    """Refused before the search by a sample, or in it: with the same words at any ranks."""
    draw = random.Random(1)
    long = "".join(" ".join(str(i) for i in range(20) if draw.random() < 0.9) + "\n" for _ in range(60_000))
    for content, keys, said in ((TEXT, {"min_support": 1, "max_patterns": 3}, "set min_support to 3, "),
                                (long, {"min_support": 36_000, "max_patterns": 1000}, "one of 140 sequences")):
        messages = set()
        for ranks in 1, 3:
            with Workplace() as place:
                place.write("s.txt", content)
                code, _, err = place.run(text_job(**keys), ranks=ranks, threads=2)
                check_equal(code, 14, f"{keys}: {err}")
                messages.add(err[err.find("more than"):err.find("max_patterns")])
                check(not (place.path / "out/sequences").exists(), f"{keys}: a result was left")
        check_equal(len(messages), 1, f"{keys}: {messages}")
        check(said in messages.pop(), f"{keys}: '{said}' is missing: {err}")


def full_disk():
    with Workplace() as place, support.small_disk(place) as disk:
        if disk is not None:
            place.write("s.txt", (" ".join(map(str, range(16))) + "\n") * 3)
            support.check_full_disk(place, text_job(input=str(place.path / "s.txt"), min_support=2), "sequences", disk)


def customers_buy_in_order():
    """Everyone who buys A buys C nine days later; min_gap, max_gap and rules see it."""
    rows = ["customer,time,basket,item"]
    for customer in range(60):
        if customer % 3 == 0:
            rows += [f"{customer},2024-01-0{1 + customer % 5} 10:00:00,a{customer},A",
                     f"{customer},2024-01-{10 + customer % 5} 10:00:00,b{customer},C"]
        rows.append(f"{customer},2024-02-01 09:00:00,c{customer},B")
        rows.append(f"{customer},2024-04-01 09:00:00,d{customer},B")
    job = {"version": 1, "dataset": "d.cohort", "shards": 3, "steps": [
        {"ingest": {"sources": {"transactions": {"path": "t.csv", "map": {
            "customer": "customer", "time": "time", "basket": "basket", "item": "item"}}}}},
        {"sequences": {"min_support": "0.3", "min_gap": "9d", "max_gap": "9d", "within": "2w"}}]}
    for ranks, threads in ((1, 1), (3, 2), (7, 1)):
        with Workplace() as place:
            place.write("t.csv", "\n".join(rows) + "\n")
            code, _, err = place.run(job, ranks=ranks, threads=threads)
            check_equal(code, 0, f"{ranks} ranks: {err}")
            check("A -> C,2,2,0.3333333333333333,20" in lines(place, "patterns.csv"), f"{ranks} ranks: A -> C")
            rules = list(csv.DictReader(lines(place, "rules.csv")))
            check_equal([(r["antecedents"], r["consequents"], r["confidence"], r["median_gap"]) for r in rules],
                        [("A", "C", "1", "9")], f"{ranks} ranks: rules")
            tables = {table["name"]: table for table in result(place)["tables"]}
            check_equal(tables["delay_curves"]["rows"][-1][1], 0.0, f"{ranks} ranks: all followed")


def known_answers():
    folder = os.environ.get("COHORT_DATA")
    if not folder:
        print("COHORT_DATA is not set: known answers are not checked")
        return
    with open(f"{folder}/answers/sequential_patterns.csv") as answers:
        for answer in csv.DictReader(answers):
            with Workplace() as place:
                code, _, err = place.run(text_job(input=f"{folder}/{answer['file']}",
                                                  min_support=answer["minsup_fraction"]), threads=2)
                check_equal(code, 0, err)
                found = result(place)
                check_equal(found["metrics"]["min_count"], int(answer["min_count"]), f"{answer}")
                check_equal([row[1] for row in found["tables"][0]["rows"]],
                            [int(n) for n in answer["patterns_by_length"].split()], f"{answer}")


text_in_both_spellings()
bad_input()
too_many()
full_disk()
customers_buy_in_order()
known_answers()
support.finish()
