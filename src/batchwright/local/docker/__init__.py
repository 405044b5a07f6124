"""The `docker` engine: jobs in containers of any Docker-compatible engine on this machine."""
