# SPDX-License-Identifier: Apache-2.0
"""Cleaning rules, joins and odd forms of files against plain Python: each rule's count, and every value kept."""

import csv
import io
import random
import re
import statistics
import unicodedata

import store
import support
from support import Workplace, check_equal, ingest_job, tree_hashes

HEADER = ["Customer", "When", "Order", "Sku", "Qty", "Price", "Channel", "Phone", "Mail", "Zip", "City"]
MAP = {"customer": "Customer", "time": "When", "basket": "Order", "item": "Sku", "quantity": "Qty", "price": "Price",
       "channel": "Channel", "phone": "Phone", "mail": "Mail", "zip": "Zip", "city": "City", "group": "$products.Group"}
TYPES = {"price": "decimal(2)", "phone": "text", "mail": "text", "zip": "text"}
CITIES = ["Lyon", " lyon", "LYON ", "Ｌｙｏｎ", "ﾅｺﾞﾔ", "ナゴヤ", "Orléans", "ORLÉANS", "a\u00a0 b", ""]
PRODUCTS = {f"S{i}": "ABC"[i % 3] for i in range(8)}
RULES = [
    {"normalise_width": {"columns": ["city", "phone"]}},
    {"trim": {"columns": ["city"]}},
    {"change_case": {"columns": ["city"], "to": "upper"}},
    {"standardise": {"columns": ["phone"], "as": "phone"}},
    {"standardise": {"columns": ["mail"], "as": "email"}},
    {"standardise": {"columns": ["zip"], "as": "postcode"}},
    {"replace": {"columns": ["channel"], "values": {"www": "web", "?": ""}}},
    {"fill_missing": {"columns": ["channel"], "value": "shop"}},
    {"drop_missing": {"columns": ["customer"]}},
    {"drop_mismatch": {"column": "basket", "pattern": "[OR][0-9]{1,3}"}},
    {"drop_unlisted": {"column": "channel", "values": ["web", "shop"]}},
    {"drop_unknown_key": {"column": "item", "lookup": "products"}},
    {"drop_out_of_range": {"column": "price", "min": "0.01", "max": "500"}},
    {"drop_out_of_range": {"column": "time", "min": "2020-01-02"}},
    {"drop_repeated": {"columns": ["basket", "item"], "keep": "last"}},
    {"net_returns": {}},
    {"outliers": {"column": "quantity", "method": "mad", "threshold": 3, "action": "winsorise"}},
    {"impute": {"column": "price", "with": "median", "by": "group"}},
]


