# SPDX-License-Identifier: Apache-2.0
"""The window grammar by pandas, for `tests/jobs/windows_test.py COHORT pandas`: by hand, where pandas is installed."""
import datetime

import pandas

SCALE = {"price": 100, "amount": 100}


def numbers(rows):
    table = pandas.DataFrame(rows)
    for column in ("quantity", "price", "order", "item"):
        table[column] = table[column].astype("Int64")
    table["date"] = pandas.to_datetime(table.date)
    return table.assign(amount=table.quantity * table.price, one=1)


def mask(table, where):
    good = pandas.Series(True, table.index)
    for column, test in where.items():
        if column == "channel":
            inside = table.channel.isin(test.lstrip("!").split("|"))
        else:
            sign = test.rstrip("0123456789.")
            inside = getattr(table[column] / SCALE.get(column, 1), {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}.get(sign, "eq"))(float(test[len(sign):]))
            inside = inside.fillna(False).astype(bool)
        good &= table[column].notna() & (~inside if test.startswith("!") else inside)
    return good


def within(table, window, as_of):
    table = table[table.date < as_of]
    number = int(window["last"].rstrip("days orders")) if window["last"] != "all" else None
    by_orders = "order" in window["last"]
    if number and not by_orders:
        table = table[(as_of - table.date).dt.days <= number]
    if by_orders or window["per"] == "order":
        table = table[table.order.notna()]
    if by_orders:
        last = table.reset_index(drop=True).reset_index().groupby(["customer", "order"])["index"].max()
        keep = last.sort_values(ascending=False).groupby("customer").head(number).index
        table = table[pandas.MultiIndex.from_frame(table[["customer", "order"]]).isin(keep)]
    return table


def values(table, window):
    of = window["of"] or "one"
    if window["per"] == "event":
        return table.assign(value=table[of])
    orders = table.groupby(["customer", "order"], sort=False)
    return orders.agg(date=("date", "max"), value=(of, lambda v: v.sum(min_count=1))).reset_index()


def slope(group):
    days = group.dropna(subset="value").groupby("date").value.sum().astype(float)
    if len(days) < 2:
        return None
    x = pandas.Series((days.index - pandas.Timestamp(0)).days, days.index, dtype=float)
    return ((x - x.mean()) * (days - days.mean())).sum() / ((x - x.mean()) ** 2).sum()


def figures(table, window, as_of):
    stat, scale = window["stat"], SCALE.get(window["of"], 1)
    if stat == "share":
        everything = within(table, window, as_of)
        part = values(everything[mask(everything, window["where"])], window).groupby("customer").value.sum()
        whole = values(everything, window).groupby("customer").value.sum()
        return (part.reindex(whole.index, fill_value=0) / whole.where(whole != 0)).astype("Float64")
    found = values(within(table[mask(table, window["where"])], window, as_of), window)
    by = found.groupby("customer")
    if stat == "recency":
        return (as_of - by.date.max()).dt.days
    if stat == "gap":
        dates = by.date.agg(["min", "max", "nunique"])
        return ((dates["max"] - dates["min"]).dt.days / (dates["nunique"] - 1)).where(dates["nunique"] > 1)
    if stat == "trend":
        return pandas.Series({customer: slope(group) for customer, group in by}, dtype=float) / scale
    if stat in ("count", "distinct"):
        return by.value.count() if stat == "count" else by.value.nunique()
    return getattr(by.value, {"sd": "std"}.get(stat, stat))() / scale


def oracle_of(rows, windows):
    table, known = numbers(rows), {}

    def oracle(customer, name, date):
        if (name, date) not in known:
            assert isinstance(date, datetime.date)
            known[name, date] = figures(table, windows[name], pandas.Timestamp(date)).to_dict()
        value = known[name, date].get(customer)
        if value is None or pandas.isna(value):
            return 0 if windows[name]["stat"] in ("count", "sum", "distinct") else None
        return float(value)
    return oracle
