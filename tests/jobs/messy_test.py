# SPDX-License-Identifier: Apache-2.0
"""A messy export of three sources: each planted fault is counted under its rule, and what is kept equals the truth."""

import pathlib
import re

import support
from support import Workplace, check, check_equal, tree_hashes

CONFIG = (pathlib.Path(__file__).parents[2] / "configs/messy.yaml").read_text()
SMALL = ["--set", "generate.customers=600", "--set", "generate.parts=3", "--set", "shards=3"]
UNREADABLE = {"bad_date", "wrong_type", "ragged"}
# What finds each fault that is no unreadable row: the rule's kind, and how it counts.
FOUND_BY = {"missing_customer": ("drop_missing", "removed"), "duplicate": ("drop_duplicates", "removed"),
            "non_positive": ("drop_non_positive", "removed"), "out_of_range": ("drop_out_of_range", "removed"),
            "unknown_item": ("drop_unknown_key", "removed"), "unlisted": ("drop_unlisted", "removed"),
            "returned": ("drop_prefix", "removed"), "conflicting": ("drop_repeated", "removed"),
            "blanks": ("trim", "changed"), "mixed_case": ("change_case", "changed"),
            "full_width": ("normalise_width", "changed")}


def planted(place, out="out"):
    """(source, kind) -> places of the faults, as (file, line)."""
    faults = {}
    for path in sorted((place.path / out / "generate").glob("dirt-*.csv")):
        for line in path.read_text().splitlines()[1:]:
            source, number, kind = line.split(",")
            faults.setdefault((source, kind), []).append((path.name.replace("dirt", source), int(number)))
    return faults


def check_sheet(sheet, faults):
    counted = {}
    for rule in sheet["rules"]:
        name = re.match(r"(\w+): (\w+)", rule["rule"])
        if name:
            counted[name.groups()] = rule
    for (source, kind), places in faults.items():
        if kind in UNREADABLE:
            continue
        rule, count = FOUND_BY[kind]
        check_equal(counted.pop((source, rule))[count], len(places), f"{kind} of {source}")
    check_equal([key for key, rule in counted.items() if rule["matched"]], [], "rules that hit what nobody planted")
    check_equal(sheet["read"], sheet["kept"] + sum(rule["removed"] for rule in sheet["rules"]), "the sheet balances")


def shards(place, out):
    return {name: value for name, value in tree_hashes(place.path / out / "messy.cohort").items()
            if name.endswith(".h5")}


def every_fault_is_found():
    with Workplace() as place:
        code, _, err = place.run(CONFIG, options=SMALL, ranks=2, threads=2)
        check_equal(code, 0, f"messy.yaml ends well: {err}")
        if code:
            return
        faults = planted(place)
        kinds = {kind for _, kind in faults}
        check_equal(kinds, UNREADABLE | set(FOUND_BY), "kinds of faults planted")
        check_equal(len({source for source, _ in faults}), 3, "sources with faults")
        check_sheet(place.json("out/ingest/result.json")["rows"], faults)
        unreadable = sorted(place_ for (_, kind), places in faults.items() if kind in UNREADABLE for place_ in places)
        check_equal(sorted((row[0], int(row[1])) for row in place.rows("out/ingest/quarantine.csv")[1:]), unreadable,
                    "quarantined rows")
        the_truth_is_kept(place)
        hashes = tree_hashes(place.path / "out")
        check_equal(place.run(CONFIG, options=SMALL, out="again", ranks=3)[0], 0, "at three ranks")
        check_equal(tree_hashes(place.path / "again"), hashes, "all files at three ranks")


def the_truth_is_kept(place):
    """What is kept of the messy files equals the ingest of the true ones, without a rule, to the byte."""
    rules = CONFIG.index("      clean:\n")
    steps = CONFIG.index("  - features:")
    truth = CONFIG[:rules] + CONFIG[steps:]
    truth = re.sub(r"  - generate:.*?(?=  - ingest)", "", truth, flags=re.DOTALL).split("  - features:")[0]
    for source in ("customers", "transactions", "feedback"):
        truth = truth.replace(f"${{out}}/generate/{source}-", f"{place.path}/out/generate/true_{source}-")
    truth = truth.replace("${out}", str(place.path / "out"))
    code, _, err = place.run(truth, out="true", options=["--set", "shards=3"])
    check_equal(code, 0, f"the truth is clean: {err}")
    check_equal(shards(place, "out"), shards(place, "true"), "shards of the cleaned rows and of the true ones")


def returns_are_netted():
    """Each planted return finds a purchase, so both go."""
    with Workplace() as place:
        config = CONFIG.replace("- drop_prefix: {column: basket, prefix: C}", "- {}")
        config = re.sub(r"        - \{\}[^\n]*\n", "", config)
        config = config.replace("        - drop_non_positive: {columns: [quantity]}\n",
                                "        - drop_out_of_range: {column: quantity, max: 1000000}\n")
        config = config.replace("        - drop_duplicates: {}\n", "        - drop_duplicates: {}\n        - net_returns: {}\n")
        code, _, err = place.run(config, options=[*SMALL, "--until", "ingest"])
        check_equal(code, 0, f"netted: {err}")
        if code:
            return
        faults = planted(place)
        rule = next(rule for rule in place.json("out/ingest/result.json")["rows"]["rules"] if "net_returns" in rule["rule"])
        returns = len(faults["transactions", "returned"])
        # A return takes from the latest purchase of its item and price, which may be another one than the planted.
        check_equal(rule["matched"], returns, "returns that net_returns sees")
        check(1.98 * returns < rule["removed"] <= 2 * returns, f"{rule['removed']} rows gone for {returns} returns")


