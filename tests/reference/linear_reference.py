#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Coefficients and standard errors of configs/logistic.yaml (Telco, statsmodels Logit) and of least squares on the
columns of configs/linear.yaml (all rows, statsmodels OLS), as linear_reference.json.

usage: linear_reference.py DATA_FOLDER     needs pandas, statsmodels (made with 0.14)
"""
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm

data = Path(sys.argv[1])


def fitted(model, names):
    return {name: [float(value), float(error)]
            for name, value, error in zip(["(intercept)", *names], model.params, model.bse)}


telco = pd.read_csv(data / "telco/Telco-Customer-Churn.csv")
telco["TotalCharges"] = pd.to_numeric(telco["TotalCharges"], errors="coerce").fillna(0)
names = {"gender": "gender", "SeniorCitizen": "senior", "Partner": "partner", "Dependents": "dependents",
         "tenure": "tenure", "PhoneService": "phone", "MultipleLines": "lines", "InternetService": "internet",
         "OnlineSecurity": "security", "OnlineBackup": "backup", "DeviceProtection": "protection",
         "TechSupport": "support", "StreamingTV": "tv", "StreamingMovies": "movies", "Contract": "contract",
         "PaperlessBilling": "paperless", "PaymentMethod": "payment", "MonthlyCharges": "monthly",
         "TotalCharges": "total"}
learned = telco[np.arange(len(telco)) % 5 != 4]
columns = {}
for name in sorted(names.values()):
    column = learned[next(k for k, v in names.items() if v == name)]
    if pd.api.types.is_numeric_dtype(column):
        columns[name] = column.astype(float)
    else:
        columns |= {f"{name}={level}": (column == level).astype(float) for level in sorted(column.unique())[1:]}
kept = []  # as the program: a term that follows from the terms before it is left out
for name in columns:
    trial = np.column_stack([np.ones(len(learned)), *(columns[k] for k in [*kept, name])])
    if np.linalg.matrix_rank(trial / np.linalg.norm(trial, axis=0)) == len(kept) + 2:
        kept.append(name)
x = np.column_stack([np.ones(len(learned)), *(columns[k] for k in kept)])
logit = sm.Logit((learned["Churn"] == "Yes").astype(int).to_numpy(), x).fit(method="newton", tol=1e-13, maxiter=100, disp=0)

wholesale = pd.read_csv(data / "wholesale/Wholesale_customers_data.csv").astype(float)
features = {"fresh": "Fresh", "milk": "Milk", "frozen": "Frozen", "detergents_paper": "Detergents_Paper",
            "delicassen": "Delicassen"}
ols = sm.OLS(wholesale["Grocery"].to_numpy(), sm.add_constant(wholesale[list(features.values())].to_numpy())).fit()

found = {"telco": fitted(logit, kept), "wholesale": fitted(ols, list(features))}
Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
