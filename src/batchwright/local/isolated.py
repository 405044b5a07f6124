"""boto3 sessions that know of nothing but the local AWS: no profile, no configuration file, no proxy."""

import functools
import os

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader, create_loader

from batchwright.local.signature import KeyPair


@functools.cache
def _loader() -> Loader:
    """One for the process: reading the model of EC2 takes longer than most of a test."""
    return create_loader()


def isolated_session(keys: KeyPair, region: str | None, *, endpoint_url: str | None = None) -> boto3.Session:
    """Return a session whose clients use `keys`, and `endpoint_url` where it is given.

    The user's own AWS configuration would send calls elsewhere, or fail on a profile that does not exist.
    """
    session = botocore.session.Session()
    session.register_component("data_loader", _loader())
    overrides = session.get_component("config_store")
    for name in ("config_file", "credentials_file"):
        overrides.set_config_variable(name, os.devnull)
    overrides.set_config_variable("profile", None)
    overrides.set_config_variable("ignore_configured_endpoint_urls", False)
    overrides.set_config_variable("endpoint_url", endpoint_url)
    session.set_default_client_config(Config(proxies={}))
    session.set_credentials(keys.access_key_id, keys.secret_access_key)
    return boto3.Session(botocore_session=session, region_name=region)
