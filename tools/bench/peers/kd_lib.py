"""One contestant: KD-Lib's deep mutual learning, as it comes, on the same students. Arguments: JSON of the work, threads."""
import contextlib
import importlib.util
import io
import json
import resource
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F

from torch_nets import build

work, threads = json.loads(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)

# The package's own __init__ imports all of it, and so libraries that mutual learning does not need.
folder = Path(importlib.util.find_spec("KD_Lib").origin).parent
spec = importlib.util.spec_from_file_location("dml", folder / "KD/vision/DML/dml.py")
dml = importlib.util.module_from_spec(spec)
spec.loader.exec_module(dml)


class Repeated:
    """One batch, again and again."""

    def __init__(self, batch, steps):
        x, y = torch.randn(batch, 3, work["size"], work["size"]), torch.arange(batch) % work["classes"]
        self.batches, self.dataset = [(x, y)] * steps, range(batch * steps)

    def __iter__(self):
        return iter(self.batches)


def kl(student, peer):
    return F.kl_div(F.log_softmax(student, 1), F.softmax(peer, 1), reduction="batchmean")


students = [build(work["student"], work["classes"]) for _ in range(work["students"])]
optimizers = [torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9) for net in students]
print(json.dumps({"parameters": {f"s{index + 1}": sum(p.numel() for p in net.parameters()) for index, net in enumerate(students)}}), flush=True)
for line in sys.stdin:
    steps = int(line)
    cohort = dml.DML(students, Repeated(work["batch"], steps), Repeated(1, 1), optimizers, loss_fn=kl)
    start, used = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        cohort.train_students(epochs=1, plot_losses=False, save_model=False)
    ms, cpu = (time.perf_counter() - start) * 1000 / steps, (time.process_time() - used) * 1000 / steps
    print(json.dumps({"ms": ms, "cpuMs": cpu, "peakMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
