# SPDX-License-Identifier: Apache-2.0
"""Random messy CSV files and what an ingest must make of them, by Python's csv module and plain loops."""

import csv
import datetime
import io
import random
import struct

COLUMNS = ["Kunde", "Zeit", "Korb", "Artikel", "Menge", "Preis", "Notiz", "Land", "Gewicht", "Aktion", "Tag", "Nr"]
MAP = {"customer": "Kunde", "time": "Zeit", "basket": "Korb", "item": "Artikel", "quantity": "Menge", "price": "Preis",
       "note": "Notiz", "country": "Land", "weight": "Gewicht", "promotion": "Aktion", "day": "Tag"}  # Nr is not read
TYPES = {"price": "decimal(3)", "note": "text", "weight": "float64", "promotion": "boolean", "day": "date"}
CLEAN = [{"drop_missing": {"columns": ["customer"]}},
         {"drop_prefix": {"column": "basket", "prefix": "C"}},
         {"drop_duplicates": {"action": "drop"}},
         {"drop_non_positive": {"columns": ["quantity", "price"]}},
         {"drop_missing": {"columns": ["item", "weight"]}}]
BAD = object()

# As written, and what it means; None is missing.
QUANTITIES = [("1", 1), ("2", 2), ("12", 12), ("+3", 3), (" 4 ", 4), ("007", 7), ("17.0", 17), ("-5", -5), ("0", 0),
              ("", None), (" ", None), ("2147483647", 2**31 - 1), ("2147483648", BAD), ("-2147483648", BAD),
              ("1.5", BAD), ("many", BAD), ("1e3", BAD)]
PRICES = [("1.5", 1500), ("0.125", 125), (".5", 500), ("3.", 3000), ("12", 12000), ("-1.25", -1250), ("0", 0),
          ("", None), ("1.2500", 1250), ("9223372036854775.807", 2**63 - 1), ("9223372036854775.808", BAD),
          ("1.2345", BAD), ("1,5", BAD), ("NaN", BAD)]
WEIGHTS = [("0.1", 0.1), ("1e-3", 1e-3), ("-7", -7.0), ("", None), ("1.7976931348623157e308", 1.7976931348623157e308),
           ("5e-324", 5e-324), ("123456789.123456789", 123456789.123456789), ("-0.0", -0.0), ("1e999", BAD),
           ("nan", BAD), ("x", BAD)]
FLAGS = [("true", 1), ("No", 0), ("1", 1), ("F", 0), ("", None), ("2", BAD)]
DAYS = [("2020-02-29", 18321), ("1969-12-31", -1), ("2000-01-01", 10957), ("", None), ("2021-02-29", BAD)]
TEXTS = ["", "plain", "com,ma", 'quo"te', "two\nlines", "Grüße", "日本語", " lead", "tail ", "'", "x" * 300, "\\n"]
CUSTOMERS = [f"c{i}" for i in range(40)] + ["Zoë", 'a"b', "with, comma", "日本", ""]


def pick(rng, choices, bad_rows):
    """One of the choices; bad ones seldom, and never in a clean file."""
    while True:
        text, value = rng.choice(choices)
        if value is not BAD or (bad_rows and rng.random() < 0.05):
            return text


def random_record(rng, bad_rows):
    moment = datetime.datetime(2020, 1, 1) + datetime.timedelta(minutes=rng.randrange(2000))
    time = moment.strftime("%d/%m/%Y %H:%M")
    if bad_rows and rng.random() < 0.02:
        time = rng.choice(["", "31/02/2020 10:00", "yesterday", "2020-01-01 10:00"])
    record = [rng.choice(CUSTOMERS), time, rng.choice("CI") + str(rng.randrange(60)), rng.choice(TEXTS),
              pick(rng, QUANTITIES, bad_rows), pick(rng, PRICES, bad_rows), rng.choice(TEXTS), rng.choice(TEXTS[:9]),
              pick(rng, WEIGHTS, bad_rows), pick(rng, FLAGS, bad_rows), pick(rng, DAYS, bad_rows),
              str(rng.randrange(3))]
    if bad_rows and rng.random() < 0.01:
        record = record[:rng.randrange(1, 12)] if rng.random() < 0.5 else record + ["more"]
    return record


