"""What a session tells the server process that it starts, as one line of JSON on its standard input."""

import json
from typing import Any

import attrs

from batchwright.local.delays import Delays
from batchwright.local.faults import Fault
from batchwright.local.signature import KeyPair, SignaturePolicy

HOST = "127.0.0.1"
"""The only address that a server listens on."""


def access_variables(keys: KeyPair, endpoint_url: str, region: str) -> dict[str, str]:
    """Return the environment variables by which another program, with boto3 or the AWS CLI, gets into a server."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
    }


@attrs.frozen(kw_only=True)
class ServerOptions:
    """How a server is to be.

    Args:
        keys: The one key pair that it accepts.
        engine: What runs the jobs: `auto`, `docker`, `process`, or `scripted`, which runs nothing.
        data_dir: The directory that the contents of file systems are kept in.
        region: Where a job's own AWS calls go by default.
        delays: How long things take.
        policy: How old a signature may be.
        mounts: How the process engine brings volumes to their paths: `auto`, `namespace` or `rewrite`.
        faults: What goes wrong on the way to it.
        is_data_kept: Whether `data_dir` outlives the server.
    """

    keys: KeyPair
    engine: str
    data_dir: str
    region: str
    delays: Delays
    policy: SignaturePolicy = attrs.field(factory=SignaturePolicy)
    mounts: str = "auto"
    faults: tuple[Fault, ...] = ()
    is_data_kept: bool = False

    def to_json(self) -> str:
        """Return all options, the secret key included, as one line."""
        return json.dumps({**attrs.asdict(self), "faults": [fault.to_wire() for fault in self.faults]})

    @classmethod
    def from_json(cls, line: str) -> "ServerOptions":
        """Return the options that `to_json` wrote."""
        content: dict[str, Any] = json.loads(line)
        keys = KeyPair(**content.pop("keys"))
        delays = Delays(**content.pop("delays"))
        policy = SignaturePolicy(**content.pop("policy"))
        faults = tuple(Fault.from_wire(each) for each in content.pop("faults"))
        return cls(keys=keys, delays=delays, policy=policy, faults=faults, **content)
