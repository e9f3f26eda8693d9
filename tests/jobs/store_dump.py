# SPDX-License-Identifier: Apache-2.0
"""Prints a dataset as JSON, read by h5py alone: store_dump.py DATASET PLUGINS. Exit code 77 without h5py."""

import json
import os
import sys

os.environ["HDF5_PLUGIN_PATH"] = sys.argv[2]
try:
    import h5py
except ImportError:
    sys.exit(77)

MISSING = {4: -2**31, 8: -2**63}
MICROSECONDS = {"day": 86400 * 10**6, "hour": 3600 * 10**6, "minute": 60 * 10**6, "second": 10**6,
                "millisecond": 1000, "microsecond": 1}


def texts(group):
    data = group["bytes"][:].tobytes() if group["bytes"].shape[0] else b""
    offsets = group["offsets"][:]
    return [data[a:b].decode() for a, b in zip(offsets, offsets[1:])]


def text_of(attribute):
    return attribute.decode() if isinstance(attribute, bytes) else str(attribute)


def column(node, labels):
    """Values of one column as Python objects; missing is None, and an empty text is missing."""
    if isinstance(node, h5py.Group):
        return [text or None for text in texts(node)]
    kind = text_of(node.attrs["type"])
    if kind == "float64":
        return [None if value != value else value.hex() for value in node[:].tolist()]
    missing = MISSING[node.dtype.itemsize]
    unit = MICROSECONDS[text_of(node.attrs["unit"])] if kind.startswith("timestamp") else 1
    values = [None if value == missing else value * unit for value in node[:].tolist()]
    return [None if value is None else labels[value] for value in values] if kind == "category" else values


def read(folder):
    labels = {}
    if os.path.exists(f"{folder}/dictionaries.h5"):
        with h5py.File(f"{folder}/dictionaries.h5") as file:
            labels = {name: texts(file[name]["label"]) for name in file}
    with h5py.File(f"{folder}/dataset.h5") as file:
        return {"labels": labels, "tables": {table: {name: column(file[table][name], labels.get(name))
                                                     for name in file[table]} for table in file}}


json.dump(read(sys.argv[1]), sys.stdout)
