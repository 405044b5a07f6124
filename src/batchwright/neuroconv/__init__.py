"""NeuroConv's functions for AWS, on top of the objects: the same calls, the same answers."""

from batchwright.neuroconv.answers import JobSubmissionInfo, SubmissionInfo, TableSubmissionInfo
from batchwright.neuroconv.containers import NEUROCONV_IMAGE, RCLONE_IMAGE
from batchwright.neuroconv.deploy import deploy_neuroconv_batch_job
from batchwright.neuroconv.deployment import Deployment
from batchwright.neuroconv.status import update_table_status
from batchwright.neuroconv.submit import submit_aws_batch_job
from batchwright.neuroconv.temporary import KeptVolumeWarning
from batchwright.neuroconv.transfer import rclone_transfer_batch_job

__all__ = [
    "NEUROCONV_IMAGE",
    "RCLONE_IMAGE",
    "Deployment",
    "JobSubmissionInfo",
    "KeptVolumeWarning",
    "SubmissionInfo",
    "TableSubmissionInfo",
    "deploy_neuroconv_batch_job",
    "rclone_transfer_batch_job",
    "submit_aws_batch_job",
    "update_table_status",
]
