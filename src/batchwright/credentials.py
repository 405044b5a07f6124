"""Which environment variables look like credentials, by their names and by well-known forms of values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from batchwright.notices import warn_caller

if TYPE_CHECKING:
    from batchwright.declaration import Declaration

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SAYS_SECRET: Final = re.compile(r".*(SECRETS?|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|APIKEY|ACCESSKEY)")
_KEYS: Final = frozenset({"API", "ACCESS", "SECRET", "PRIVATE", "ACCOUNT", "ENCRYPTION", "MASTER"})
"""What makes a credential of the word KEY after it."""
_ABOUT_IT: Final = re.compile(
    "ARN|COUNT|DIR|ENDPOINT|EXPIRY|FILE|FILENAME|FOLDER|HEADER|ID|LENGTH|LIMIT|LOCATION|MAX|MODE|NAME|PATH|PREFIX|REF|"
    "REGION|SIZE|STORE|TTL|TYPE|URI|URL"
)
"""Last words of names that say where a secret is, or how it is to be, and not what."""
_SETTING: Final = re.compile(r"true|false|yes|no|on|off|none|null|[0-9]{1,3}", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(
    r"arn:aws[\w-]*:(secretsmanager|ssm|iam|kms):.*|~?(/[\w.-]+){2,}|[\w./-]+\.(json|txt|pem|key|conf|ini)"
)
"""Values that say where a secret is: ARNs and paths."""
# Every repetition that another can follow is bounded: values come from anywhere, and may be long.
_KNOWN_FORM: Final = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"  # access keys of AWS
    r"|\b(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22}|\bglpat-[\w-]{20}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10}|\bhf_[A-Za-z0-9]{30}|\bsk-[A-Za-z0-9_-]{32}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----"
    r"|\beyJ[\w-]{8,500}\.eyJ[\w-]{8,2000}\.[\w-]{8}"  # a JSON web token: two JSON objects in base64, and a signature
    r"|\b[a-z][a-z0-9+.-]{0,20}://[^/\s:@]+:[^/\s:@]+@"  # a URL with user and password
)
_LOOKED_AT: Final = 20_000
"""Characters of a value that are looked at."""


class CredentialWarning(UserWarning):
    """A variable that AWS Batch keeps as plain text looks like a credential."""


def looks_like_credential(name: str, value: str) -> bool:
    """Whether a variable is likely to be a credential, by its name or by the form of its value.

    Args:
        name: The variable, such as `"GITHUB_TOKEN"`.
        value: What is in it.
    """
    if _KNOWN_FORM.search(value[:_LOOKED_AT]):
        return True
    harmless = _SETTING.fullmatch(value) or _ELSEWHERE.fullmatch(value)
    return not harmless and _named_like_one(name)


@lru_cache(maxsize=1024)  # thousands of jobs have the same few names
def _named_like_one(name: str) -> bool:
    words = [word.upper() for word in _WORD.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or _ABOUT_IT.fullmatch(words[-1]):
        return False
    is_key = any(second in ("KEY", "KEYS") and first in _KEYS for first, second in pairwise(words))
    is_password = words[-1] == "PWD" and len(words) > 1  # alone it is the working directory
    return is_key or is_password or any(map(_SAYS_SECRET.fullmatch, words))


def warn_of_credentials(declaration: Declaration, environment: Mapping[str, str]) -> None:
    """Warn once a session for each variable that looks like a credential; its value is not repeated.

    Args:
        declaration: The definition or the job.
        environment: Its variables.
    """
    said = declaration.session.warned_of
    found = [name for name, value in environment.items() if name not in said and looks_like_credential(name, value)]
    if not found:
        return
    said.update(found)
    many = len(found) > 1
    warn_caller(
        f"{declaration.label}: the environment variable{'s' if many else ''} {', '.join(sorted(found))} "
        f"look{'' if many else 's'} like {'credentials' if many else 'a credential'}, and AWS Batch shows variables to "
        "whoever may describe jobs. Give a definition secrets={name: session.stored_secret(...)} instead, or the job "
        "a role. This is said once a session.",
        CredentialWarning,
    )
