"""The secrets of a job's container, read from Secrets Manager and the SSM parameter store as ECS reads them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from botocore.exceptions import ClientError

from batchwright.local.messages import as_object
from batchwright.local.unprovided import UnprovidedError

_UNABLE = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "


class SecretsManager(Protocol):
    """The one call of Secrets Manager that is made."""

    def get_secret_value(self, *, SecretId: str, **version: str) -> Mapping[str, Any]:
        """Return the secret with its `SecretString`."""
        ...


class ParameterStore(Protocol):
    """The one call of the SSM parameter store that is made."""

    def get_parameters(self, *, Names: list[str], WithDecryption: bool) -> Mapping[str, Any]:
        """Return the `Parameters` that there are."""
        ...


class SecretStores(Protocol):
    """Finds the stores of a region."""

    def secrets(self, region: str) -> SecretsManager:
        """Return Secrets Manager in `region`."""
        ...

    def parameters(self, region: str) -> ParameterStore:
        """Return the SSM parameter store in `region`."""
        ...


def secret_variables(secrets: Iterable[Mapping[str, str]], region: str, stores: SecretStores) -> dict[str, str]:
    """Return the variables that a container's `secrets` mean.

    Args:
        secrets: `name` and `valueFrom` of each.
        region: The job's region, where a parameter without an ARN is.
        stores: Where to read them.

    Raises:
        UnprovidedError: One that cannot be read.
    """
    return {str(secret["name"]): _value(str(secret["valueFrom"]), region, stores) for secret in secrets}


def _value(source: str, region: str, stores: SecretStores) -> str:
    parts = source.split(":")
    if not source.startswith("arn:"):
        return _parameter(source, [source], stores.parameters(region))
    if len(parts) > 6 and parts[2] == "secretsmanager":
        return _secret(parts, stores.secrets(parts[3]))
    if len(parts) == 6 and parts[2] == "ssm" and parts[5].startswith("parameter/"):
        name = parts[5].removeprefix("parameter/")  # the slash may be the separator's, or the name's own
        return _parameter(source, [f"/{name}"] if "/" in name else [name, f"/{name}"], stores.parameters(parts[3]))
    raise UnprovidedError(f"{_UNABLE}{source} is the ARN of no secret and of no parameter")


def _secret(parts: list[str], store: SecretsManager) -> str:
    """Read `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME[:JSON_KEY:VERSION_STAGE:VERSION_ID]`."""
    secret_id = ":".join(parts[:7])
    key, stage, version_id = [*parts[7:10], "", "", ""][:3]
    chosen = {"VersionStage": stage, "VersionId": version_id}
    try:
        answer = store.get_secret_value(SecretId=secret_id, **{name: text for name, text in chosen.items() if text})
    except ClientError as error:
        raise UnprovidedError(
            f"{_UNABLE}unable to retrieve secret from asm: failed to fetch secret {secret_id} from secrets manager: "
            f"{_described(error)}"
        ) from error
    text = str(answer.get("SecretString", ""))
    return _member(text, key, secret_id) if key else text


def _member(text: str, key: str, secret_id: str) -> str:
    try:
        content = as_object(json.loads(text)) or {}
    except ValueError:
        content = {}
    if key not in content:
        raise UnprovidedError(
            f"{_UNABLE}unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain "
            f"json key {key}: {secret_id}"
        )
    value: object = content[key]
    return value if isinstance(value, str) else json.dumps(value)


def _parameter(source: str, names: list[str], store: ParameterStore) -> str:
    try:
        found = store.get_parameters(Names=names, WithDecryption=True)["Parameters"]
    except ClientError as error:
        raise UnprovidedError(f"{_UNABLE}unable to retrieve secrets from ssm: {_described(error)}") from error
    if not found:
        raise UnprovidedError(f"{_UNABLE}unable to retrieve secrets from ssm: invalid ssm parameters: {source}")
    return str(found[0]["Value"])


def _described(error: ClientError) -> str:
    details = error.response.get("Error", {})
    return f"{details.get('Code', '')}: {details.get('Message', '')}"
