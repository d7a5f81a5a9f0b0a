"""The format ``nectar-bill-result/1`` as a JSON Schema, for editors and for scripts.

Strict where the contract is: every member of ours is required and typed. Open where readers must
be: members nobody announced, new codes and new outcomes are valid within ``/1``.
"""

from __future__ import annotations

from typing import Any

from agent.bills.links import LINK_MEMBER
from agent.bills.values import Outcome
from agent.results.build import FORMAT

Schema = dict[str, Any]

_WITHOUT_PROBLEM = [Outcome.PROCESSED.value, Outcome.DUPLICATE.value]
_WITH_PROBLEM = [outcome.value for outcome in Outcome if outcome.value not in _WITHOUT_PROBLEM]
_CODE = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
_SENTENCE = {"type": "string", "minLength": 1}
_TEXT_OR_NULL = {"type": ["string", "null"]}


def result_schema() -> Schema:
    """Return the JSON Schema (2020-12) that every result of format ``/1`` fulfils."""
    members = _members()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:nectar-bill-agent:result:1",
        "title": "Result of one bill",
        "description": (
            "What Nectar read from the file that this JSON lies beside, or why it could not. "
            "Accept members, codes and outcomes that are not listed here."
        ),
        "type": "object",
        "required": list(members),
        "properties": members,
        "allOf": [
            _where_outcome(_WITHOUT_PROBLEM, {"problem": {"type": "null"}}),
            _where_outcome(_WITH_PROBLEM, {"problem": {"type": "object"}}),
        ],
        "$defs": {
            "time": {
                "description": "UTC, whole seconds.",
                "type": "string",
                "format": "date-time",
                "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$",
            },
            "nectar": _nectar(),
            "document": {
                "description": "A document as Nectar gave it, its usageData complete.",
                "type": "object",
                "allOf": [{"$ref": "#/$defs/nectar"}],
            },
        },
    }


def _members() -> Schema:
    return {
        "format": {"const": FORMAT},
        "outcome": {
            "description": "How the bill ended. " + ", ".join(Outcome) + "; more may come.",
            "type": "string",
            "examples": [outcome.value for outcome in Outcome],
        },
        "problem": _nullable(
            "Why there is no usage data, and the one next step. Null where all is well.",
            {"code": _CODE, "message": _SENTENCE, "advice": {"type": "string"}},
        ),
        "warnings": {
            "description": "What a reader of the data should know.",
            "type": "array",
            "items": _object("A code and a sentence.", {"code": _CODE, "message": _SENTENCE}),
        },
        "file": _object(
            "The file beside this JSON; all else speaks of exactly these bytes.",
            {
                "name": {"type": "string", "minLength": 1},
                "size": {"description": "Bytes.", "type": "integer", "minimum": 0},
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "modified": {"$ref": "#/$defs/time"},
            },
        ),
        "site": _object(
            "The site asked for. What Nectar booked stands in each usage record.",
            {"externalId": _TEXT_OR_NULL, "id": _TEXT_OR_NULL, "name": _TEXT_OR_NULL},
        ),
        "company": _nullable(
            "The company asked for; null while unknown.",
            {"externalId": _TEXT_OR_NULL, "id": {"type": "string"}, "name": {"type": "string"}},
        ),
        "api": {
            "description": "Scheme, host and port of the API address.",
            "type": "string",
            "pattern": "^https?://[^/]+$",
        },
        "environment": {"enum": ["production", "sandbox"]},
        "job": _nullable(
            "What was sent and Nectar's last answer about it; null when nothing was sent.",
            {
                "id": _TEXT_OR_NULL,
                "sent": {"$ref": "#/$defs/time"},
                "answered": {"anyOf": [{"$ref": "#/$defs/time"}, {"type": "null"}]},
                "nectar": {"$ref": "#/$defs/nectar"},
            },
        ),
        "documents": {
            "description": "The bills that Nectar made of the file. Count each id once.",
            "type": "array",
            "items": {"$ref": "#/$defs/document"},
        },
        "duplicates": {
            "description": "Bills that Nectar knew already; document null: cannot be fetched.",
            "type": "array",
            "items": _object(
                "A known bill.",
                {
                    "id": {"type": "string"},
                    "document": {"anyOf": [{"$ref": "#/$defs/document"}, {"type": "null"}]},
                },
            ),
        },
        "copyOf": {
            "description": "Where the first file with these bytes lies, seen from this one.",
            "type": ["string", "null"],
            "minLength": 1,
        },
        "revision": {"type": "integer", "minimum": 1},
        "written": {"$ref": "#/$defs/time"},
        "agent": {"type": "string", "pattern": "^nectar-bill-agent .+$"},
    }


def _object(description: str, members: Schema) -> Schema:
    return {
        "description": description,
        "type": "object",
        "required": list(members),
        "properties": members,
    }


def _nullable(description: str, members: Schema) -> Schema:
    return _object(description, members) | {"type": ["object", "null"]}


def _where_outcome(outcomes: list[str], members: Schema) -> Schema:
    return {
        "if": {"properties": {"outcome": {"enum": outcomes}}, "required": ["outcome"]},
        "then": {"properties": members},
    }


def _nectar() -> Schema:
    """Return the schema of anything Nectar says: open, but without links to the raw file."""
    return {
        "description": "As Nectar gave it, without pre-signed links.",
        "properties": {LINK_MEMBER: False},
        "additionalProperties": {"$ref": "#/$defs/nectar"},
        "items": {"$ref": "#/$defs/nectar"},
    }
