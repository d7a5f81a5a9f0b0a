"""What a result says and how it is written down: the contract's section 3."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_results import AUDIT, DOCUMENT, FACTS, ITS_PAYLOAD, result_of

from agent.bills.answers import FetchedDocument
from agent.bills.exact_json import json_text, parse_json
from agent.bills.values import Outcome, Problem, ResultWarning
from agent.results.build import FileFacts, JobFacts, build_result, copy_of, result_bytes

WHOLE = """\
{
  "format": "nectar-bill-result/1",
  "outcome": "processed",
  "problem": null,
  "warnings": [
    {
      "code": "usage-estimated",
      "message": "A sentence."
    }
  ],
  "file": {
    "name": "Bill.pdf",
    "size": 48213,
    "sha256": "3f9ab2c41d7e0000000000000000000000000000000000000000000000000000",
    "modified": "2026-02-11T18:40:00Z"
  },
  "site": {
    "externalId": "PLANT-07",
    "id": "5d7c",
    "name": "Harbor Mill Plant 7"
  },
  "company": {
    "externalId": "HMF",
    "id": "3f0a",
    "name": "Harbor Mill Foods"
  },
  "api": "https://external.nectarclimate.com",
  "environment": "production",
  "job": {
    "id": "e84b2a6f",
    "sent": "2026-02-11T18:40:00Z",
    "answered": "2026-02-11T18:41:00Z",
    "nectar": {
      "id": "e84b2a6f",
      "status": "COMPLETED",
      "parsedDocumentIds": [
        "7c1f0a52"
      ],
      "duplicates": 1,
      "duplicateDocumentIds": [
        "c60e91d7"
      ],
      "nonUtilityDocumentIds": [],
      "terminationReason": null,
      "somethingNew": [
        1,
        {
          "two": 2.50
        }
      ]
    }
  },
  "documents": [
    {
      "id": "7c1f0a52",
      "auditTrailUrl": "https://dash.nectarclimate.com/example/audit/7c1f0a52",
      "totalCharges": "77.10",
      "currentCharges": 77.10,
      "usageData": [
        {
          "id": "u1",
          "usage": "6120.0000",
          "site": {
            "id": "5d7c",
            "name": "Harbor Mill Plant 7"
          }
        },
        {
          "id": "u2",
          "usage": "212.0000",
          "document": {
            "id": "7c1f0a52"
          }
        }
      ],
      "somethingNew": {
        "anything": true
      }
    }
  ],
  "duplicates": [
    {
      "id": "c60e91d7",
      "document": null
    }
  ],
  "copyOf": null,
  "revision": 1,
  "written": "2026-02-11T18:43:00Z",
  "agent": "nectar-bill-agent 0.1.0"
}
"""


def test_a_whole_result_to_the_letter() -> None:
    """Members in the contract's order, digits as they came, complete usage, and no ``url``."""
    written = result_of(warnings=(ResultWarning("usage-estimated", "A sentence."),))
    assert written.decode() == WHOLE


def test_a_rejected_file_says_that_nothing_was_sent() -> None:
    """Without job and company the members are there and null; the problem has its three words."""
    problem = Problem("empty", "The file is empty.", "Copy it again.")
    result = build_result(
        replace(
            FACTS,
            outcome=Outcome.REJECTED,
            problem=problem,
            company=None,
            job=None,
            documents=(),
            duplicates=(),
        )
    )
    assert result["problem"] == {
        "code": "empty",
        "message": "The file is empty.",
        "advice": "Copy it again.",
    }
    assert list(result["problem"]) == ["code", "message", "advice"]
    assert result["job"] is None
    assert result["company"] is None
    assert result["documents"] == []
    assert result["duplicates"] == []


def test_a_lost_job_has_no_answer() -> None:
    """Where Nectar never answered about a job, its time and its words are null."""
    result = build_result(replace(FACTS, job=JobFacts("j", 0.0, None, None)))
    assert result["job"] == {
        "id": "j",
        "sent": "1970-01-01T00:00:00Z",
        "answered": None,
        "nectar": None,
    }