def unknown_customers():
    """Events of nobody in the customers table: created, or set apart with their lines, copies once."""
    config = CONFIG.replace("        bad_date: 0.002", "        unknown_customer: 0.05\n        bad_date: 0.002")
    kept, again = {}, None
    for policy, limit, ranks in (("create", "5%", 1), ("quarantine", "20%", 1), ("quarantine", "20%", 3), ("quarantine", "5%", 2)):
        with Workplace() as place:
            one = config.replace("      max_bad_rows: 5%", f"      max_bad_rows: {limit}\n      unknown_customers: {policy}")
            code, _, err = place.run(one, options=[*SMALL, "--until", "ingest"], ranks=ranks, threads=2)
            if (policy, limit) == ("quarantine", "5%"):
                check_equal((code, "rows are bad, more than max_bad_rows = 5%" in err), (65, True), f"too many of nobody: {err}")
                continue
            check_equal(code, 0, f"{policy}: {err}")
            faults = planted(place)
            orphans = sorted(at for (_, kind), places in faults.items() if kind == "unknown_customer" for at in places)
            found = sorted((row[0], int(row[1])) for row in place.rows("out/ingest/quarantine.csv")[1:]
                           if "customers table" in row[2])
            check_equal(found, orphans if policy == "quarantine" else [], f"quarantined by {policy}")
            sheet = place.json("out/ingest/result.json")
            kept[policy] = sheet["rows"]["kept"]
            check_equal(sheet["rows"]["read"], kept[policy] + sum(rule["removed"] for rule in sheet["rows"]["rules"]), "balance")
            customers = sheet["metrics"]["customers"]
            check(customers == 600 if policy == "quarantine" else customers > 700, f"{customers} customers by {policy}")
            if policy == "quarantine":
                hashes = tree_hashes(place.path / "out")
                check_equal(hashes, again or hashes, f"all files at {ranks} ranks")
                again = hashes
    check_equal(kept["create"] - kept["quarantine"], len(orphans), "events of nobody")
    with Workplace() as place:  # copies of such an event are one orphan and one duplicate
        place.write("c.csv", "customer\na\n")
        place.write("a.csv", "customer,time\n" + "b,2020-01-01 00:00:00\n" * 3 + "a,2020-01-01 00:00:00\n")
        job = support.ingest_job({"customer": "customer", "time": "time"}, clean=[{"drop_duplicates": {}}],
                                 unknown_customers="quarantine", max_bad_rows=1)
        check_equal(place.run(job)[0], 78, "no customers table")
        job["steps"][0]["ingest"]["sources"]["customers"] = {"path": "c.csv", "map": {"customer": "customer"}}
        place.must_run(job)
        rows = place.json("out/ingest/result.json")["rows"]
        check_equal((rows["read"], rows["kept"]), (5, 2), "rows with copies of nobody's")
        check_equal([row[1] for row in place.rows("out/ingest/quarantine.csv")[1:]], ["2"], "the first copy's line")


def plain_output_is_unchanged():
    """Without faults the files are those of a plain generator, and planted items do not disturb the others."""
    with Workplace() as place:
        plain = {"version": 1, "steps": [{"generate": {"customers": 200}}]}
        place.must_run(plain)
        check_equal(place.files("out/generate")[0:1] == [], False, "files")
        names = {path.name for path in (place.path / "out/generate").glob("*.csv")}
        check("dirt-0000.csv" not in names and "products.csv" not in names, f"plain files: {names}")
        plants = {"customers": 200, "bundles": 2, "bundle_share": 0.5, "follow_ups": 1, "follow_up_share": 0.5}
        place.must_run({"version": 1, "steps": [{"generate": plants}]}, out="planted")
        before = set((place.path / "out/generate/transactions-0000.csv").read_text().splitlines())
        after = (place.path / "planted/generate/transactions-0000.csv").read_text().splitlines()
        check_equal(before - set(after), set(), "sales that planting loses")
        check_plants([line.split(",") for line in after if line not in before])
        code, _, err = place.run({"version": 1, "steps": [{"generate": {"dirty": {"ragged": 0.6, "blanks": 0.6}}}]}, out="x")
        check_equal((code, "add up to" in err), (78, True), f"shares above 1: {err}")


def check_plants(lines):
    """Bundles are whole; a follow-up comes 14 days after, give or take half a day."""
    baskets = {}
    for invoice, customer, time, item, *_ in lines:
        baskets.setdefault(invoice, (customer, time, set()))[2].add(item)
    bundles = [{"I01999", "I01998", "I01997"}, {"I01996", "I01995", "I01994"}]
    for invoice, (_, _, items) in baskets.items():
        check(all(not items & bundle or bundle <= items for bundle in bundles), f"half a bundle in {invoice}: {items}")
    check(sum("I01993" in items for _, _, items in baskets.values()) > 50, "follow-ups begin")
    check(sum("I01992" in items for _, _, items in baskets.values()) > 50, "follow-ups end")


every_fault_is_found()
returns_are_netted()
unknown_customers()
plain_output_is_unchanged()
support.finish()
