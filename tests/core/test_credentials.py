"""Variables that look like credentials are named in a warning, once, at the line that declares them."""

import re
import warnings
from pathlib import Path

import attrs
import pytest

from batchwright import BatchSession, CredentialWarning
from batchwright.credentials import looks_like_credential
from batchwright.resources.job_queue import JobQueue

# Put together here, so that nobody who searches the sources for leaks finds any.
WEB_TOKEN = ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "c2lnbmF0dXJlLW9mLWl0"))


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "TOKEN", "githubToken", "AUTHTOKEN", "API_KEY",
        "OPENAI_API_KEY", "APIKEY", "STRIPE_APIKEY", "DB_PASSWORD", "PGPASSWORD", "MYSQL_PWD", "PASSPHRASE",
        "CLIENT_SECRET", "DjangoSecretKey", "SSH_PRIVATE_KEY", "LAB_CREDENTIALS", "TOKEN_2", "SECRETS", "ACCOUNT_KEY",
    ],
)  # fmt: skip
def test_names_of_credentials(name: str) -> None:
    """The words that credentials go by, in any case and with a number behind."""
    assert looks_like_credential(name, "hunter2")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKENIZERS_PARALLELISM", "abc"), ("MAX_TOKENS", "many"), ("GITHUB_TOKEN_FILE", "x"), ("DB_SECRET_ARN", "x"),
        ("PASSWORD_LENGTH", "x"), ("TOKEN_URL", "x"), ("SECRETARY", "x"), ("KEY", "x"), ("KEYBOARD", "x"), ("PWD", "x"),
        ("OLDPWD", "x"), ("PRIMARY_KEY", "x"), ("MONKEY", "x"), ("", "x"), ("123", "x"), ("_", "x"),
        ("USE_TOKEN", "true"), ("SHOW_PASSWORD", "0"), ("SUBJECT", "sub-01"), ("NEUROCONV_YAML", "a: b\nc: d"),
        ("TOKEN", "/run/secrets/token"), ("GOOGLE_APPLICATION_CREDENTIALS", "/etc/key.json"), ("SECRET_NAME", "x"),
        ("DB_SECRET", "arn:aws:secretsmanager:us-east-2:123456789012:secret:db-a1b2c3"),
        ("HOME", "https://example.org/a:b@c"),
    ],
)  # fmt: skip
def test_names_of_other_things(name: str, value: str) -> None:
    """Names that only sound alike, that say where a secret is, or whose value is a setting."""
    assert not looks_like_credential(name, value)


@pytest.mark.parametrize(
    "value",
    [
        "AKIA" + "Z" * 16, "ASIA" + "2" * 16, "key=AKIA" + "Q" * 16, "ghp_" + "a" * 36, "github_pat_" + "a" * 40,
        "glpat-" + "a" * 20, "xoxb-" + "1" * 12, "hf_" + "a" * 34, "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIE",
        "-----BEGIN " + "OPENSSH PRIVATE KEY-----", WEB_TOKEN, "postgres://lab:hunter2@db/lab",
    ],
)  # fmt: skip
def test_forms_of_credentials(value: str) -> None:
    """What is well known to be a credential is one, whatever the variable is called."""
    assert looks_like_credential("PLAIN", value)
    assert not looks_like_credential("PLAIN", value[:10])


@pytest.fixture
def bare() -> BatchSession:
    """A session that has not asked AWS for anything."""
    return BatchSession("lab", region="us-east-2")


def test_the_warning_names_the_variables_and_the_way_out(bare: BatchSession) -> None:
    """It points at this file, and says no value."""
    with pytest.warns(CredentialWarning) as caught:
        bare.job_definition(image="busybox", environment={"GITHUB_TOKEN": "hunter2", "API_KEY": "hunter3", "OK": "1"})
    (warning,) = caught
    text = str(warning.message)
    assert re.search("variables API_KEY, GITHUB_TOKEN look like credentials", text)
    assert "secrets=" in text
    assert "hunter" not in text
    assert Path(warning.filename) == Path(__file__)


def test_it_is_said_once_a_session(bare: BatchSession) -> None:
    """Copies, equal declarations and a thousand jobs with the variable say nothing more; another variable does."""
    definition = bare.job_definition(image="busybox")
    with pytest.warns(CredentialWarning, match="job 'one'"):
        job = bare.batch_job(name="one", definition=definition, environment={"TOKEN": "hunter2"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        attrs.evolve(job, run=2)
        attrs.evolve(job, environment={"TOKEN": "hunter3"})
        for number in range(1000):
            bare.batch_job(name=f"sub-{number}", definition=definition, environment={"TOKEN": "hunter2"})
    with pytest.warns(CredentialWarning, match="variable PASSWORD looks like a credential"):
        bare.batch_job(name="one", definition=definition, environment={"TOKEN": "hunter2", "PASSWORD": "hunter2"})
    with pytest.warns(CredentialWarning):
        BatchSession("other", region="us-east-2").job_definition(image="busybox", environment={"TOKEN": "hunter2"})


def test_secrets_are_the_way_out(bare: BatchSession) -> None:
    """What comes from a store is not warned of, nor are things that have no variables."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        secret = bare.stored_secret(name="token", value="hunter2")
        bare.job_definition(image="busybox", secrets={"GITHUB_TOKEN": secret})
        assert isinstance(bare.defaults.job_queue, JobQueue)
