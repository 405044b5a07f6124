"""Carries out Tasks: calls of the other services of the local AWS, past signature and faults but under their rules."""

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


@attrs.frozen(kw_only=True, eq=False)
class Tasks:
    """Calls the operation that a Task's Resource names.

    Args:
        clients: Clients of all services of the local AWS.
    """

    clients: InnerClients

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
        client = self.clients.client(integration.boto_name, execution.machine.region)
        try:
            answer: dict[str, Any] = getattr(client, xform_name(integration.operation.name))(**request)
        except ClientError as error:
            raise _service_failure(integration, error) from None
        except ParamValidationError as error:
            raise runtime_failure(f"The Parameters do not fit {integration.action}. {error}") from None
        except BotoCoreError as error:
            raise StateFailure("States.TaskFailed", str(error)) from None
        return answer


def _service_failure(integration: Integration, error: ClientError) -> StateFailure:
    reason, about = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    cause = (
        f"{reason.get('Message', '')} (Service: {integration.error_prefix}, "
        f"Status Code: {about.get('HTTPStatusCode', '')}, Request ID: {about.get('RequestId', '')})"
    )
    return StateFailure(integration.error_name(reason.get("Code", "")), cause)
