# SPDX-License-Identifier: Apache-2.0
"""Runs one peer once, in a process of its own: peer.py KERNEL PEER VARIANT INDEX DESCRIPTION. Prints {"seconds", "cpu_s"}
and the numbers ours must agree on. Without arguments prints the versions of the peers that this Python has."""
import importlib
import json
import os
import pathlib
import shutil
import sys
import time

import peer_mining

MODULES = {"duckdb": "duckdb", "polars": "polars", "numpy": "numpy", "sklearn": "sklearn"}
REPEATS = 3  # inside the process, of what leaves nothing behind: the best counts
ITERATIONS = 10
ITERATIONS_OF_FIT = 50
STRIP = 65536
AS_OF = "2024-01-01"  # the day after the generator's last event
TIME = "%Y-%m-%d %H:%M:%S"
PROBABILITIES = [0.01, 0.25, 0.5, 0.75, 0.99]


def cost_of(work):
    cpu_start, start = time.process_time(), time.perf_counter()
    value = work()
    return {"seconds": time.perf_counter() - start, "cpu_s": time.process_time() - cpu_start}, value


def best_of(work):
    return min((cost_of(work) for _ in range(REPEATS)), key=lambda result: result[0]["seconds"])


# --- DuckDB ---


def read_csv(bench):
    columns = "{'invoice':'BIGINT','customer':'BIGINT','time':'TIMESTAMP','item':'VARCHAR','quantity':'INTEGER',"
    columns += "'price':'DECIMAL(18,2)','channel':'VARCHAR'}"
    return f"read_csv('{bench['csv']}', header=true, timestampformat='{TIME}', columns={columns})"


def duckdb_connection(bench):
    import duckdb

    return duckdb.connect(config={"threads": bench["threads"], "preserve_insertion_order": False})


def duckdb_csv_parse(bench):
    con = duckdb_connection(bench)
    query = f"""select count(*), sum(invoice), sum(customer), sum(epoch(time))::bigint, sum(quantity), sum(price * 100)::bigint,
                max(length(item)), max(length(channel)) from {read_csv(bench)}"""
    cost, (row,) = best_of(lambda: con.execute(query).fetchall())
    return {**cost, "rows": row[0], "bad": 0, "sums": [int(value) for value in row[1:6]]}


def fsync_below(folder):
    for path in [folder, *folder.rglob("*")]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def duckdb_ingest(bench):
    con = duckdb_connection(bench)
    folder = pathlib.Path(bench["scratch"]) / "parquet"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)

    def work():
        con.execute(
            f"""copy (select *, hash(customer) % 16 as part from {read_csv(bench)})
                to '{folder}' (format parquet, compression zstd, partition_by (part))"""
        )
        fsync_below(folder)

    cost, _ = cost_of(work)
    files = f"read_parquet('{folder}/*/*.parquet')"
    rows, customers = con.execute(f"select count(*), count(distinct customer) from {files}").fetchone()
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    shutil.rmtree(folder)
    return {**cost, "rows": rows, "customers": customers, "bytes": size}


def load_table(con, bench, order=""):
    """The transactions as a native table, in the narrowest types: labels as enumerations."""
    con.execute(f"create temp table text as select * from {read_csv(bench)}")
    for label in ("item", "channel"):
        con.execute(f"create type {label}s as enum (select distinct {label} from text)")
    con.execute(
        f"""create temp table tx as select invoice, customer::integer as customer, time, item::items as item, quantity,
            price::decimal(9,2) as price, channel::channels as channel from text {order}"""
    )
    con.execute("drop table text")


def features_query(variant):
    days = f"date '{AS_OF}' - max(time)::date as recency_days, date '{AS_OF}' - min(time)::date as tenure_days"
    gap = "(max(time)::date - min(time)::date) / nullif(count(distinct time::date) - 1, 0)::double as mean_gap_days"
    money = "sum(quantity * price) as monetary"
    if variant == "without distinct":
        aggregates = f"{days}, {money}, count(*) as events"
    else:
        aggregates = f"""{days}, {gap}, {money}, count(distinct invoice) as frequency, count(distinct item) as distinct_items,
                         sum(quantity * price) / count(distinct invoice) as mean_basket"""
    return f"create or replace temp table features as select customer, {aggregates} from tx where time < date '{AS_OF}' group by customer"


def duckdb_features(bench):
    con = duckdb_connection(bench)
    load_table(con, bench, "order by customer, time" if bench["variant"] == "peer sorted" else "")
    cost, _ = best_of(lambda: con.execute(features_query(bench["variant"])).fetchall())
    return {**cost, "customers": con.execute("select count(*) from features").fetchone()[0]}


