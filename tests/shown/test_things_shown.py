"""Resources and descriptions show what AWS last said of them; results and errors what happened."""

import attrs
import pytest

from batchwright import BatchSession, InUseError, NotFoundError, OnDrift
from batchwright._display import Grid, Text, Tone, View, to_html
from batchwright.drift import ABSENT, Change, Drift, Remedy
from batchwright.local import LocalServer
from batchwright.neuroconv.deployment import Deployment, Whereabouts
from batchwright.resources.job_queue import JobQueueDescription
from batchwright.resources.network import NetworkDescription, SubnetDescription
from batchwright.resources.security_group import SecurityGroupDescription
from batchwright.testing import evolved

from .all_kinds import INFO, ROW
from .looking import facts, grid, links, text

READ_AT = 1_795_435_265.0
QUEUE = "arn:aws:batch:us-east-2:111122223333:job-queue/lab"


def test_a_resource_shows_its_fields_and_what_was_last_read(lab: BatchSession) -> None:
    """Other resources as references, defaults not at all, and the time at which AWS was asked."""
    environment = lab.compute_environment(name="lab", max_vcpus=64)
    assert environment._view().note == "not read yet in this session; describe() asks AWS"
    assert facts(environment._view())["network"] == "<DefaultNetwork 'default'>"
    assert "min_vcpus" not in facts(environment._view())
    environment.ensure()
    seen = environment.describe()
    view = environment._view()
    assert view.status == Text("VALID", Tone.GOOD)
    assert view.note == seen._view().note
    assert view.note.startswith("read 20")
    assert facts(view)["max_vcpus"] == "64"
    assert facts(view)["desired_vcpus"] == "0"
    assert facts(view)["arn"] == seen.arn


def test_a_description_shows_status_reason_tags_and_page() -> None:
    """The reason first, batchwright's own tags not at all, the ARN as a link."""
    tags = {"project": "a", "batchwright:namespace": "lab"}
    queue = JobQueueDescription(
        name="lab", arn=QUEUE, status="INVALID", status_reason="no such role", tags=tags, priority=5, read_at=READ_AT
    )
    view = queue._view()
    assert (view.title, view.status) == ("job queue 'lab'", Text("INVALID", Tone.BAD))
    assert view.note == "read 2026-11-23 12:01:05 UTC"
    said = facts(view)
    assert next(iter(said)) == "status_reason"
    assert said["priority"] == "5"
    assert said["tags"] == "project=a"
    assert links(view)["arn"].endswith(f"#queues/detail/{QUEUE}")


def test_things_inside_a_thing_are_a_table(lab: BatchSession) -> None:
    """A volume's mount targets, a network's subnets."""
    lab.efs_volume(name="scratch").ensure()
    targets = grid(lab.efs_volume(name="scratch").describe()._view(), "mount_targets")
    assert {line["status"] for line in targets} == {"available"}
    assert len({line["zone"] for line in targets}) == len(targets) > 1
    subnets = grid(lab.defaults.network.describe()._view(), "subnets")
    assert [line["availability_zone"] for line in subnets] == [line["zone"] for line in targets]


def test_parts_of_a_network_lead_to_the_console() -> None:
    """By the ARNs that EC2 tells of them."""
    at = "arn:aws:ec2:us-east-2:111122223333"
    raw = {"SubnetArn": f"{at}:subnet/subnet-1", "SecurityGroupArn": f"{at}:security-group/sg-1"}
    subnet = SubnetDescription(subnet_id="subnet-1", availability_zone="us-east-2a", raw=raw)
    table = NetworkDescription(vpc_id="vpc-1", subnets=(subnet,))._view().parts[0]
    assert isinstance(table, Grid)
    assert isinstance(cell := table.lines[0][0], Text)
    assert cell.text == "subnet-1"
    assert cell.url.endswith("#SubnetDetails:subnetId=subnet-1")
    group = SecurityGroupDescription(group_id="sg-1", name="lab", vpc_id="vpc-1", raw=raw)
    assert links(group._view())["arn"].endswith("#SecurityGroup:groupId=sg-1")


