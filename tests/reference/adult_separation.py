#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Why Adult's unpenalised logistic regression has no known answer (algorithms/README.md): the levels without anybody above
50K, and the log loss on the test file by where scikit-learn's lbfgs stops. Prints both.

usage: adult_separation.py DATA_FOLDER     needs pandas, scikit-learn (seen with 1.9)
"""
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

NAMES = ("age workclass fnlwgt education education_num marital occupation relationship race sex gain loss hours country "
         "income").split()
folder = Path(sys.argv[1]) / "adult"
parts = [pd.read_csv(folder / "adult.data.gz", names=NAMES, skipinitialspace=True, keep_default_na=False),
         pd.read_csv(folder / "adult.test", names=NAMES, skipinitialspace=True, skiprows=1, keep_default_na=False)]
table = pd.concat(parts, ignore_index=True)
learned = table.index < len(parts[0])
above = table.pop("income").str.startswith(">").to_numpy()
for column in table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]:
    for level, rows in table.groupby(column).groups.items():
        of_learned = above[rows][learned[rows]]
        if of_learned.size and of_learned.all() == of_learned.any():
            print(f"{column}={level}: {of_learned.sum()} of {of_learned.size} learned from above 50K, "
                  f"{above[rows][~learned[rows]].sum()} of {(~learned[rows]).sum()} in the test file")
x = pd.get_dummies(table).to_numpy(float)
x = (x - x[learned].mean(axis=0)) / np.maximum(x[learned].std(axis=0), 1e-300)
for tol in (1e-4, 1e-6, 1e-9):
    fit = LogisticRegression(C=np.inf, tol=tol, max_iter=20000).fit(x[learned], above[learned])
    losses = [log_loss(above[part], fit.predict_proba(x[part])[:, 1]) for part in (learned, ~learned)]
    print(f"tol {tol}: log loss {losses[0]:.7f} learning, {losses[1]:.5f} on the test file")
