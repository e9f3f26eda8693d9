# SPDX-License-Identifier: Apache-2.0
"""scikit-learn's best of 10 k-means runs on planted segments: planted_sklearn.py FOLDER_OF_GENERATE.

Prints ARI and inertia; the data are the same everywhere, so the numbers stand in tests/jobs/planted_test.py.
"""

import glob
import sys

import pandas
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score


def table(name):
    parts = sorted(glob.glob(f"{sys.argv[1]}/{name}-*.csv"))
    return pandas.concat(map(pandas.read_csv, parts)).set_index("customer").sort_index()


traits, truth = table("customers"), table("truth")
fit = KMeans(int(truth.segment.nunique()), n_init=10, random_state=0, tol=0, max_iter=1000)
labels = fit.fit_predict(traits.filter(like="trait_"))
print(f"ARI {adjusted_rand_score(truth.segment, labels):.6f}, inertia {fit.inertia_:.6f}")
