"""scikit-learn: what is set, what is learned, and the steps within."""

from __future__ import annotations

import numpy as np
import pytest

from routeway_magic.content import Described, Limits, describe

pytest.importorskip("sklearn", reason="needs the extra [test-all]")

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

POINTS = np.arange(60.0).reshape(20, 3)
LABELS = np.arange(20) % 2


def told(value: object, tokens: int = 4000, **more: frozenset[str]) -> Described:
    """What is told of a value, which fits the limit."""
    described = describe(value, Limits(tokens=tokens, **more))
    assert len(described.text) <= Limits(tokens=tokens).characters
    return described


def test_parameters():
    """What the user set comes first, then the defaults."""
    described = told(LogisticRegression(C=0.5, max_iter=7))
    assert described.label() == "[sklearn LogisticRegression]"
    first, defaults = described.text.splitlines()
    assert first == "LogisticRegression(C=0.5, max_iter=7)"
    assert defaults.startswith("by default: ")
    assert "solver='lbfgs'" in defaults


def test_what_was_learned():
    """A fitted estimator says so, with small attributes whole and large by shape."""
    model = RandomForestClassifier(3, random_state=0).fit(POINTS, LABELS)
    described = told(model)
    assert described.size == "fitted"
    assert "classes_ [0, 1]" in described.text
    assert "estimators_ list of 3" in described.text
    wide = StandardScaler().fit(np.eye(50))
    assert "mean_ float64 (50 values)" in told(wide).text


def test_steps_of_a_pipeline():
    """Steps stand below their pipeline, each with its own settings and attributes."""
    model = make_pipeline(StandardScaler(), "passthrough", LogisticRegression(C=2.0))
    assert told(model).text.splitlines()[:4] == [
        "Pipeline()",
        "  standardscaler: StandardScaler()",
        "  passthrough: 'passthrough'",
        "  logisticregression: LogisticRegression(C=2)",
    ]
    assert told(model).size == ""
    assert told(model.fit(POINTS, LABELS)).size == "fitted"


def test_columns_and_searches():
    """Transformers tell their columns, searches their grid and best result."""
    columns = ColumnTransformer([("scale", StandardScaler(), ["a", "b"])])
    assert "  scale on ['a', 'b']: StandardScaler()" in told(columns).text
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    text = told(search.fit(POINTS, LABELS)).text
    assert text.startswith("GridSearchCV(cv=2, param_grid={'C': [0.1, 1.0]})")
    assert "best_params_ {'C': " in text
    assert "  estimator: LogisticRegression()" in text


class Own(BaseEstimator):
    """A user's own estimator, set to what cannot be compared."""

    def __init__(self, weights=None, api_key=None):
        self.weights = weights
        self.api_key = api_key


class Broken(BaseEstimator):
    """One that breaks the rules: its parameters cannot be read."""

    def get_params(self, deep=True):
        """Fails."""
        raise RuntimeError(deep)


def test_own_estimators():
    """Parameters may be arrays; credentials stay here unless they are allowed."""
    own = Own(weights=np.ones(3), api_key="hunter2")
    assert told(own).text.startswith("Own(api_key=<not sent")
    assert "weights=<ndarray (3,)>" in told(own).text
    assert "hunter2" in told(own, allowed=frozenset({"api_key"})).text
    assert told(Broken()).text == "Broken()"


def test_nesting_without_end():
    """An estimator that contains itself does no harm."""
    own = Own()
    own.weights = own
    assert told(own).text.count("weights: Own()") == 4


@pytest.mark.parametrize("tokens", [0, 1, 10, 50, 200])
def test_any_limit(tokens):
    """In little space the first lines stay, and the label counts the rest."""
    described = told(make_pipeline(StandardScaler(), LogisticRegression()), tokens)
    assert bool(described.left_out) == (tokens < 50)
