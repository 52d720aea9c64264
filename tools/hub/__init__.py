"""The notebooks on a JupyterHub, tried in full: docs/hub.md."""
