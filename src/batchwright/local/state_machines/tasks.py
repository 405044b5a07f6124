"""Carries out Tasks: calls of the other services of the local AWS, past signature and faults but under their rules."""

import uuid
from typing import Any

import attrs
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from batchwright.local.inner_clients import InnerClients
from batchwright.local.messages import as_object
from batchwright.local.state_machines.conversion import UnknownMemberError, request_of, result_of
from batchwright.local.state_machines.failures import Json, StateFailure, as_text, runtime_failure
from batchwright.local.state_machines.integrations import Integration, integration_of
from batchwright.local.state_machines.machines import Execution
from batchwright.local.state_machines.rights import Rights


@attrs.frozen(kw_only=True, eq=False)
class Tasks:
    """Calls the operation that a Task's Resource names.

    Args:
        clients: Clients of all services of the local AWS.
        rights: Says what the execution's role may do.
    """

    clients: InnerClients
    rights: Rights

    def __call__(self, execution: Execution, resource: str, parameters: Json) -> Json:
        """Return the operation's response as the Task's result.

        Raises:
            StateFailure: The service refused, by the name that Retry and Catch know the refusal by.
        """
        integration = integration_of(resource)
        if (given := as_object(parameters)) is None:
            raise runtime_failure(f"The Parameters of a Task must be an object, not '{as_text(parameters)}'")
        shape = integration.operation.input_shape
        try:
            request: dict[str, Any] = request_of(shape, given) if shape else {}
        except UnknownMemberError as error:
            raise runtime_failure(str(error)) from None
        return result_of(integration.operation.output_shape, self._called(execution, integration, request))

    def _called(self, execution: Execution, integration: Integration, request: dict[str, Any]) -> dict[str, Any]:
        region = execution.machine.region
        if denied := self.rights.refusal(execution.role_arn, integration.action, request, region):
            raise _access_denied(integration, denied)
        client = self.clients.client(integration.boto_name, region)
        try:
            answer: dict[str, Any] = getattr(client, xform_name(integration.operation.name))(**request)
        except ClientError as error:
            raise _service_failure(integration, error) from None
        except ParamValidationError as error:
            raise runtime_failure(f"The Parameters do not fit {integration.action}. {error}") from None
        except BotoCoreError as error:
            raise StateFailure("States.TaskFailed", str(error)) from None
        return answer


def _access_denied(integration: Integration, message: str) -> StateFailure:
    cause = f"{message} (Service: {integration.error_prefix}, Status Code: 403, Request ID: {uuid.uuid4()})"
    return StateFailure(integration.error_name("AccessDeniedException"), cause)


def _service_failure(integration: Integration, error: ClientError) -> StateFailure:
    reason, about = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    cause = (
        f"{reason.get('Message', '')} (Service: {integration.error_prefix}, "
        f"Status Code: {about.get('HTTPStatusCode', '')}, Request ID: {about.get('RequestId', '')})"
    )
    return StateFailure(integration.error_name(reason.get("Code", "")), cause)
