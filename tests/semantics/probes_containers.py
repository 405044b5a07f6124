"""What a job finds around it, and what becomes of one that cannot start."""

from __future__ import annotations

import tempfile
from pathlib import Path

from semantics.bench import Bench
from semantics.semantic import NOT_OFFERED, YES, Verdict, as_aws, topic

semantic = topic("Containers")


@semantic("A command that is not there: FAILED, `CannotStartContainerError`", "API ContainerDetail")
def no_such_command(bench: Bench) -> Verdict:
    job = bench.ended(bench.submit(["no-such-program"]))
    if job["status"] != "FAILED":
        return Verdict("no", "it is not FAILED")
    told = str([job.get("container", {}).get("reason"), job.get("statusReason")])
    if "CannotStartContainerError" in told:
        return YES
    return Verdict("partly", "the engine's message only" if "no-such-program" in told else "FAILED, without a reason")


@semantic("An image that cannot be pulled: FAILED, `CannotPullContainerError`", "troubleshooting", images=True)
def no_such_image(bench: Bench) -> Verdict:
    image = "127.0.0.1:9/none/such:1"
    job = bench.ended(bench.submit(definition=bench.definition(container={"image": image})))
    if job["status"] != "FAILED":
        return Verdict("no", "it is not FAILED")
    told = str([job.get("container", {}).get("reason"), job.get("statusReason")])
    if "CannotPullContainerError" in told:
        return YES
    return Verdict("partly", "the engine's message only" if image in told else "FAILED, without a reason")


@semantic("More memory than asked for: killed, `OutOfMemoryError`", "API ContainerDetail", images=True)
def out_of_memory(bench: Bench) -> Verdict:
    # The shell's own variable doubles until it is more than the job may have; it stops by itself at 64 MiB.
    script = "x=0123456789abcdef; n=0; while [ $n -lt 22 ]; do x=$x$x; n=$((n+1)); done"
    sizes = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "32"}]
    definition = bench.definition(["sh", "-c", script], container={"resourceRequirements": sizes})
    job = bench.ended(bench.submit(definition=definition))
    if job["status"] != "FAILED":
        return Verdict("no", "no limit")
    told = str([job.get("container", {}).get("reason"), job.get("statusReason")])
    return YES if "OutOfMemory" in told else Verdict("partly", "killed, without the reason")


@semantic(
    "`readonlyRootFilesystem`: the job cannot write outside of its volumes", "API ContainerProperties", images=True
)
def read_only_root(bench: Bench) -> Verdict:
    definition = bench.definition(["touch", "/written"], container={"readonlyRootFilesystem": True})
    return as_aws(bench.ended(bench.submit(definition=definition))["status"] == "FAILED", "it can")


@semantic("`user`: the job runs as that user", "API ContainerProperties", images=True)
def user(bench: Bench) -> Verdict:
    definition = bench.definition(["sh", "-c", '[ "$(id -u)" = 1234 ]'], container={"user": "1234"})
    return as_aws(bench.ended(bench.submit(definition=definition))["status"] == "SUCCEEDED", "as root")


@semantic("`ulimits` hold in the container", "API Ulimit", images=True)
def ulimits(bench: Bench) -> Verdict:
    limits = [{"name": "nofile", "softLimit": 512, "hardLimit": 512}]
    definition = bench.definition(["sh", "-c", '[ "$(ulimit -n)" = 512 ]'], container={"ulimits": limits})
    return as_aws(bench.ended(bench.submit(definition=definition))["status"] == "SUCCEEDED", "they are not read")


@semantic("`linuxParameters.tmpfs` is mounted", "API Tmpfs", images=True)
def tmpfs(bench: Bench) -> Verdict:
    parameters = {"tmpfs": [{"containerPath": "/scratch", "size": 16}]}
    definition = bench.definition(["touch", "/scratch/file"], container={"linuxParameters": parameters})
    return as_aws(bench.ended(bench.submit(definition=definition))["status"] == "SUCCEEDED", "it is not there")


@semantic("An EFS volume: what one job writes the next one reads, at the path of its mount", "efs-volumes")
def file_system(bench: Bench) -> Verdict:
    efs = bench.client("efs")
    made = efs.create_file_system(CreationToken=bench.named())["FileSystemId"]
    bench.waited(
        lambda: efs.describe_file_systems(FileSystemId=made)["FileSystems"][0]["LifeCycleState"],
        lambda state: state == "available",
    )
    target = efs.create_mount_target(
        FileSystemId=made, SubnetId=bench.account.subnet, SecurityGroups=[bench.account.group]
    )
    bench.waited(
        lambda: efs.describe_mount_targets(MountTargetId=target["MountTargetId"])["MountTargets"][0]["LifeCycleState"],
        lambda state: state == "available",
    )
    volume = {"name": "data", "efsVolumeConfiguration": {"fileSystemId": made}}
    return _shared(bench, volume)


@semantic("A directory of the host as a volume", "API Host")
def host_volume(bench: Bench) -> Verdict:
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o777)
        return _shared(bench, {"name": "data", "host": {"sourcePath": made}})


def _shared(bench: Bench, volume: dict[str, object]) -> Verdict:
    mount = {"sourceVolume": "data", "containerPath": "/mnt/table", "readOnly": False}
    container = {"volumes": [volume], "mountPoints": [mount]}
    writes = bench.definition(["sh", "-c", "echo seen > /mnt/table/file"], container=container)
    reads = bench.definition(["sh", "-c", '[ "$(cat /mnt/table/file)" = seen ]'], container=container)
    if bench.ended(bench.submit(definition=writes))["status"] != "SUCCEEDED":
        return Verdict("no", "it is not mounted")
    return as_aws(bench.ended(bench.submit(definition=reads))["status"] == "SUCCEEDED", "nothing is shared")


@semantic("Code inside the job reaches AWS with no settings of its own", "API ContainerProperties")
def endpoint_inside(bench: Bench) -> Verdict:
    if "logs" not in bench.system.services:
        return NOT_OFFERED
    asked = "wget -O /dev/null {} 2>&1"
    has_keys = '[ -n "$AWS_ACCESS_KEY_ID" ] && [ -n "$AWS_SECRET_ACCESS_KEY" ]'
    answered = f'case "$({asked.format("$AWS_ENDPOINT_URL")})" in *40[0-9]*) {has_keys};; *) exit 1;; esac'
    if bench.succeeds(answered):
        return YES
    # The name in that address stands for the engine's bridge, which an engine need not have; that it is told counts.
    if bench.succeeds('[ -n "$MOTO_HTTP_ENDPOINT" ]'):
        return Verdict("partly", "at MOTO_HTTP_ENDPOINT, which the code must read itself")
    return Verdict("no", "no address")