def test_documents_are_those_that_could_be_fetched() -> None:
    """A parsed document that is not handed out is left out; a duplicate's id stays, with null."""
    known = FetchedDocument("k", DOCUMENT | {"id": "k"}, ({"id": "u9", "usage": "1"},))
    result = build_result(
        replace(
            FACTS,
            documents=(FetchedDocument("gone", None), *FACTS.documents),
            duplicates=(known, FetchedDocument("lost", None)),
        )
    )
    assert [document["id"] for document in result["documents"]] == ["7c1f0a52"]
    assert [known["id"] for known in result["duplicates"]] == ["k", "lost"]
    assert [record["id"] for record in result["duplicates"][0]["document"]["usageData"]] == [
        "u1",
        "u9",
    ]
    assert result["duplicates"][1]["document"] is None


def test_no_pre_signed_link_gets_in_and_the_audit_trail_stays() -> None:
    """Wherever it hides, what opens the raw file is not in the bytes; the page with login is."""
    hidden = DOCUMENT | {
        "notes": "get it at https://x.example/r?sig=S3CR3T now",
        "fileUrl": "https://x.example/r?token=S3CR3T",
        "usageData": [{"id": "u1", "document": {"rawFile": ["https://x.example/?sig=S3CR3T"]}}],
    }
    written = result_of(
        documents=(FetchedDocument("7c1f0a52", hidden, ({"id": "u2", "url": "S3CR3T"},)),),
        duplicates=(FetchedDocument("k", hidden),),
        job=JobFacts("j", 0.0, 0.0, ITS_PAYLOAD | {"link": "https://x.example/r?sig=S3CR3T"}),
    )
    assert b"S3CR3T" not in written
    assert b'"url"' not in written
    assert AUDIT.encode() in written


@pytest.mark.parametrize("name", ["B\udce9ill.pdf", "half \ud83d.pdf", "été ⚡ 電.pdf", "a\u2028b"])
def test_every_file_name_gives_valid_json(name: str) -> None:
    """Bytes of a name that are no text become escapes, so that a reader gets the name back."""
    written = result_of(file=FileFacts(name, 1, FACTS.file.sha256, 0.0))
    assert name == json.loads(written.decode("utf-8"))["file"]["name"]


def test_text_is_written_as_people_read_it() -> None:
    """Accents and other scripts are no escapes."""
    assert "été".encode() in result_of(file=FileFacts("été.pdf", 1, FACTS.file.sha256, 0.0))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1970-01-01T00:00:00Z"),
        (-1.5, "1969-12-31T23:59:58Z"),
        (-1e12, "0001-01-01T00:00:00Z"),
        (9e12, "9999-12-31T23:59:59Z"),
    ],
)
def test_any_time_of_a_file_can_be_shown(seconds: float, text: str) -> None:
    """A file that claims to be from before 1970, or from a far future, still gets its result."""
    result = build_result(replace(FACTS, file=FileFacts("B", 1, FACTS.file.sha256, seconds)))
    assert text == result["file"]["modified"]


exact_numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?", fullmatch=True).filter(
    lambda text: text != "-0"
)


@settings(deadline=None)
@given(numbers=st.lists(exact_numbers, max_size=5))
def test_digits_come_out_as_they_went_in(numbers: list[str]) -> None:
    """A number, or a text of digits, has the same characters in the result as in the answer."""
    text = json_text(numbers)
    answer = f'{{"id": "d", "texts": {text}, "numbers": [{",".join(numbers)}]}}'
    written = result_of(documents=(FetchedDocument("d", parse_json(answer)),)).decode()
    after = written[written.index('"documents"') :]
    for number in numbers:
        assert f'"{number}"' in after
    found = after[after.index('"numbers"') :].partition("[")[2].partition("]")[0]
    assert numbers == [number.strip() for number in found.split(",") if number.strip()]