def random_file(seed, rows, delimiter=",", end="\n", bad_rows=True):
    """A CSV file with equal rows, blank lines and every kind of field, as bytes."""
    rng = random.Random(seed)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    earlier = []
    for _ in range(rows):
        record = rng.choice(earlier) if earlier and rng.random() < 0.15 else random_record(rng, bad_rows)
        earlier.append(record)
        writer.writerow(record)
        if rng.random() < 0.01:
            out.write(end)
    text = out.getvalue()
    return (text[:-len(end)] if rng.random() < 0.5 else text).encode()  # the last line end may be lacking


def time_of(text):
    if not text.strip():
        return None
    try:
        moment = datetime.datetime.strptime(text, "%d/%m/%Y %H:%M")
    except ValueError:
        return BAD
    return int((moment - datetime.datetime(1970, 1, 1)) / datetime.timedelta(microseconds=1))


def meaning(name, text):
    """Value of a field; None is missing, BAD unreadable."""
    tables = {"quantity": QUANTITIES, "price": PRICES, "weight": WEIGHTS, "promotion": FLAGS, "day": DAYS}
    if name == "time":
        return time_of(text)
    if name in tables:
        value = dict(tables[name])[text]
        return value.hex() if isinstance(value, float) else value
    return text or None


def records_of(content, delimiter):
    """Pairs of first line and fields of each record after the header; blank lines are none."""
    reader = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter)
    line = 0
    for fields in reader:
        if line > 0 and fields:
            yield line + 1, fields
        line = reader.line_num


def hits(rule, values, fields, seen):
    (kind, keys), = rule.items()
    if kind == "drop_missing":
        return any(values[name] is None for name in keys["columns"])
    if kind == "drop_prefix":
        return (values[keys["column"]] or "").startswith(keys["prefix"])
    if kind == "drop_non_positive":
        return any(values[name] is not None and values[name] <= 0 for name in keys["columns"])
    return tuple(fields) in seen


def stored_order(values):
    """Time, then the other columns by name, whole numbers and labels before texts; missing first, doubles by bits."""
    def key(name):
        value = values[name]
        if name in ("item", "basket", "country"):
            return (value is not None, (value or "").encode())
        if name == "note":
            return (value or "").encode()
        if name == "weight":
            return missing_bits if value is None else struct.unpack("q", struct.pack("d", float.fromhex(value)))[0]
        return (value is not None, value or 0)
    missing_bits = 0x7FF80000000007A2
    names = sorted(set(MAP) - {"customer", "time", "note"}) + ["note"]
    return (values["time"], *(key(name) for name in names))


def expected(files, delimiter=","):
    """What an ingest of (name, content) pairs in the order of their content hashes must keep, charge and quarantine."""
    charges = [{"matched": 0, "removed": 0} for _ in CLEAN]
    kept, bad, seen, read = [], [], set(), 0
    for name, content in files:
        for line, fields in records_of(content, delimiter):
            read += 1
            if len(fields) != len(COLUMNS):
                bad.append((name, line))
                continue
            values = {key: meaning(key, fields[COLUMNS.index(column)]) for key, column in MAP.items()}
            hit = [] if BAD in values.values() else [i for i, r in enumerate(CLEAN) if hits(r, values, fields, seen)]
            if BAD in values.values() or (not hit and None in (values["customer"], values["time"])):
                bad.append((name, line))
                continue
            seen.add(tuple(fields))
            for i in hit:
                charges[i]["matched"] += 1
            if hit:
                charges[hit[0]]["removed"] += 1
            else:
                kept.append(values)
    by_customer = {}
    for values in sorted(kept, key=stored_order):
        by_customer.setdefault(values["customer"], []).append(values)
    return {"read": read, "kept": len(kept), "charges": charges, "bad": bad, "customers": by_customer}
