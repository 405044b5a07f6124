"""NeuroConv's functions for AWS, on top of the objects: the same calls, the same answers."""

from batchwright.neuroconv.answers import JobSubmissionInfo, SubmissionInfo, TableSubmissionInfo
from batchwright.neuroconv.submit import submit_aws_batch_job

__all__ = ["JobSubmissionInfo", "SubmissionInfo", "TableSubmissionInfo", "submit_aws_batch_job"]
