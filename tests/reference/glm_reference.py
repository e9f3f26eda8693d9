#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Coefficients, standard errors, variance inflation and metrics of the models of tests/jobs/glm_test.py by statsmodels
and, of the penalised ones, scikit-learn, as glm_reference.json.

usage: glm_reference.py     needs pandas, statsmodels, scikit-learn (made with 0.15 and 1.9)
"""
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from sklearn import linear_model as sk
from sklearn.metrics import d2_tweedie_score, mean_tweedie_deviance
from sklearn.preprocessing import StandardScaler
from statsmodels.stats.outliers_influence import variance_inflation_factor

sys.path.append(str(Path(__file__).parents[1] / "jobs"))
sys.argv[1:] = []
from glm_test import FEATURES, MODELS, REGIONS, customers  # noqa: E402

table = pd.DataFrame(customers())
columns = {name: table[name].astype(float) for name in FEATURES if name != "region"}
columns |= {f"region={level}": (table.region == level).astype(float) for level in REGIONS[1:]}
x = pd.DataFrame(columns)
exog = sm.add_constant(x.to_numpy())
names = ["(intercept)", *x.columns]
LINK = sm.families.links.Log()


def robust(keys):
    kind = keys.get("covariance", "nonrobust")
    return {"cov_type": kind, **({"cov_kwds": {"groups": table.shop.to_numpy()}} if kind == "cluster" else {})}


def power_of(keys):
    return {"poisson": 1, "gamma": 2, "tweedie": keys.get("power")}[keys["family"]]


def by_glm(keys):
    y, power = table[keys["label"]].to_numpy(float), power_of(keys)
    family = {1: sm.families.Poisson(), 2: sm.families.Gamma(LINK)}.get(power) or sm.families.Tweedie(LINK, var_power=power)
    fit = sm.GLM(y, exog, family, offset=table[keys["offset"]].to_numpy() if "offset" in keys else None,
                 var_weights=table[keys["weight"]].to_numpy(float) if "weight" in keys else None)
    fit = fit.fit(tol=1e-14, maxiter=300, scale="X2" if keys.get("dispersion") else None, **robust(keys))
    how = {"power": power, "sample_weight": table[keys["weight"]] if "weight" in keys else None}
    metrics = {"tweedie_deviance": mean_tweedie_deviance(y, fit.fittedvalues, **how),
               "d2": d2_tweedie_score(y, fit.fittedvalues, **how)}
    if keys.get("covariance") is None:
        metrics["pearson_dispersion"] = fit.pearson_chi2 / fit.df_resid
    return fit, metrics


def found(fit, metrics=None, vif=None):
    rows = zip(names, fit.params, fit.bse, *([vif] if vif else []))
    return {"coefficients": {name: list(map(float, figures)) for name, *figures in rows}, "metrics": metrics or {}}


def penalised(estimator, y, objective, scale=False):
    z = StandardScaler().fit_transform(x) if scale else x.to_numpy()
    estimator.fit(z, y)
    slopes = estimator.coef_.ravel()
    own = slopes / (x.to_numpy().std(axis=0) if scale else 1)
    eta = z @ slopes + np.ravel(estimator.intercept_)[0]
    return {"coefficients": {name: [float(value)] for name, value in zip(x.columns, own)},
            "metrics": {"objective": float(objective(eta, slopes))}}


def elastic(alpha, ratio):
    value = table.value.to_numpy()
    return lambda eta, w: len(x) * (((value - eta)**2).mean() / 2 + alpha * (ratio * abs(w).sum() + (1 - ratio) / 2 * w @ w))


result = {}
for step in MODELS:
    (kind, keys), = step.items()
    if "penalty" in keys or "alpha" in keys:  # below
        continue
    if kind == "glm":
        result[keys["id"]] = found(*by_glm(keys))
    elif kind == "linear":
        fit = sm.OLS(table.value.to_numpy(), exog).fit(**robust(keys))
        vif = [variance_inflation_factor(exog, j) for j in range(exog.shape[1])]
        result[keys["id"]] = found(fit)
        for j, name in enumerate(names[1:], 1):
            result[keys["id"]]["coefficients"][name].append(float(vif[j]))
    else:
        fit = sm.GLM(table.bought.to_numpy(), exog, sm.families.Binomial()).fit(tol=1e-14, maxiter=300, **robust(keys))
        result[keys["id"]] = found(fit)

y = table["count"].to_numpy(float)
result["poisson_l2"] = penalised(sk.PoissonRegressor(alpha=0.1, solver="newton-cholesky", tol=1e-12, max_iter=1000), y,
                                 lambda eta, w: (np.exp(eta) - y * eta).sum() + len(y) * 0.1 / 2 * w @ w)
result["lasso"] = penalised(sk.Lasso(alpha=0.5, tol=1e-14, max_iter=10**6), table.value, elastic(0.5, 1))
result["elasticnet"] = penalised(sk.ElasticNet(alpha=0.3, l1_ratio=0.4, tol=1e-14, max_iter=10**6), table.value,
                                 elastic(0.3, 0.4), scale=True)
sign = 2 * table.bought.to_numpy() - 1
result["logit_l1"] = penalised(sk.LogisticRegression(penalty="l1", C=0.2, solver="saga", tol=1e-12, max_iter=10**6),
                               table.bought, lambda eta, w: np.log1p(np.exp(-sign * eta)).sum() + abs(w).sum() / 0.2,
                               scale=True)
alphas, slopes, _ = sk.lasso_path(x - x.mean(), table.value - table.value.mean(), n_alphas=20, eps=1e-3, tol=1e-14,
                                  max_iter=10**6)
centred, label = (x - x.mean()).to_numpy(), (table.value - table.value.mean()).to_numpy()
result["lasso"]["path"] = [[float(a), float(((label - centred @ w)**2).mean() / 2 + a * abs(w).sum())]
                           for a, w in zip(alphas, slopes.T)]
Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
