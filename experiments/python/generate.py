"""Writes mrsim/documents.py from docs/results.schema.json: python experiments/python/generate.py

The schema is made from the types of the program, so the classes here have its keys and no others. A test holds the
written file against this script.
"""

from __future__ import annotations

import json
import keyword
import textwrap
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCHEMA = HERE.parents[1] / "docs" / "results.schema.json"
WRITTEN = HERE / "mrsim" / "documents.py"

HEAD = '''"""The documents of mrsim as classes: what `--format json` prints, and what results folders keep.

Made by experiments/python/generate.py from docs/results.schema.json; do not edit it. A key such as `recovery-time` is the
field `recovery_time`. Times are seconds. None stands for a value that is censored, or that the trials cannot support: then
`refused` beside it says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
'''

#: Names that annotations use.
TYPES = {"list", "dict", "int", "float", "str", "bool"}

SCALARS = {"integer": "int", "number": "float", "string": "str", "boolean": "bool", "null": "None"}


def field_name(key: str) -> str:
    """The field of a key; `key_of` in mrsim/_reading.py is its inverse."""
    name = key.replace("-", "_")
    # A field `list` would hide the type of the fields after it.
    name = f"{name}_" if keyword.iskeyword(name) or name in TYPES else name
    if "_" in key or not name.isidentifier():
        raise SystemExit(f"the key `{key}` has no field name that leads back to it")
    return name


def type_of(schema: dict) -> str:
    """The annotation of a value."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " | ".join(type_of(one) for one in schema[word])
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " | ".join(kind_of(kind, schema) for kind in kinds)


def kind_of(kind: str, schema: dict) -> str:
    if kind == "array":
        return f"list[{type_of(schema['items'])}]"
    if kind == "object":
        return f"dict[str, {type_of(schema['additionalProperties'])}]"
    return SCALARS[kind]


def default_of(key: str, schema: dict) -> str:
    """What a field is where the document lacks its key."""
    kind = schema.get("type")
    if kind in ("array", "object"):
        return f"field(default_factory={'list' if kind == 'array' else 'dict'})"
    if "default" in schema:
        return repr(schema["default"])
    if kind == "integer":
        # Counts of nothing are left out.
        return "0"
    if "None" not in type_of(schema).split(" | "):
        raise SystemExit(f"the key `{key}` may be missing, and nothing says what it is then")
    return "None"


def quoted(text: str, indent: int) -> str:
    """A docstring within the width of a page."""
    words = " ".join(text.replace("\\", "").split())
    space = " " * indent
    return textwrap.fill(f'"""{words}"""', 118, initial_indent=space, subsequent_indent=space, break_on_hyphens=False)


def class_of(name: str, schema: dict) -> str:
    if schema.get("type") != "object":
        about = " ".join(schema.get("description", "").split())
        kinds = [one.get("const") for one in schema.get("oneOf", [])]
        what = f"Literal[{', '.join(repr(kind) for kind in kinds)}]" if all(kinds) and kinds else type_of(schema)
        return "\n".join([f"#: {about}", f"{name} = {what}"])
    lines = ["@dataclass(frozen=True, kw_only=True)", f"class {name}:"]
    lines += [quoted(schema.get("description", name), 4), ""]
    required = schema.get("required", [])
    for key, own in schema["properties"].items():
        default = "" if key in required else f" = {default_of(key, own)}"
        lines.append(f"    {field_name(key)}: {type_of(own)}{default}")
        if "description" in own:
            lines.append(quoted(own["description"], 4))
    return "\n".join(lines)


def text() -> str:
    """The whole file."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    # Annotations of fields are read late, names of other types at once: these come last.
    ordered = sorted(schema["$defs"].items(), key=lambda one: one[1].get("type") != "object")
    return "\n\n".join([HEAD, *(class_of(name, own) + "\n" for name, own in ordered)])


if __name__ == "__main__":
    WRITTEN.write_text(text(), encoding="utf-8")
