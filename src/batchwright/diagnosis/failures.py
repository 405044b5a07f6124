"""How a job has failed: the classes of failures, of which each job that FAILED is in exactly one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from batchwright.diagnosis.failing import (
    API,
    BATCH,
    ECS,
    PULL_PAGE,
    Failure,
    exits,
    has_exited,
    has_wrong_format,
    is_left,
    is_stopped,
    said_of,
    says,
)
from batchwright.jobs.description import FAILED, JobDescription

BEFORE_THE_START: Final = (
    Failure(
        "failed-time-limit",
        "was cancelled by the queue's time limit, since it could not start",
        "Then run it again with run=... ; how long such jobs may wait is in the queue's time_limit_actions.",
        says(r"JobStateTimeLimit"),
        f"{BATCH}/job_stuck_in_runnable_time_limit_actions.html",
    ),
    Failure(
        "failed-dependency",
        "never ran, because a job that it depends on failed",
        "Diagnose that job; once it has succeeded as another run, submit this one again with run=... .",
        says(r"dependent job failed|dependency .*fail"),
        f"{BATCH}/job_dependencies.html",
    ),
    Failure(
        "failed-children",
        "is an array of which a child failed",
        "Look at the children that failed: job.children()[index].diagnose().",
        says(r"array child job failed"),
        f"{BATCH}/array_jobs.html",
    ),
    Failure(
        "failed-tags",
        "has more than 50 tags together with its definition, which is too many to propagate",
        "Give the job or its definition fewer tags, or do not propagate them.",
        says(r"^(?!.*CannotPull).*(too many tags|\btags\b.*(exceed|maximum|more than 50))"),
        f"{API}/API_SubmitJob.html",
    ),
    Failure(
        "failed-pull-rate",
        "could not pull its image: the registry limits how often one address pulls",
        "Pull from public.ecr.aws or a registry of your own, or log in to Docker Hub with repository credentials.",
        says(r"CannotPull.*(toomanyrequests|rate limit|\b429\b)"),
        PULL_PAGE,
    ),
    Failure(
        "failed-pull-denied",
        "could not pull its image: the registry refuses it",
        "For Amazon ECR allow ecr:GetAuthorizationToken, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer to the "
        "instance role (EC2) or execution role (Fargate), and across accounts in the repository's policy; for other "
        "registries give repository credentials. Docker Hub says so of an image that does not exist, too.",
        says(r"CannotPull.*(denied|forbidden|unauthori|no basic auth|\b40[13]\b)"),
        PULL_PAGE,
    ),
    Failure(
        "failed-pull-architecture",
        "could not pull its image: it has none for the instances' processors",
        "Build the image for the architecture of the environment's instance types, or use types of the image's.",
        says(r"CannotPull.*(no matching manifest|descriptor matching platform|no match for platform)"),
        PULL_PAGE,
    ),
    Failure(
        "failed-pull-missing",
        "could not pull its image: the registry has no such image or tag",
        "Correct the image's name and tag in the job definition, or push the image. A private registry may say so too "
        "when it is not allowed.",
        says(
            r"CannotPull.*(not found|manifest unknown|does not exist|no such (?!host)|invalid reference|name unknown)"
        ),
        PULL_PAGE,
    ),
    Failure(
        "failed-pull-network",
        "could not pull its image: the registry could not be reached",
        "Give the environment's subnets a way to the registry: an internet gateway and public addresses, a NAT "
        "gateway, or the endpoints of ECR and S3; the job's diagnosis looks at them.",
        says(r"CannotPull.*(timeout|timed out|deadline|no route|unreachable|dial tcp|refused|no such host|canceled)"),
        PULL_PAGE,
    ),
    Failure(
        "failed-pull-space",
        "could not pull its image: the disk is full",
        "Give the instances a larger root volume in a launch template, on Fargate more ephemeral storage, or use a "
        "smaller image.",
        says(r"CannotPull.*no space left"),
        PULL_PAGE,
    ),
    Failure(
        "failed-pull",
        "could not pull its image",
        "Read the reason; check the image's name, its registry's permissions, and the way from the subnets to it.",
        says(r"CannotPull"),
        PULL_PAGE,
    ),
    Failure(
        "failed-secrets",
        "did not start: a secret of its definition could not be read",
        "Check that the secret exists in this region, and that the execution role may read it "
        "(secretsmanager:GetSecretValue or ssm:GetParameters, and kms:Decrypt for a key of your own).",
        # ECS begins with "unable to pull secrets or registry auth" where it is the registry, too.
        says(r"ResourceInitializationError.*(secret(?!s or registry auth)|ssm|parameter)|unable to retrieve secrets"),
        f"{ECS}/resource-initialization-error.html",
    ),
    Failure(
        "failed-mount",
        "did not start: its EFS volume could not be mounted",
        "Diagnose the volume: it needs a mount target in the zone and a rule that lets in TCP 2049 from the "
        "environment's security groups, and the VPC needs DNS.",
        says(r"(ResourceInitializationError|CannotCreate|CannotStart|volume).*(\befs\b|\bnfs\d?\b|mount\.(efs|nfs))"),
        f"{ECS}/resource-initialization-error.html",
    ),
    Failure(
        "failed-initialization",
        "did not start: ECS could not prepare what it needs",
        "Read the reason; usually the subnets have no way to ECR, Secrets Manager or CloudWatch Logs, or the execution "
        "role lacks a permission.",
        says(r"ResourceInitializationError"),
        f"{ECS}/resource-initialization-error.html",
    ),
    Failure(
        "failed-docker-timeout",
        "did not start: Docker on the instance did not answer in time",
        "Run it again with a RetryPolicy that retries 'DockerTimeoutError*'; where it happens often, use instances "
        "with faster disks, or a smaller image.",
        says(r"DockerTimeoutError"),
        f"{ECS}/container-runtime-timeout-error.html",
    ),
)
"""What befalls a job around its start; the first that fits counts."""

WHILE_RUNNING: Final = (
    Failure(
        "failed-timeout",
        "ran longer than its timeout",
        "Raise timeout_s of the job or its definition, or find out why it is slow; AWS does not retry it.",
        says(r"attempt duration exceeded timeout"),
        f"{BATCH}/job_timeouts.html",
    ),
    Failure(
        "failed-host",
        "lost the instance that it ran on: a Spot interruption, or an instance that was ended",
        "Let such attempts be repeated: retry=RetryPolicy(...) with RETRY on the status reason 'Host EC2*', on Fargate "
        "Spot 'Your Spot Task was interrupted*'; or use no Spot capacity for long jobs.",
        says(r"Host EC2|spot interruption|spot task was interrupted|instance .*terminated"),
        f"{BATCH}/job_retries.html",
    ),
    Failure(
        "failed-stopped",
        "was cancelled or terminated by somebody",
        "Nothing is broken; to run it again, submit it with run=... .",
        is_stopped,
        f"{API}/API_TerminateJob.html",
    ),
    Failure(
        "failed-out-of-memory",
        "used more memory than it was given",
        "Raise memory_gib of the job or its definition, or have it use less.",
        says(r"out ?of ?memory"),
        f"{ECS}/out-of-memory.html",
    ),
    Failure(
        "failed-architecture",
        "holds a program for another processor architecture than its instance has",
        "Build the image for the architecture of the environment's instance types (x86 or ARM), or use types of the "
        "image's; a script needs a first line with #!.",
        has_wrong_format,
        f"{API}/API_ContainerProperties.html",
    ),
    Failure(
        "failed-not-found",
        "has a command that is not in its image (exit code 127)",
        "Correct the command's first word, or install the program in the image; a shell line needs ['sh', '-c', ...].",
        lambda job, said, lines: job.exit_code == 127 or bool(re.search(r"executable file not found", said)),
    ),
    Failure(
        "failed-not-executable",
        "has a command that may not be executed (exit code 126)",
        "Make the file executable in the image (chmod +x), and check the user that the container runs as.",
        lambda job, said, lines: job.exit_code == 126 or "permission denied" in said.lower(),
    ),
    Failure(
        "failed-cannot-start",
        "has a container that could not be made or started",
        "Read the reason: a wrong command or working directory, a missing device or mount, or too little memory.",
        says(r"CannotStartContainer|CannotCreateContainer|ContainerRuntimeError"),
        f"{ECS}/cannot-start-container.html",
    ),
    Failure(
        "failed-killed",
        "was killed with SIGKILL (exit code 137), and AWS names no reason",
        "Most often it is memory: raise memory_gib. Otherwise it ignored SIGTERM for 30 s when it was to end, or its "
        "instance was short of memory.",
        exits(137),
        f"{BATCH}/job_timeouts.html",
    ),
    Failure(
        "failed-crashed",
        "crashed with a segmentation fault (exit code 139)",
        "The program or one of its libraries is broken, or built for another processor: try the image on a machine "
        "of the same architecture.",
        exits(139),
    ),
    Failure(
        "failed-ended",
        "was ended by SIGTERM (exit code 143)",
        "Something asked it to end: a timeout, a Spot interruption, or a container that ran beside it.",
        exits(143),
        f"{BATCH}/job_timeouts.html",
    ),
    Failure(
        "failed-exit-code",
        "ended with an error of its own",
        "The end of its log says more: job.logs().",
        has_exited,
    ),
    Failure(
        "failed-to-start",
        "could not be started, and AWS says no more",
        "Diagnose its queue: an instance that ran out of memory or disk, or that lost the network, ends tasks so.",
        says(r"Task failed to start"),
        f"{ECS}/failed-to-start-error.html",
    ),
    Failure(
        "failed-otherwise",
        "failed for a reason that no rule knows",
        "Read AWS's reason, and the end of its log: job.logs().",
        is_left,
    ),
)
"""What befalls a job that has started; the first that fits counts."""

FAILURES: Final = (*BEFORE_THE_START, *WHILE_RUNNING)


def failure_of(job: JobDescription, last_lines: Sequence[str] = ()) -> Failure | None:
    """The class of its failure; None of a job that has not FAILED."""
    if job.status != FAILED:
        return None
    said = said_of(job)
    return next(each for each in FAILURES if each.test(job, said, last_lines))
