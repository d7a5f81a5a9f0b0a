"""The account that the commands which set up ask about, and its companies in words."""

from __future__ import annotations

import os
from pathlib import Path

from agent.bills.answers import Company
from agent.cli.session import config_path
from agent.config import load
from agent.service.account import Account, account_with, default_account
from agent.system.key_store import KeyStore
from agent.system.secret import Secret

PERSON_SECONDS = 60.0
"""How long the key store is waited for: a person sits here and may have to unlock it."""


def account_of(argument: Path | None) -> Account:
    """Return the account of the configuration, that of a new one where there is no file yet.

    Raises ConfigurationError where a file is named or found and cannot be used.
    """
    path = config_path(argument)
    is_named = argument is not None or bool(os.environ.get("BILL_AGENT_CONFIG"))
    if not is_named and not os.path.lexists(path):
        return default_account(os.environ, patient_key_store())
    return account_with(load(path, os.environ), os.environ, patient_key_store())


def patient_key_store() -> KeyStore:
    """Return the system's key store, for a person who sits here."""
    return KeyStore(limit_seconds=PERSON_SECONDS)


def names_of(companies: tuple[Company, ...]) -> str:
    """Return the companies in one line: their names, each with what the settings call it."""
    return ", ".join(f"{each.name} ({each.external_id or each.id})" for each in companies)


def companies_seen(account: Account, key: Secret) -> tuple[Company, ...]:
    """Return the companies that the key sees. Raises AgentError where Nectar does not take it."""
    with account.client(key) as client:
        client.ping()
        return client.companies()
