"""Documents of mrsim from JSON into their classes, and back."""

from __future__ import annotations

import dataclasses
import types
import typing
from functools import cache
from typing import Any, TypeVar

from . import documents

T = TypeVar("T")


def key_of(field: str) -> str:
    """The key of a field: `from_` is `from`, since that is a word of Python."""
    return field.rstrip("_").replace("_", "-")


@cache
def _fields(kind: Any) -> dict[str, tuple[str, Any, bool]]:
    """The fields of a class by their keys: name, type, and whether a document must have it."""
    hints = typing.get_type_hints(kind, vars(documents))
    none = dataclasses.MISSING
    return {
        key_of(one.name): (one.name, hints[one.name], one.default is none and one.default_factory is none)
        for one in dataclasses.fields(kind)
    }


def document(kind: type[T], value: Any) -> T:
    """A value of JSON as this class.

    Keys that a later version added are left out. Raises ValueError where the value does not fit.
    """
    return typing.cast(T, _read(kind, value, kind.__name__))


def _read(kind: Any, value: Any, place: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _read(_branch(arguments, value, place), value, place)
    if origin is typing.Literal:
        fits = value in arguments
    elif origin is list:
        if isinstance(value, list):
            return [_read(arguments[0], one, f"{place}[{index}]") for index, one in enumerate(value)]
        fits = False
    elif origin is dict:
        if isinstance(value, dict):
            return {key: _read(arguments[1], one, f"{place}.{key}") for key, one in value.items()}
        fits = False
    elif dataclasses.is_dataclass(kind):
        if isinstance(value, dict):
            return _object(kind, value, place)
        fits = False
    elif kind is float:
        # JSON writes 900 for 900.0.
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        fits = False
    else:
        fits = type(value) is kind
    if not fits:
        raise ValueError(f"{place}: found {value!r}, expected {kind}")
    return value


def _object(kind: Any, value: dict[str, Any], place: str) -> Any:
    fields = _fields(kind)
    missing = [key for key, (_, _, required) in fields.items() if required and key not in value]
    if missing:
        raise ValueError(f"{place}: the key `{missing[0]}` is missing")
    known = {key: own for key, own in fields.items() if key in value}
    return kind(**{name: _read(hint, value[key], f"{place}.{key}") for key, (name, hint, _) in known.items()})


def _branch(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    """The first of these types that a value fits; of objects, one that has all of its keys before one that lacks some."""
    if value is None and type(None) in kinds:
        return type(None)
    kinds = tuple(kind for kind in kinds if kind is not type(None))
    objects: list[Any] = [kind for kind in kinds if dataclasses.is_dataclass(kind)]
    if isinstance(value, dict) and objects:
        def fits(kind: Any) -> bool:
            return all(key in value for key, (_, _, required) in _fields(kind).items() if required)

        whole = [kind for kind in objects if fits(kind) and value.keys() <= _fields(kind).keys()]
        return (whole or [kind for kind in objects if fits(kind)] or objects)[0]
    for kind in kinds:
        try:
            _read(kind, value, place)
        except ValueError:
            continue
        return kind
    return kinds[0]


def plain(value: Any) -> Any:
    """A document as values of JSON, with all of its keys."""
    if dataclasses.is_dataclass(value):
        return {key_of(one.name): plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value
