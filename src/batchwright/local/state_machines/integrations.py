"""Which operation of which service a Task's Resource names, and what its errors are called."""

import functools
import re
from collections.abc import Mapping
from typing import cast

import attrs
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

_RESOURCE = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]*:\d*:(aws-sdk:)?([a-z0-9]+):([A-Za-z0-9]+)(\.\w+)?\Z")


@attrs.frozen
class _Service:
    """A service: its name in boto3, its client in AWS's SDK for Java, and the prefix of its actions in policies."""

    boto_name: str
    client: str
    action_prefix: str


_SERVICES: Mapping[str, _Service] = {
    "batch": _Service("batch", "Batch", "batch"),
    "cloudwatchlogs": _Service("logs", "CloudWatchLogs", "logs"),
    "dynamodb": _Service("dynamodb", "DynamoDb", "dynamodb"),
    "ec2": _Service("ec2", "Ec2", "ec2"),
    "efs": _Service("efs", "Efs", "elasticfilesystem"),
    "eventbridge": _Service("events", "EventBridge", "events"),
    "iam": _Service("iam", "Iam", "iam"),
    "resourcegroupstaggingapi": _Service("resourcegroupstaggingapi", "ResourceGroupsTaggingApi", "tag"),
    "secretsmanager": _Service("secretsmanager", "SecretsManager", "secretsmanager"),
    "sfn": _Service("stepfunctions", "Sfn", "states"),
    "sqs": _Service("sqs", "Sqs", "sqs"),
    "ssm": _Service("ssm", "Ssm", "ssm"),
    "sts": _Service("sts", "Sts", "sts"),
}
"""By the names that `arn:aws:states:::aws-sdk:` has for them."""

_OPTIMISED: Mapping[str, tuple[str, str, str, frozenset[str]]] = {
    "batch": ("batch", "Batch", "AWSBatchException", frozenset({"submitJob"})),
    "dynamodb": (
        "dynamodb",
        "DynamoDB",
        "AmazonDynamoDBException",
        frozenset({"getItem", "putItem", "updateItem", "deleteItem"}),
    ),
    "sqs": ("sqs", "SQS", "AmazonSQSException", frozenset({"sendMessage"})),
    "states": ("sfn", "StepFunctions", "AWSStepFunctionsException", frozenset({"startExecution"})),
}
"""The integrations that Step Functions has of its own: service, prefix of errors, error not in the model, actions."""


class UnknownResourceError(ValueError):
    """No operation that is served here belongs to the Resource."""


@attrs.frozen(eq=False)
class Integration:
    """An operation that a Task carries out.

    Args:
        boto_name: The service's name in boto3.
        action: The operation as policies name it, such as `elasticfilesystem:DeleteFileSystem`.
        operation: Its model.
        error_prefix: What stands before the point in its errors' names.
        other_error: The error that its model does not have.
    """

    boto_name: str
    action: str
    operation: OperationModel
    error_prefix: str
    other_error: str

    def error_name(self, code: str) -> str:
        """Return the name under which Retry and Catch know an error code of the service."""
        for shape in cast("list[StructureShape]", self.operation.error_shapes):
            if code in {shape.name, shape.error_code}:
                return f"{self.error_prefix}.{shape.name.removesuffix('Exception')}Exception"
        return f"{self.error_prefix}.{self.other_error}"


@functools.lru_cache(maxsize=256)
def integration_of(resource: str) -> Integration:
    """Return the operation that a Task's Resource names.

    Raises:
        UnknownResourceError: It names none that is served here.
    """
    found = _RESOURCE.match(resource)
    if found is None or found[4]:
        raise UnknownResourceError(
            f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the "
            "resource is not available in this region. The local AWS serves arn:aws:states:::aws-sdk:<service>:<action>"
            f" ({', '.join(sorted(_SERVICES))}) and {', '.join(_optimised_names())}, and no .sync or .waitForTaskToken."
        )
    _, service, action = found[1], found[2], found[3]
    if found[1]:
        return _of_sdk(resource, service, action)
    if service not in _OPTIMISED or action not in _OPTIMISED[service][3]:
        raise UnknownResourceError(
            f"The resource provided {resource} is not recognized. The local AWS serves of these: "
            f"{', '.join(_optimised_names())}."
        )
    name, prefix, other, _ = _OPTIMISED[service]
    return attrs.evolve(_of_sdk(resource, name, action), error_prefix=prefix, other_error=other)


def _optimised_names() -> list[str]:
    return [f"{service}:{action}" for service, (_, _, _, actions) in _OPTIMISED.items() for action in sorted(actions)]


def _of_sdk(resource: str, name: str, action: str) -> Integration:
    service = _SERVICES.get(name)
    if service is None:
        raise UnknownResourceError(
            f"The resource provided {resource} is not recognized. The local AWS serves {', '.join(sorted(_SERVICES))}."
        )
    operation = action[:1].upper() + action[1:]
    model = _model(service.boto_name)
    if not action[:1].islower() or operation not in model.operation_names:
        raise UnknownResourceError(
            f"The resource provided {resource} is not recognized: {name} has no action {action!r} (actions begin with "
            "a small letter)."
        )
    return Integration(
        boto_name=service.boto_name,
        action=f"{service.action_prefix}:{operation}",
        operation=model.operation_model(operation),
        error_prefix=service.client,
        other_error=f"{service.client}Exception",
    )


@functools.cache
def _model(boto_name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(boto_name, "service-2"), boto_name)
