"""What a runner looks at itself at its start: driver, GPUs, disk, versions; on each GPU a training step."""

import asyncio
import contextlib
import logging
import sys
from typing import Final

from runners.process.hardware import Hardware
from runners.process.logs import pairs
from runners.protocol.runner import Accelerator, Check

logger = logging.getLogger(__name__)

LEAST_DISK: Final = 10**9
LEAST_MEMORY: Final = 2 * 10**9
NEEDED: Final = ("torch", "transformers", "optuna")
PATIENCE_S: Final = 180.0
STEP: Final = """
import sys, torch
device = torch.device(sys.argv[1])
torch.manual_seed(0)
layer = torch.nn.Linear(64, 64).to(device)
optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
before = (layer(torch.ones(8, 64, device=device)) ** 2).mean()
before.backward()
optimizer.step()
after = (layer(torch.ones(8, 64, device=device)) ** 2).mean()
if not (torch.isfinite(after) and after != before):
    sys.exit("the loss did not move")
"""


def quick_checks(hardware: Hardware, versions: dict[str, str]) -> tuple[Check, ...]:
    """What can be said at once, without torch."""
    load, gpus = hardware.load(), hardware.accelerators()
    missing = [name for name in NEEDED if name not in versions]
    unread = [gpu for gpu in gpus if not gpu.memory_total]
    found = [
        Check(
            name="Packages",
            passed=not missing,
            says=f"{', '.join(missing)}: not installed" if missing else f"torch {versions['torch']}",
        ),
        Check(name="Disk", passed=load.disk_free >= LEAST_DISK, says=f"{load.disk_free / 1e9:.0f} GB free"),
        Check(
            name="Memory",
            passed=hardware.memory_total - load.memory_used >= LEAST_MEMORY,
            says=f"{(hardware.memory_total - load.memory_used) / 1e9:.0f} GB free",
        ),
        Check(
            name="GPUs",
            passed=not unread,
            says=f"{len(gpus)} found" if gpus else "none: it trains on the processor",
        ),
    ]
    return tuple(found)


async def step_checks(gpus: tuple[Accelerator, ...]) -> tuple[Check, ...]:
    """A training step on each GPU, one after another, each in a process of its own: a broken driver may take it along."""
    return tuple([await step_check(f"cuda:{gpu.index}", f"A training step on GPU {gpu.index}") for gpu in gpus])


async def step_check(device: str, name: str) -> Check:
    """A training step on a device of torch."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STEP, device, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, said = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    except TimeoutError:
        return Check(name=name, passed=False, says=f"it was not done after {PATIENCE_S:.0f} s")
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode == 0:
        return Check(name=name, passed=True, says="done")
    last = (said.decode(errors="replace").strip().splitlines() or ["it ended without a word"])[-1]
    logger.warning("The self-check failed", extra=pairs(check=name, reason=last))
    return Check(name=name, passed=False, says=last[:400])
