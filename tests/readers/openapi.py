"""A judge of requests and answers: a provider's published OpenAPI, by jsonschema."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from pathlib import Path

FORM = "application/x-www-form-urlencoded"


class WrongError(AssertionError):
    """A request or an answer that the provider's OpenAPI does not allow."""


class Judge:
    """The OpenAPI of a provider. Null is allowed where `nullable` stands, and a form is read by its schema.

    Args:
        file: the document.
    """

    def __init__(self, file: Path) -> None:
        self._document = _with_null(json.loads(file.read_text("utf-8")))
        self._paths = {
            re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + r"\Z"): operations
            for path, operations in self._document["paths"].items()
        }
        self.seen: set[str] = set()

    def request(self, method: str, path: str, query: str, media: str, body: bytes) -> dict[str, Any]:
        """Check a request, and return its body as an object, with numbers as numbers.

        Raises:
            WrongError: no such path, or a parameter that does not exist, is missing or has another kind.
        """
        operation = self._operation(method, path)
        self.seen.add(operation["operationId"])
        known = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
        shape = {
            "type": "object",
            "properties": {one["name"]: one["schema"] for one in known},
            "required": [one["name"] for one in known if one.get("required")],
            "additionalProperties": False,
        }
        self._check(_form(query, shape), shape, f"the query of {method} {path}")
        wanted = operation.get("requestBody", {"content": {}, "required": False})
        if not body and not media:
            if wanted.get("required"):
                raise WrongError(f"{method} {path} has no body")
            return {}
        if media not in wanted["content"]:
            raise WrongError(f"{method} {path} is no {media}")
        schema = wanted["content"][media]["schema"]
        sent = self.read(method, path, media, body)
        self._check(sent, schema, f"{method} {path}")
        return sent

    def read(self, method: str, path: str, media: str, body: bytes) -> dict[str, Any]:
        """Return the body of a request as an object, unchecked."""
        if not body:
            return {}
        if media != FORM:
            return dict(json.loads(body))
        return _form(
            body.decode(), self._shape(self._operation(method, path)["requestBody"]["content"][FORM]["schema"])
        )

    def answer(self, method: str, path: str, status: int, body: Any) -> None:
        """Check an answer.

        Raises:
            WrongError: the provider does not answer so.
        """
        answers = self._operation(method, path)["responses"]
        found = answers.get(str(status), answers.get("default"))
        if found is None:
            raise WrongError(f"{method} {path} never answers {status}")
        content = found.get("content", {})
        if not content:
            return
        self._check(body, next(iter(content.values()))["schema"], f"the answer to {method} {path}")

    def _operation(self, method: str, path: str) -> Any:
        for pattern, operations in self._paths.items():
            if pattern.match(path) and method.lower() in operations:
                return operations[method.lower()]
        raise WrongError(f"there is no {method} {path}")

    def _shape(self, schema: Any) -> Any:
        return (
            self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        )

    def _check(self, value: Any, schema: Any, what: str) -> None:
        whole = {**schema, "components": self._document["components"]}
        for error in Draft202012Validator(whole).iter_errors(value):
            raise WrongError(f"{what}: {error.json_path} {error.message}")


def _with_null(part: Any) -> Any:
    """Return a part of a document in which `nullable` is a type of JSON Schema."""
    if isinstance(part, list):
        return [_with_null(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {name: _with_null(one) for name, one in part.items()}
    return {"anyOf": [made, {"type": "null"}]} if made.get("nullable") is True else made


def _form(text: str, shape: Any) -> dict[str, Any]:
    """Return a form as an object: `a[b]=1` and `a[0]=x`, with the kinds of its schema."""
    made: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        steps = [one for one in re.split(r"[\[\]]+", name) if one]
        inside = made
        for step in steps[:-1]:
            inside = inside.setdefault(step, {})
        inside[steps[-1]] = value
    typed: dict[str, Any] = _typed(made, shape)
    return typed


def _typed(value: Any, shape: Any) -> Any:
    """Return a part of a form in the kind that its schema wants; as it is if it does not fit."""
    for one in shape.get("anyOf", ()):
        if (one.get("type") == "object") == isinstance(value, dict):
            return _typed(value, one)
    kind = shape.get("type")
    if kind == "object" and isinstance(value, dict):
        inner, rest = shape.get("properties", {}), shape.get("additionalProperties")
        other = rest if isinstance(rest, dict) else {}
        return {name: _typed(one, inner.get(name, other)) for name, one in value.items()}
    if kind == "array" and isinstance(value, dict):
        return [_typed(one, shape.get("items", {})) for one in value.values()]
    if kind == "integer" and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "boolean" and value in {"true", "false"}:
        return value == "true"
    return value
