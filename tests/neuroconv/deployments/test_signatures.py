"""NeuroConv's keywords, in its order and with its defaults; what is added comes after them."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from batchwright.neuroconv import deploy_neuroconv_batch_job, rclone_transfer_batch_job, update_table_status

REQUIRED = inspect.Parameter.empty
NAMES = {
    "status_tracker_table_name": "neuroconv_batch_status_tracker",
    "compute_environment_name": "neuroconv_batch_environment",
    "job_queue_name": "neuroconv_batch_queue",
    "job_definition_name": None,
}
TRANSFER = {
    "rclone_command": REQUIRED,
    "job_name": REQUIRED,
    "efs_volume_name": REQUIRED,
    "rclone_config_file_path": None,
    **NAMES,
    "minimum_worker_ram_in_gib": 4,
    "minimum_worker_cpus": 4,
    "submission_id": None,
    "region": None,
}
DEPLOY = {
    "rclone_command": REQUIRED,
    "yaml_specification_file_path": REQUIRED,
    "job_name": REQUIRED,
    "efs_volume_name": REQUIRED,
    "rclone_config_file_path": None,
    **NAMES,
    "minimum_worker_ram_in_gib": 16,
    "minimum_worker_cpus": 4,
    "region": None,
}
STATUS = {
    "submission_id": REQUIRED,
    "status": REQUIRED,
    "status_tracker_table_name": "neuroconv_batch_status_tracker",
    "region": "us-east-2",
}
RCLONE = "ghcr.io/catalystneuro/rclone_with_config:latest"
NEUROCONV = "ghcr.io/catalystneuro/neuroconv_yaml_variable:latest"


@pytest.mark.parametrize(
    ("function", "theirs", "more"),
    [
        (rclone_transfer_batch_job, TRANSFER, {"rclone_image": RCLONE}),
        (
            deploy_neuroconv_batch_job,
            DEPLOY,
            {
                "rclone_image": RCLONE,
                "neuroconv_image": NEUROCONV,
                "neuroconv_secrets": None,
                "keep_volume": False,
            },
        ),
        (update_table_status, STATUS, {}),
    ],
)
def test_the_signature_is_neuroconvs(
    function: Callable[..., object], theirs: dict[str, Any], more: dict[str, Any]
) -> None:
    """As of its main branch in August 2026, all of them by keyword only."""
    parameters = inspect.signature(function).parameters
    assert list(parameters) == [*theirs, *more]
    assert {name: parameter.default for name, parameter in parameters.items()} == {**theirs, **more}
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
