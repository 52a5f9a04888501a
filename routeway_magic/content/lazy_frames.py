"""Tables that are elsewhere or not computed yet: Dask, DuckDB, Ibis, Spark.

Only the schema is read: even Dask's count of partitions may cost a pass over the data.
They are recognised by name, so nothing is imported.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from routeway_magic.content.by_name import class_named
from routeway_magic.content.columns import describe_schema, schema_table
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import to_blocks

__all__: list[str] = []


@to_blocks.register(class_named("dask.dataframe", "DataFrame"))
def _dask_frame(value: Any, limits: Limits) -> Described:
    return _schema("Dask DataFrame", value.columns, value.dtypes, limits)


@to_blocks.register(class_named("dask.dataframe", "Series"))
def _dask_series(value: Any, limits: Limits) -> Described:
    name = "value" if value.name is None else value.name
    return _schema(f"Dask {type(value).__name__}", [name], [value.dtype], limits)


@to_blocks.register(class_named("duckdb", "DuckDBPyRelation"))
@to_blocks.register(class_named("_duckdb", "DuckDBPyRelation"))
def _relation(value: Any, limits: Limits) -> Described:
    return _schema("DuckDB relation", value.columns, value.types, limits)


@to_blocks.register(class_named("ibis", "Table"))
def _ibis(value: Any, limits: Limits) -> Described:
    schema = value.schema()
    return _schema("Ibis table", schema.names, schema.types, limits)


@to_blocks.register(class_named("pyspark.sql", "DataFrame"))
def _spark(value: Any, limits: Limits) -> Described:
    names, dtypes = zip(*value.dtypes, strict=True) if value.dtypes else ((), ())
    return _schema("Spark DataFrame", names, dtypes, limits)


def _schema(
    kind: str, names: Iterable[Any], dtypes: Iterable[Any], limits: Limits
) -> Described:
    return describe_schema(schema_table(kind, names, dtypes), limits)
