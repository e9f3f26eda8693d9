#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cohorts, lifecycle and concentration of a log of purchases by pandas, for tests/reference/customers.json.

usage: customers_pandas.py online_retail.csv.gz > customers.json     (pandas 2 or 3; cleaning as configs/online_retail.yaml)
"""
import json
import sys

import numpy
import pandas

AS_OF, NEW, ACTIVE, LAPSED = pandas.Timestamp("2011-12-10"), 30, 90, 180


def purchases(path):
    rows = pandas.read_csv(path, dtype={"InvoiceNo": str, "StockCode": str}, encoding="utf-8-sig")
    rows = rows[rows.CustomerID.notna() & ~rows.InvoiceNo.str.startswith("C") & (rows.Quantity > 0) & (rows.UnitPrice > 0)]
    rows = rows.assign(customer=rows.CustomerID.astype(int), time=pandas.to_datetime(rows.InvoiceDate))
    return rows.assign(money=rows.Quantity * (rows.UnitPrice * 1000).round().astype("int64"))


def cohorts(rows):
    rows = rows.assign(period=rows.time.dt.to_period("M"))
    rows["cohort"] = rows.groupby("customer").period.transform("min")
    orders = rows.sort_values("time", kind="stable").drop_duplicates(["customer", "InvoiceNo"])
    second = orders[orders.groupby("customer").cumcount() == 1]
    sizes = rows.groupby("cohort").customer.nunique()
    table = []
    for cohort, customers in sizes.items():
        for period in pandas.period_range(cohort, rows.period.max(), freq="M"):
            here = rows[(rows.cohort == cohort) & (rows.period == period)]
            table.append([str(cohort), (period - cohort).n, str(period), int(customers), int(here.customer.nunique()),
                          int(((orders.cohort == cohort) & (orders.period == period)).sum()), int(here.money.sum()),
                          int(((second.cohort == cohort) & (second.period <= period)).sum())])
    return table


def states(rows, as_of):
    days = rows[rows.time < as_of].assign(day=rows.time.dt.normalize()).drop_duplicates(["customer", "day"])
    days = days.sort_values(["customer", "day"])
    days["gap"] = days.groupby("customer").day.diff().dt.days
    back = days[(days.gap > LAPSED) & ((as_of - days.day).dt.days <= ACTIVE)].customer.unique()
    ends = days.groupby("customer").day.agg(["min", "max"])
    first, last = (as_of - ends["min"]).dt.days, (as_of - ends["max"]).dt.days
    state = numpy.select([first <= NEW, last > LAPSED, last > ACTIVE, ends.index.isin(back)],
                         ["new", "lapsed", "at_risk", "returned"], "active")
    return pandas.Series(state, ends.index).reindex(rows.customer.unique(), fill_value="none")


def transitions(rows):
    return {f"{a} {b}": int(n) for (a, b), n in
            pandas.crosstab(states(rows, AS_OF - pandas.Timedelta(days=LAPSED)), states(rows, AS_OF)).stack().items() if n}


def concentration(rows):
    values = numpy.sort(rows.groupby("customer").money.sum().to_numpy())[::-1] / 1000
    n, total = len(values), values.sum()
    ranks = numpy.arange(1, n + 1)
    sums = values.cumsum()
    return {"gini": float((n + 1 - 2 * (ranks * values).sum() / total) / n),
            "curve": [float(sums[-(-p * n // 100) - 1] / total) for p in range(1, 101)],
            "a": int((sums < 0.8 * total).sum() + 1), "ab": int((sums < 0.95 * total).sum() + 1)}


def main():
    rows = purchases(sys.argv[1])
    print(json.dumps({"cohorts": cohorts(rows), "transitions": transitions(rows), "concentration": concentration(rows)}))


main()
