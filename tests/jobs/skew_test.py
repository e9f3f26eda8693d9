#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Skew: a basket with 50,000 items, an item in every basket, a customer with a million events: exact, within memory_per_rank.

skew_test.py BINARY [BASKETS EVENTS ITEMS]: the small sizes are for every day; 1000000 1000000 50000 are for a quiet hour."""
import collections
import itertools
import os
import random
import sys

import support
from support import Workplace, check, check_equal

BASKETS = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
EVENTS = int(sys.argv[3]) if len(sys.argv) > 3 else 200_000
ITEMS = int(sys.argv[4]) if len(sys.argv) > 4 else 8_000  # of the basket whose closed sets are mined at a support of 1
HUGE = [*range(70), *range(1000, 51_000)]
MEMORY = f"{max(128, 8 * BASKETS // 10_000)}MiB"


def text_of(baskets):
    return "".join(" ".join(map(str, basket)) + "\n" for basket in baskets)


def skewed_baskets():
    """Item 0 is in all of them; the others are of five shelves, the first item of each the commonest."""
    draw = random.Random(1)
    return [[0, *(1 + 12 * shelf + min(draw.randrange(12), draw.randrange(12)) for shelf in range(5))] for _ in range(BASKETS)]


def run(place, ranks, threads, step):
    job = {"version": 1, "run": {"memory_per_rank": MEMORY}, "steps": [step]}
    code, _, err = place.run(job, ranks=ranks, threads=threads, seconds=600)
    return code, err


def report(place, step, what):
    """Says what it took, and that it stayed within its memory."""
    record = place.json(f"out/{step}/run.json")
    mine = next(phase for phase in record["phases"] if phase["phase"] == f"{step}/mine")
    peak = record["peak_rss_bytes"]
    print(f"{what}: {mine['wall_s']:.2f} s mining, imbalance {mine['imbalance']:.2f}, peak {peak / 2**20:.0f} MiB of {MEMORY}")
    # AddressSanitizer keeps memory of its own.
    check(peak <= record["memory_per_rank"] or "ASAN_OPTIONS" in os.environ, f"{what}: {peak} bytes of {MEMORY}")
    return place.json(f"out/{step}/result.json")["metrics"]


def closed_sets(baskets):
    """All intersections of baskets, as closures of their subsets."""
    closure = {}
    for basket in set(map(frozenset, baskets)):
        for size in range(1, min(len(basket), 6) + 1):
            for part in map(frozenset, itertools.combinations(sorted(basket)[:70] if len(basket) < 70 else [], size)):
                closure[part] = closure.get(part, basket) & basket
    return set(closure.values())


def huge_basket_and_common_item():
    baskets = skewed_baskets()
    held = collections.Counter(part for basket in baskets for size in range(1, 7) for part in itertools.combinations(basket, size))
    in_huge = set(HUGE)
    least = BASKETS // 200
    wanted = collections.Counter(len(part) for part, count in held.items() if count + in_huge.issuperset(part) >= least)
    for ranks, threads in ((1, 2), (2, 1)):
        with Workplace() as place:
            place.write("b.dat", text_of([*baskets, HUGE]))
            code, err = run(place, ranks, threads, {"itemsets": {"input": "b.dat", "format": "fimi", "min_support": least}})
            check_equal(code, 0, f"skewed baskets at {ranks} ranks: {err}")
            if code == 0:
                metrics = report(place, "itemsets", f"{BASKETS} baskets, {ranks} ranks of {threads} threads")
                check_equal(metrics["longest_basket"], len(HUGE), "items of the huge basket")
                lengths = place.json("out/itemsets/result.json")["tables"][0]["rows"]
                check_equal([row[1] for row in lengths], [wanted[size] for size in sorted(wanted)], f"sets by length at {ranks} ranks")


def all_sets_of_a_huge_basket():
    """At a support of 1 it holds 2^50,000 sets, which are refused, but few closed ones."""
    small = skewed_baskets()[:300]
    with Workplace() as place:
        place.write("b.dat", text_of([*small, HUGE]))
        code, err = run(place, 2, 1, {"itemsets": {"input": "b.dat", "format": "fimi", "min_support": 1}})
        check_equal(code, 14, f"all sets of a huge basket: {err}")
        check("set min_support to 2 " in err, f"names what fits: {err}")
    huge = HUGE[:ITEMS]
    # Of the huge basket itself and its common part with each other one.
    wanted = closed_sets([*small, *(frozenset(basket) & set(huge) for basket in small)]) | {frozenset(huge)}
    for ranks in (1, 3):
        with Workplace() as place:
            place.write("b.dat", text_of([*small, huge]))
            code, err = run(place, ranks, 1, {"itemsets": {"input": "b.dat", "format": "fimi", "min_support": 1, "kind": "closed"}})
            check_equal(code, 0, f"closed sets of a huge basket: {err}")
            if code == 0:
                metrics = report(place, "itemsets", f"closed sets of {ITEMS} items, {ranks} ranks")
                check_equal((metrics["itemsets"], metrics["longest"]), (len(wanted), len(huge)), "closed sets")


def customer_of_many_events():
    """One customer with far more events than all others: it counts once, and costs what its distinct items cost."""
    draw = random.Random(2)
    others = [[draw.randrange(40) for _ in range(12)] for _ in range(2000)]
    many = [event * event % 41 for event in range(EVENTS)]  # holds 21 of the items
    pairs = collections.Counter(pair for events in others for pair in set(itertools.combinations(events, 2)))
    for keys in ({}, {"max_gap": 11}):
        reach = keys.get("max_gap", 100)
        of_many = {(many[i], many[j]) for i in range(200) for j in range(i + 1, i + 1 + reach)}  # they repeat after 41 events
        wanted = sum(pairs[pair] + (pair in of_many) >= 60 for pair in {*pairs, *of_many})
        for ranks in (1, 2):
            with Workplace() as place:
                place.write("s.txt", text_of([many, *others]))
                step = {"sequences": {"format": "spmf", "input": "s.txt", "min_support": 60, "max_len": 2, **keys}}
                code, err = run(place, ranks, 1, step)
                check_equal(code, 0, f"a customer of {EVENTS} events: {err}")
                if code == 0:
                    report(place, "sequences", f"a customer of {EVENTS} events, {keys}, {ranks} ranks")
                    lengths = place.json("out/sequences/result.json")["tables"][0]["rows"]
                    check_equal(lengths[1][1], wanted, f"pairs in order with {keys}")


huge_basket_and_common_item()
all_sets_of_a_huge_basket()
customer_of_many_events()
support.finish()
