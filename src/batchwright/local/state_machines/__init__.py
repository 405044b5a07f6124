"""AWS Step Functions on this machine: state machines, their executions, and what interprets the States Language."""
