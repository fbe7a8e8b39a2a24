"""Kernels without the wait: a parent that has imported everything forks a real ipykernel for each run, with fresh state.

The parent is the fork server of `multiprocessing`. It imports the stack (`preload`) once, opens no connection, reads no data and has one
thread (beside that of jemalloc, which sees to forks itself). A worker that it forks holds a further fork of itself ready (`hold_kernel`)
before anything else happens there; when papermill asks for a kernel, that process becomes one. `GOODWILL_FORK=0` and systems without
fork take the plain path.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

# As a fresh kernel has it: IPython puts the folder of the notebook behind the standard library, which no file there may hide.
_path = [place for place in sys.path if place]
_held: HeldKernel | None = None


def can_fork() -> bool:
    """Whether kernels are forked here: not on Windows, not on macOS (its system libraries do not survive it), not with GOODWILL_FORK=0."""
    return sys.platform.startswith("linux") and hasattr(os, "fork") and os.environ.get("GOODWILL_FORK", "1") != "0"


class HeldKernel:
    """A forked process that waits to become a kernel; behaves like the `Popen` that jupyter_client expects."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid, self._pipe = pid, pipe
        self.returncode: int | None = None

    def start(self, arguments: list[str], folder: str, environment: dict[str, str]) -> None:
        """Let the process become a kernel."""
        with os.fdopen(self._pipe, "w", encoding="utf-8") as pipe:
            json.dump({"arguments": arguments, "folder": folder, "environment": environment}, pipe)

    def poll(self) -> int | None:
        if self.returncode is None:
            with suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self) -> int | None:
        if self.returncode is None:
            with suppress(ChildProcessError):
                self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def hold_kernel(close: Callable[[], None]) -> None:
    """Fork the process that the next kernel of this worker will be; call it before the worker starts a thread.

    `close` is called in the fork to let go of what belongs to the worker.
    """
    global _held
    reading, writing = os.pipe()
    worker = os.getpid()
    pid = os.fork()
    if pid:
        os.close(reading)
        _held = HeldKernel(pid, writing)
        return
    status = 1
    try:
        os.close(writing)
        close()
        _become_kernel(reading, worker)
        status = 0
    except SystemExit as stopped:
        status = stopped.code if isinstance(stopped.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _become_kernel(pipe: int, worker: int) -> None:
    """Wait for the worker's word, then be a kernel until it is shut down. Without a word (the worker has ended) do nothing."""
    with os.fdopen(pipe, "r", encoding="utf-8") as reading:
        asked = reading.read()
    if not asked:
        return
    request = json.loads(asked)
    os.setsid()  # a group of its own, so that it can be stopped with all it starts
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[:], sys.argv[:] = _path, ["ipykernel_launcher", *request["arguments"]]
    import atexit
    import random
    import time

    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    time.tzset()
    random.seed()
    np.random.seed()  # noqa: NPY002 - notebooks and old libraries may use the global generator; it must not repeat in every fork
    app: Any = IPKernelApp.instance(parent_handle=worker)  # ends when the worker is gone
    app.initialize(request["arguments"])
    app.shell.enable_matplotlib("inline")  # pyplot was imported before this shell existed
    app.start()
    atexit._run_exitfuncs()


def forked_manager(kernel_name: str, config: Any) -> Any | None:
    """A kernel manager whose kernel is the held process; None where none is held (then papermill starts one its own way)."""
    global _held
    if _held is None:
        return None
    from jupyter_client import AsyncKernelManager
    from jupyter_client.provisioning import LocalProvisioner

    process, _held = _held, None

    class ForkedKernel(LocalProvisioner):
        """Hands over the held process where `LocalProvisioner` starts one."""

        async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
            arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
            process.start(arguments, str(options.get("cwd") or Path.cwd()), dict(options["env"]))
            self.process, self.pid, self.pgid = process, process.pid, None
            return self.connection_info

        async def send_signal(self, signum: int) -> None:
            with suppress(OSError):  # its group exists only once it has begun
                os.killpg(process.pid, signum)
                return
            process.send_signal(signum)

    manager = AsyncKernelManager(kernel_name=kernel_name, config=config)
    manager.provisioner = ForkedKernel(kernel_id=str(process.pid), kernel_spec=manager.kernel_spec, parent=manager)
    return manager
