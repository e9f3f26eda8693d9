#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's k-means on the RFM of Online Retail from fixed centres, and its best of 10 runs of k-means++.

Prints the numbers that tests/jobs/real_data_test.py compares with: `kmeans_reference.py answers/online_retail_rfm.csv`.
Made with scikit-learn 1.9.1.
"""
import csv
import json
import sys

import numpy as np
from sklearn.cluster import KMeans

CENTERS = [[20.0, 20.0, 10000.0], [20.0, 5.0, 1500.0], [30.0, 2.0, 400.0], [150.0, 3.0, 1000.0], [250.0, 1.0, 300.0]]

with open(sys.argv[1], newline="") as file:
    rows = [(float(r["recency"]), float(r["frequency"]), float(r["monetary"])) for r in csv.DictReader(file)]
logs = np.log1p(np.array(rows))
mean, sd = logs.mean(axis=0), logs.std(axis=0)
data = (logs - mean) / sd
start = (np.log1p(np.array(CENTERS)) - mean) / sd
given = KMeans(n_clusters=len(CENTERS), init=start, n_init=1, algorithm="lloyd").fit(data)
best = {str(k): KMeans(n_clusters=k, n_init=10, random_state=0).fit(data).inertia_ for k in range(2, 6)}
print(json.dumps({"given_inertia": given.inertia_, "given_n_iter": int(given.n_iter_), "best_of_10": best}))