def random_rows(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        quantity = rng.choice([1, 1, 2, 3, 5, 40]) * rng.choice([1, 1, 1, -1])
        yield [rng.choice(["c1", "c2", "c3", "c4", ""]), f"2020-01-{rng.randrange(1, 9):02} 10:0{rng.randrange(6)}:00",
               rng.choice("OOOX") + str(rng.randrange(40)), f"S{rng.randrange(9)}", rng.choice([str(quantity)] * 9 + [""]),
               rng.choice(["1.50", "2.00", "", "0", "900"] + ["4.25"] * 3), rng.choice(["web", "www", "?", "", "shop", "fax"]),
               rng.choice(["+33 1 23", "0033(1)23", "０１２-3", ""]), rng.choice([" A@B.fr", "mailto:x@Y.z", "", "q @r.s"]),
               rng.choice(["sw1a 1aa", "SW1A-1AA", "", "123"]), rng.choice(CITIES)]


def as_csv(rows, **how):
    out = io.StringIO(newline="")
    csv.writer(out, **{"lineterminator": "\n", **how}).writerows([HEADER, *rows])
    return out.getvalue()


def phone(text):
    kept = "".join(c for i, c in enumerate(text) if c.isdigit() or (c == "+" and not re.search("[0-9+]", text[:i])))
    return "+" + kept[2:] if kept.startswith("00") else kept


class Oracle:
    """Plain loops over the rows, rule by rule."""

    def __init__(self, rows):
        self.counts = [{"matched": 0, "removed": 0, "changed": 0} for _ in RULES]
        names = {column: name for name, column in MAP.items()}
        self.rows = [dict(zip((names[column] for column in HEADER), row)) for row in rows]
        width = lambda text: unicodedata.normalize("NFKC", text) if not re.search("[\u00a0é]", text) else text
        texts = [(("city", "phone"), width), (("city",), lambda t: " ".join(t.split())), (("city",), str.upper),
                 (("phone",), phone), (("mail",), lambda t: re.sub(r"\s", "", t).lower().removeprefix("mailto:")),
                 (("zip",), lambda t: re.sub(r"[\s-]", "", t).upper()),
                 (("channel",), lambda t: {"www": "web", "?": ""}.get(t, t)), (("channel",), lambda t: t or "shop")]
        for i, (columns, change) in enumerate(texts):
            self.change_texts(i, columns, change)
        for row in self.rows:
            row["group"] = PRODUCTS.get(row["item"], "")
            row["quantity"] = int(row["quantity"]) if row["quantity"] else None
            row["price"] = round(float(row["price"]) * 100) if row["price"] else None
        tests = [lambda r: not r["customer"], lambda r: not re.fullmatch("[OR][0-9]{1,3}", r["basket"]),
                 lambda r: r["channel"] not in ("web", "shop"), lambda r: r["item"] not in PRODUCTS,
                 lambda r: r["price"] is not None and not 1 <= r["price"] <= 50000, lambda r: r["time"] < "2020-01-02"]
        self.judge(tests, first=len(texts))
        # What rules over all values learn from.
        quantities = [row["quantity"] for row in self.rows if row["quantity"] is not None]
        prices = {group: sorted(row["price"] for row in self.rows if row["price"] is not None and row["group"] == group)
                  for group in PRODUCTS.values()}
        self.rows.sort(key=self.order)
        self.drop_repeated(len(RULES) - 4)
        self.net(len(RULES) - 3)
        self.winsorise(len(RULES) - 2, quantities)
        for row in self.rows:
            if row["price"] is None:
                values = prices[row["group"]]
                self.count(len(RULES) - 1, row, "price", values[(len(values) - 1) // 2])

    @staticmethod
    def order(row):
        def number(value):
            return (value is not None, value or 0)
        labels = [row[name].encode() for name in ("basket", "channel", "city", "group", "item")]
        return (row["customer"], row["time"], *labels, number(row["price"]), number(row["quantity"]),
                row["mail"].encode(), row["phone"].encode(), row["zip"].encode())

    def count(self, rule, row, name, value):
        row[name] = value
        self.counts[rule]["matched"] += 1
        self.counts[rule]["changed"] += 1

    def change_texts(self, rule, columns, change):
        for row in self.rows:
            for name in columns:
                if change(row[name]) != row[name]:
                    self.count(rule, row, name, change(row[name]))

    def judge(self, tests, first):
        kept = []
        for row in self.rows:
            hit = [first + i for i, test in enumerate(tests) if test(row)]
            for rule in hit:
                self.counts[rule]["matched"] += 1
            if hit:
                self.counts[hit[0]]["removed"] += 1
            else:
                kept.append(row)
        self.rows = kept

    def remove(self, rule, gone):
        self.counts[rule]["removed"] += len(gone)
        self.rows = [row for row in self.rows if not any(row is other for other in gone)]

    def drop_repeated(self, rule):
        last, gone = {}, []
        for row in self.rows:
            key = (row["customer"], row["basket"], row["item"])
            if key in last:
                gone.append(last[key])
            last[key] = row
        self.counts[rule]["matched"] += len(gone)
        self.remove(rule, gone)

    def net(self, rule):
        left = {id(row): row["quantity"] for row in self.rows}
        for i, row in enumerate(self.rows):
            if row["quantity"] is None or row["quantity"] >= 0:
                continue
            self.counts[rule]["matched"] += 1
            for other in reversed(self.rows[:i]):
                same = all(other[name] == row[name] for name in ("customer", "item", "price"))
                if same and other["time"] < row["time"] and (other["quantity"] or 0) > 0:
                    taken = min(left[id(other)], -left[id(row)])
                    left[id(other)] -= taken
                    left[id(row)] += taken
        gone = [row for row in self.rows if row["quantity"] and left[id(row)] == 0]
        for row in self.rows:
            if row["quantity"] and left[id(row)] not in (0, row["quantity"]):
                row["quantity"] = left[id(row)]
                self.counts[rule]["changed"] += 1
        self.remove(rule, gone)

    def winsorise(self, rule, values):
        center = statistics.median(values)
        reach = 3 * 1.4826 * statistics.median(abs(value - center) for value in values)
        for row in self.rows:
            if row["quantity"] is not None and abs(row["quantity"] - center) > reach:
                edge = int(center - reach) if row["quantity"] < center else int(center + reach)
                self.count(rule, row, "quantity", edge)


def job(path):
    lookups = {"products": {"path": "products.csv", "key": "Sku"}}
    return ingest_job(MAP, TYPES, path=path, shards=3, clean=RULES, lookups=lookups,
                      source={"joins": {"products": "item"}})


def write_products(place):
    place.write("products.csv", "Sku,Group\n" + "".join(f"{key},{group}\n" for key, group in PRODUCTS.items()))


def rules_against_oracle(seed):
    rows = list(random_rows(seed, 400))
    oracle = Oracle(rows)
    with Workplace() as place:
        write_products(place)
        place.write("in/a.csv", as_csv(rows[:150]))
        place.write("in/b.csv", as_csv(rows[150:]))
        hashes = None
        for ranks, threads in ((1, 1), (3, 2)):
            out = f"out{ranks}"
            if not place.must_run(job("in/*.csv"), out=out, ranks=ranks, threads=threads):
                return
            hashes = hashes or tree_hashes(place.path / out)
            check_equal(tree_hashes(place.path / out), hashes, f"all files at {ranks} ranks")
        sheet = place.json("out1/ingest/result.json")["rows"]
        for rule, expected in zip(sheet["rules"][1:], oracle.counts):
            found = {"changed": 0, **{key: rule[key] for key in rule if key != "rule"}}
            check_equal(found, expected, f"seed {seed}: {rule['rule']}")
        check_equal(sheet["read"], sheet["kept"] + sum(rule["removed"] for rule in sheet["rules"]), "the sheet balances")
        check_equal(sheet["kept"], len(oracle.rows), "rows kept")
        stored = store.dump(str(place.path / "out1/data.cohort"))
        if stored:
            check_store(stored, oracle)


def check_store(stored, oracle):
    customers, events = stored["tables"]["customers"], stored["tables"]["transactions"]
    offsets = customers["transactions_offset"] + [len(events["time"])]
    for i, customer in enumerate(customers["customer_id"]):
        expected = [row for row in oracle.rows if row["customer"] == customer]
        for name in ("item", "quantity", "price", "channel", "phone", "mail", "zip", "city", "group"):
            check_equal(events[name][offsets[i]:offsets[i + 1]], [None if row[name] == "" else row[name] for row in expected],
                        f"{name} of {customer}")


def same_rows_in_other_files():
    """Renamed, split in ten, reordered, quoted, compressed: the shards do not change by a bit."""
    rows = list(random_rows(3, 300))
    ways = {"plain": {"z.csv": as_csv(rows)}, "quoted": {"a.csv": as_csv(rows, quoting=csv.QUOTE_ALL)},
            "ten": {f"{9 - i}.csv": as_csv(rows[30 * i:30 * i + 30]) for i in range(10)}, "gzip": {"g.csv.gz": as_csv(rows)}}
    found = {}
    for way, files in ways.items():
        with Workplace() as place:
            write_products(place)
            for name, text in files.items():
                place.write("in/" + name, support.gzip_bytes(text) if name.endswith(".gz") else text)
            if place.must_run(job("in/*")):
                found[way] = {name: value for name, value in tree_hashes(place.path / "out/data.cohort").items()
                              if name != "manifest.json"}
    for way, hashes in found.items():
        check_equal(hashes, found["plain"], f"shards of the same rows, {way}")


def forms_of_files():
    """Encodings, decimal commas, thousands and time zones say the same as plain text."""
    plain = "customer,time,city,amount\nZoë,2020-01-01 23:30:00,Genève,1234.50\nB,2020-01-02 10:00:00,Köln,-7\n"
    chinese = plain.replace("Zoë", "李").replace("Genève", "北京").replace("Köln", "上海")
    europe = ("customer;time;city;amount\nZoë;2020-01-02 07:30:00;Genève;1.234,50\n"
              "B;2020-01-02 18:00:00;Köln;-7\n").encode("cp1252")
    map_ = {name: name for name in ("customer", "time", "city", "amount")}
    forms = [(plain.encode(), {}), (europe, {"delimiter": ";", "encoding": "latin-1", "decimal": ",", "thousands": ".",
                                             "time_zone": "+08:00"}),
             (chinese.encode(), {}), (chinese.encode("gb18030"), {"encoding": "gb18030"})]
    found = []
    for content, source in forms:
        with Workplace() as place:
            place.write("a.csv", content)
            place.must_run(ingest_job(map_, {"amount": "decimal(2)"}, source=source))
            found.append({name: value for name, value in tree_hashes(place.path / "out/data.cohort").items()
                          if name.startswith("shard")})
    check_equal(found[1], found[0], "Windows-1252 with decimal commas, eight hours ahead")
    check_equal(found[3], found[2], "GB18030")
    with Workplace() as place:
        place.write("a.csv", 'customer,time,city,amount\na,2020-01-01 00:00:00,x,"1,23"\n')
        code, _, err = place.run(ingest_job(map_, {"amount": "decimal(2)"}, source={"thousands": ","}))
        check_equal((code, "'1,23'" in err), (65, True), f"thousands not in threes: {err}")


def counts_stay_bounded():
    """The distinct values of all ranks have to fit on each, or the job is refused before they move."""
    job = ingest_job({name: name for name in ("customer", "time", "x")}, {"x": "int64"}, path="in/*.csv",
                     clean=[{"outliers": {"column": "x"}}])
    with Workplace() as place:
        for part in range(3):
            rows = "".join(f"c{i % 9},2020-01-01 00:00:00,{3 * i + part}\n" for i in range(100_000))
            place.write(f"in/{part}.csv", "customer,time,x\n" + rows)
        code, _, err = place.run(job, ranks=3, options=["--set", "run.memory_per_rank=64MiB"])
        check_equal((code, "outliers(x" in err, "300000 distinct values" in err), (14, True, True), f"too many values: {err}")
        place.must_run(job, ranks=3)


for number in range(3):
    rules_against_oracle(number)
same_rows_in_other_files()
forms_of_files()
counts_stay_bounded()
store.finish()
