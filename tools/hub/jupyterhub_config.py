"""A class on one machine: ``jupyterhub -f tools/hub/jupyterhub_config.py``, as root (docs/hub.md).

Students are users of the system and log in with their passwords (PAM). Each gets a server that runs
as this user, in the environment of this file's checkout, or in the one that VENV names.
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821

c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # a proxy with TLS stands before it
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.open_sessions = False
c.LocalAuthenticator.allowed_groups = {"students"}

c.JupyterHub.spawner_class = "localprocess"
c.Spawner.cmd = [str(Path(__file__).resolve().parent / "start.sh")]
c.Spawner.default_url = "/lab/tree/my-notebooks"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # thirty start at once
c.Spawner.environment = {
    "OMP_NUM_THREADS": "1",  # no student takes all cores
    "VENV": os.environ.get("VENV", ""),
}
c.Spawner.args = [
    # A kernel that nobody has open in a browser gives its memory back after half an hour.
    "--MappingKernelManager.cull_idle_timeout=1800",
    # Sockets in the home: of ports, which all students share, two kernels may choose the same.
    "--KernelManager.transport=ipc",
]
