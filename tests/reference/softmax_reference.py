#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Coefficients and standard errors of configs/softmax.yaml (Telco's contracts; statsmodels MNLogit), and the coefficients
with penalty: l2, C: 0.5 (scikit-learn) and its metrics when seniors are judged by a fit to the others and the others by
one to them, as softmax_reference.json.

usage: softmax_reference.py DATA_FOLDER     needs pandas, statsmodels (made with 0.14), scikit-learn (1.3 or later)
"""
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score

telco = pd.read_csv(Path(sys.argv[1]) / "telco/Telco-Customer-Churn.csv")
names = {"SeniorCitizen": "senior", "Partner": "partner", "Dependents": "dependents", "tenure": "tenure",
         "InternetService": "internet", "TechSupport": "support", "PaperlessBilling": "paperless",
         "PaymentMethod": "payment", "MonthlyCharges": "monthly"}
held_out = np.arange(len(telco)) % 5 == 4
columns = {}
for source, name in sorted(names.items(), key=lambda item: item[1]):
    column = telco[source]
    if pd.api.types.is_numeric_dtype(column):
        columns[name] = column.astype(float)
    else:
        columns |= {f"{name}={level}": (column == level).astype(float) for level in sorted(column.unique())[1:]}
kept = []  # as the program: a term that follows from the terms before it is left out
for name in columns:
    trial = np.column_stack([np.ones(len(telco)), *(columns[k] for k in [*kept, name])])[~held_out]
    if np.linalg.matrix_rank(trial / np.linalg.norm(trial, axis=0)) == len(kept) + 2:
        kept.append(name)
x = np.column_stack([columns[k] for k in kept])
classes = sorted(telco["Contract"].unique())
y = telco["Contract"].map(classes.index).to_numpy()
terms = ["(intercept)", *kept]

free = sm.MNLogit(y[~held_out], sm.add_constant(x[~held_out])).fit(method="newton", tol=1e-14, maxiter=100, disp=0)
probabilities = free.predict(sm.add_constant(x[held_out]))
every = np.column_stack([columns[k] for k in columns])  # a penalty shares what is collinear
l2 = LogisticRegression(C=0.5, solver="newton-cholesky", tol=1e-14, max_iter=1000).fit(every[~held_out], y[~held_out])


def figures(label, said):
    return {"log_loss": log_loss(label, said), "accuracy": accuracy_score(label, said.argmax(1)),
            "f1_macro": f1_score(label, said.argmax(1), average="macro"),
            "roc_auc_ovr": roc_auc_score(label, said, multi_class="ovr")}


def fold(judged):
    terms_but_senior = np.column_stack([columns[k] for k in columns if k != "senior"])
    learned, judged = ~judged & ~held_out, judged & ~held_out
    fitted = LogisticRegression(C=0.5, solver="newton-cholesky", tol=1e-14, max_iter=1000).fit(terms_but_senior[learned], y[learned])
    return {"judged_rows": int(judged.sum()), **figures(y[judged], fitted.predict_proba(terms_but_senior[judged]))}


senior = columns["senior"].to_numpy() == 1
print(json.dumps({
    "classes": classes,
    "free": {classes[k]: {term: [float(free.params[j, k - 1]), float(free.bse[j, k - 1])] for j, term in enumerate(terms)}
             for k in range(1, len(classes))},
    "l2": {classes[k]: {term: float(value) for term, value in zip(
        ["(intercept)", *columns], [l2.intercept_[k] - l2.intercept_[0], *(l2.coef_[k] - l2.coef_[0])])}
           for k in range(1, len(classes))},
    "metrics": figures(y[held_out], probabilities),
    "folds": [fold(senior), fold(~senior)]}, indent=1))