def duckdb_features_with_ingest(bench):
    con = duckdb_connection(bench)

    def work():
        con.execute(f"create temp table tx as select * from {read_csv(bench)}")
        con.execute(features_query(""))

    cost, _ = cost_of(work)
    return {**cost, "customers": con.execute("select count(*) from features").fetchone()[0]}


def parquet(bench):
    """The transactions as zstd Parquet, made once."""
    path = pathlib.Path(bench["data"]) / "transactions.parquet"
    if not path.exists():
        fresh = path.with_suffix(".part")
        duckdb_connection(bench).execute(f"copy (from {read_csv(bench)}) to '{fresh}' (format parquet, compression zstd)")
        fresh.rename(path)
    return path


def duckdb_scan(bench):
    con, path = duckdb_connection(bench), parquet(bench)
    query = f"""select count(*), sum(epoch(time))::bigint, sum(invoice), sum(quantity), sum(price * 100)::bigint
                from read_parquet('{path}')"""
    cost, (row,) = best_of(lambda: con.execute(query).fetchall())
    return {**cost, "rows": row[0], "sums": [int(value) for value in row[1:]]}


def duckdb_on_columns(bench, *aggregates):
    con = duckdb_connection(bench)
    load_table(con, bench)
    wanted = ", ".join(aggregate.format(column) for column in ("quantity", "price") for aggregate in aggregates)
    cost, (row,) = best_of(lambda: con.execute(f"select count(*), {wanted} from tx").fetchall())
    return cost, row


def duckdb_moments(bench):
    cost, row = duckdb_on_columns(bench, "avg({})", "stddev_samp({})", "min({})", "max({})")
    return {**cost, "rows": row[0], "values": [float(value) for value in row[1:]]}


def duckdb_quantiles(bench):
    cost, row = duckdb_on_columns(bench, f"quantile_cont({{}}::double, {PROBABILITIES})")
    return {**cost, "rows": row[0], "values": [float(value) for values in row[1:] for value in values]}


# --- Polars ---


def polars_module(bench):
    os.environ["POLARS_MAX_THREADS"] = str(bench["threads"])
    import polars

    return polars


def polars_csv_parse(bench):
    pl = polars_module(bench)
    schema = {"invoice": pl.Int64, "customer": pl.Int64, "time": pl.String, "item": pl.String}
    schema |= {"quantity": pl.Int32, "price": pl.Float64, "channel": pl.String}
    typed = pl.scan_csv(bench["csv"], schema=schema).with_columns(pl.col("time").str.to_datetime(TIME))
    sums = [pl.col(name).sum() for name in ("invoice", "customer")]
    sums += [pl.col("time").dt.epoch("s").sum(), pl.col("quantity").cast(pl.Int64).sum(), (pl.col("price") * 100).round().cast(pl.Int64).sum()]
    query = typed.select(pl.len().alias("rows"), *sums, *(pl.col(name).str.len_bytes().max() for name in ("item", "channel")))
    cost, table = best_of(lambda: query.collect(engine="streaming"))
    row = table.row(0)
    return {**cost, "rows": row[0], "bad": 0, "sums": list(row[1:6])}


def polars_scan(bench):
    pl = polars_module(bench)
    sums = [pl.col("time").dt.epoch("s").sum(), pl.col("invoice").sum(), pl.col("quantity").cast(pl.Int64).sum()]
    query = pl.scan_parquet(parquet(bench)).select(pl.len(), *sums, (pl.col("price").sum() * 100).cast(pl.Int64))
    cost, table = best_of(query.collect)
    row = table.row(0)
    return {**cost, "rows": row[0], "sums": list(row[1:])}


# --- numpy and scikit-learn ---


def event_columns(bench):
    """Quantity and price of all events as float64 arrays."""
    import numpy

    con = duckdb_connection(bench)
    table = con.execute(f"select quantity::double as quantity, price::double as price from {read_csv(bench)}").fetchnumpy()
    return [numpy.asarray(table[name]) for name in ("quantity", "price")]


def numpy_moments(bench):
    columns = event_columns(bench)
    cost, values = best_of(lambda: [float(v) for x in columns for v in (x.mean(), x.std(ddof=1), x.min(), x.max())])
    return {**cost, "rows": len(columns[0]), "values": values}


def numpy_quantiles(bench):
    import numpy

    columns = event_columns(bench)
    cost, values = best_of(lambda: [float(v) for x in columns for v in numpy.quantile(x, PROBABILITIES)])
    return {**cost, "rows": len(columns[0]), "values": values}


def points(bench):
    import numpy

    return numpy.fromfile(bench["points_file"], dtype=numpy.float32).reshape(bench["rows"], bench["columns"])