names = st.text(max_size=6).filter(lambda name: name.lower() not in ("url", "usagedata"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=10,
)


@settings(deadline=None)
@given(members=st.dictionaries(names, values, max_size=6))
def test_unknown_members_stay_in_their_order(members: dict[str, Any]) -> None:
    """What nobody announced is in the result as it came, in its order, at every depth."""
    document = {"id": "d", **members}
    written = result_of(documents=(FetchedDocument("d", document),))
    assert json_text(document) == json_text(json.loads(written)["documents"][0])


@settings(deadline=None)
@given(value=values)
def test_bytes_are_utf8_with_a_newline_and_read_back(value: Any) -> None:
    """Any value is written so that it reads back the same, ending in exactly one newline."""
    written = result_bytes(value)
    assert written.endswith(b"\n")
    assert not written.endswith(b"\n\n")
    assert value == parse_json(written)


def test_building_changes_no_facts() -> None:
    """The answers in the store stay as they are."""
    before = json_text(DOCUMENT)
    build_result(FACTS)
    assert before == json_text(DOCUMENT)
    assert DOCUMENT["currentCharges"] == Decimal("77.10")


@pytest.mark.parametrize(
    ("first", "second", "expected", "flavour"),
    [
        ("/bills/a/One.pdf", "/bills/a/Two.pdf", "One.pdf", PurePosixPath),
        ("/bills/a/One.pdf", "/bills/b/c/Two.pdf", "../../a/One.pdf", PurePosixPath),
        ("/bills/One.pdf", "/bills/b/Two.pdf", "../One.pdf", PurePosixPath),
        ("/bills/b/One.pdf", "/bills/Two.pdf", "b/One.pdf", PurePosixPath),
        ("/a/One.pdf", "/b/Two.pdf", "../a/One.pdf", PurePosixPath),
        ("/bills/A/One.pdf", "/bills/a/Two.pdf", "../A/One.pdf", PurePosixPath),
        ("/bills/a\\b.pdf", "/bills/Two.pdf", "a\\b.pdf", PurePosixPath),
        ("/bills/B\udce9.pdf", "/bills/Two.pdf", "B\udce9.pdf", PurePosixPath),
        (r"C:\Bills\a\One.pdf", r"C:\Bills\b\Two.pdf", "../a/One.pdf", PureWindowsPath),
        (r"C:\Bills\A\One.pdf", r"c:\bills\a\Two.pdf", "One.pdf", PureWindowsPath),
        (r"D:\Bills\One.pdf", r"C:\Bills\Two.pdf", "D:/Bills/One.pdf", PureWindowsPath),
        (r"\\nas\b\x\One.pdf", r"\\nas\b\y\Two.pdf", "../x/One.pdf", PureWindowsPath),
        (r"\\nas\b\One.pdf", r"\\nas\c\Two.pdf", "//nas/b/One.pdf", PureWindowsPath),
        (r"\\nas\b\One.pdf", r"C:\Two.pdf", "//nas/b/One.pdf", PureWindowsPath),
    ],
)
def test_copy_is_named_from_the_second_files_folder(
    first: str, second: str, expected: str, flavour: type[PurePath]
) -> None:
    """Relative with slashes on every system; absolute where drives or shares differ."""
    assert expected == copy_of(first, second, flavour=flavour)


parts = st.lists(st.sampled_from(["a", "b", "c"]), max_size=4)


@settings(deadline=None)
@given(first=parts, second=parts)
def test_copy_leads_back_to_the_first_file(first: list[str], second: list[str]) -> None:
    """Followed from the second file's folder, the path ends at the first file."""
    folder = ["", *second]
    first_path, second_path = "/".join(["", *first, "One.pdf"]), "/".join([*folder, "Two.pdf"])
    path = copy_of(first_path, second_path, flavour=PurePosixPath)
    for part in path.split("/"):
        if part == "..":
            folder.pop()
        else:
            folder.append(part)
    assert ["", *first, "One.pdf"] == folder