def test_what_ensure_did_is_shown_with_what_it_left(lab: BatchSession) -> None:
    """The action, what differed, what AWS reports; and whether it is ours."""
    queue = lab.job_queue(name="ensured", tags={"a": "b"})
    assert text(queue.ensure()._view().status) == "created"
    changed = evolved(queue, priority=7, tags={})
    view = changed.ensure(on_drift=OnDrift.UPDATE)._view()
    assert (view.title, view.status) == ("job queue 'ensured'", Text("updated", Tone.GOOD))
    drift, reported = view.parts
    assert isinstance(drift, View)
    assert isinstance(reported, View)
    changes = {line["field"]: (line["is"], line["should be"]) for line in grid(drift)}
    assert changes == {"priority": ("1", "7"), "tags.a": ("b", "(absent)")}
    assert (reported.title, facts(reported)["priority"]) == ("as AWS reports it", "7")
    assert facts(lab.default_network().ensure()._view())["owned"] == "no: found, and used as it is"


def test_drift_hides_what_is_secret() -> None:
    """Whether something is there may be seen, and batchwright's own tags are counted."""
    changes = (
        Change("environment.TOKEN", "hunter2", ABSENT, Remedy.REPLACE, secret=True),
        Change("tags.batchwright:declared", "a", "b"),
    )
    view = Drift(changes)._view()
    assert view.title == "2 differences"
    assert grid(view) == [{"field": "environment.TOKEN", "is": "(absent)", "should be": "•••", "remedy": "replace"}]
    assert view.note == "1 of batchwright's own tags"
    assert (Drift()._view().title, list(Drift()._view().parts)) == ("no drift", [])


def test_an_inventory_is_a_table_of_links(lab: BatchSession) -> None:
    """Each of its things shows what AWS reports, and what it costs."""
    lab.status_tracker(name="lab-rows").ensure()
    inventory = lab.inventory()
    view = inventory._view()
    assert view.note.startswith("read 20")
    line = next(line for line in grid(view) if line["name"] == "lab-rows")
    assert (line["kind"], line["status"]) == ("status tracker", "ACTIVE")
    item = next(item for item in inventory if item.name == "lab-rows")
    assert facts(item._view())["costs while idle"] == line["costs while idle"] != ""


def test_an_error_says_what_happened_and_what_to_do(lab: BatchSession) -> None:
    """Of which resource; raised, it keeps Python's own traceback."""
    with pytest.raises(NotFoundError) as caught:
        lab.job_queue(name="nowhere").describe()
    view = caught.value._view()
    assert (view.title, view.status) == ("NotFoundError", Text("error", Tone.BAD))
    assert facts(view)["what"] == caught.value.summary
    assert facts(view)["do"] == caught.value.hint
    assert facts(view)["resource"] == "<JobQueue 'nowhere'>"
    assert facts(InUseError("It is.", users=("a", "b"))._view()) == {"what": "It is.", "users": "a, b"}
    assert not hasattr(caught.value, "_render_traceback_")
    assert str(caught.value) in repr(caught.value).replace("\\n", "\n")


def test_a_result_of_many_submissions_says_what_became_of_the_job(lab: BatchSession) -> None:
    """Submitted, found, or why not."""
    definition = lab.job_definition(name="convert", image="busybox")
    job = lab.batch_job(name="many", definition=definition)
    results = [next(iter(lab.submit_many([each]))) for each in (job, job, attrs.evolve(job, command=("true",)))]
    assert [text(result._view().status) for result in results] == ["submitted", "found", "not submitted"]
    assert facts(results[0]._view()) == {"job_id": results[0].job_id, "submission_id": "lab/many"}
    assert isinstance(inner := results[2]._view().parts[0], View)
    assert inner.title == "ConflictError"


def test_a_deployment_leads_to_its_jobs() -> None:
    """It is still the dictionary that NeuroConv's users know."""
    where = Whereabouts(
        region="us-east-2", table_name="t", queue_name="q", environment_name="e", volume_name="v", teardown_name=None
    )
    info = {"job_submission_info": INFO, "table_submission_info": ROW}
    deployment = Deployment(info, info, where)  # type: ignore[arg-type]  # the keys are TypedDicts'
    view = deployment._view()
    assert [line["step"] for line in grid(view)] == ["transfer", "conversion"]
    assert "#jobs/detail/0a1b" in to_html(view)
    assert facts(view)["queue_name"] == "q"
    assert repr(deployment) == repr(dict(deployment))


def test_a_local_server_shows_no_key() -> None:
    """Neither half of the pair by which it lets callers in."""
    server = LocalServer(engine="process")
    shown = to_html(server._view())
    assert text(server._view().status) == "not running"
    assert server.access_key_id not in shown
    assert server.secret_access_key not in shown