def lloyd(table, centres, iterations, tolerance=0.0):
    from sklearn.cluster import KMeans

    return KMeans(len(centres), init=centres, n_init=1, max_iter=iterations, tol=tolerance, algorithm="lloyd").fit(table)


def inertia_of(table, fit):
    """In float64: scikit-learn sums that of float32 points in float32."""
    import numpy

    centres = fit.cluster_centers_.astype(numpy.float64)
    strips = range(0, len(table), STRIP)
    return float(sum(((table[i : i + STRIP] - centres[fit.labels_[i : i + STRIP]]) ** 2).sum() for i in strips))


def sklearn_kmeans(bench):
    table = points(bench)
    first = table[: bench["clusters"]].copy()
    lloyd(table, first, 1)  # starts the threads
    once, fit = cost_of(lambda: lloyd(table, first, ITERATIONS))
    twice, _ = cost_of(lambda: lloyd(table, first, 2 * ITERATIONS))
    return {**{name: (twice[name] - once[name]) / ITERATIONS for name in once}, "inertia": inertia_of(table, fit)}


def sklearn_kmeans_init(bench):
    from sklearn.cluster import kmeans_plusplus

    table = points(bench)
    cost, (centres, _) = cost_of(lambda: kmeans_plusplus(table, bench["clusters"], random_state=bench["index"]))
    return {**cost, "inertia": inertia_of(table, lloyd(table, centres, ITERATIONS_OF_FIT))}


# --- mining: the same peers on dense and sparse baskets ---


def mining(kernel, peer):
    """A description of a mining kernel names its data per variant."""
    work = getattr(peer_mining, f"{peer}_{kernel.split('_')[0]}")
    return lambda bench: work({**bench, **bench["mining"][bench["variant"]]})


borgelt_itemsets_dense = mining("itemsets_dense", "borgelt")
borgelt_itemsets_sparse = mining("itemsets_sparse", "borgelt")
spark_itemsets_sparse = mining("itemsets_sparse", "spark")
spmf_sequences = mining("sequences", "spmf")
spark_sequences = mining("sequences", "spark")


def duckdb_group_by(bench):
    """A native table in memory; the groups are made, not kept."""
    import numpy

    key = bench["variant"]
    columns = {name: numpy.fromfile(f"{bench['grouped']}/{name}.int32", dtype="int32") for name in (key, "value")}
    con = duckdb_connection(bench)
    con.execute("create temp table rows as select * from columns")
    query = f"select {key}, count(*) as n, sum(value) as s from rows group by {key}"
    cost, (row,) = best_of(lambda: con.execute(f"select count(*), sum(n), sum(s), max(s) from ({query})").fetchall())
    return {**cost, **dict(zip(("groups", "rows", "sum", "most"), map(int, row)))}


def linear_table(bench, model):
    """Rows in memory, as scikit-learn wants them, and the label."""
    import numpy

    columns = numpy.fromfile(bench[model]).reshape(bench["columns"] + 1, bench["rows"])
    return numpy.ascontiguousarray(columns[:-1].T), columns[-1].copy()


def sklearn_logistic(bench):
    import numpy
    from sklearn.linear_model import LogisticRegression

    table, label = linear_table(bench, "logistic")
    cost, fit = best_of(lambda: LogisticRegression(C=1, solver=bench["variant"], max_iter=1000).fit(table, label))
    eta = table @ fit.coef_[0] + fit.intercept_[0]
    loss = numpy.logaddexp(0, eta) - label * eta
    return {**cost, "objective": float(loss.sum() + (fit.coef_**2).sum() / 2)}


def sklearn_ridge(bench):
    from sklearn.linear_model import Ridge

    table, label = linear_table(bench, "ridge")
    cost, fit = best_of(lambda: Ridge(alpha=1, solver="cholesky").fit(table, label))
    return {**cost, "objective": float(((fit.predict(table) - label) ** 2).sum() / 2 + (fit.coef_**2).sum() / 2)}


def versions():
    found = peer_mining.mining_versions()
    for peer, module in MODULES.items():
        try:
            found[peer] = importlib.import_module(module).__version__
        except ImportError:
            pass
    if "duckdb" not in found:
        found.pop("numpy", None)  # which gets its columns through DuckDB
    return found


def main():
    if len(sys.argv) == 1:
        print(json.dumps(versions()))
        return
    kernel, peer, variant, index, description = sys.argv[1:]
    bench = {**json.loads(description), "variant": variant, "index": int(index)}
    print(json.dumps(globals()[f"{peer}_{kernel}"](bench)))


if __name__ == "__main__":
    main()
