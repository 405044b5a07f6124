"""A boto3 that does not know consumable resources yet can only be refused: that is all that is tested under it."""

from batchwright.resources.consumable_resource import client_knows

collect_ignore_glob = (
    [] if client_knows() else ["test_local_*.py", "test_resource.py", "test_jobs*.py", "test_declaring.py"]
)
