"""One contestant: the same joint step in PyTorch. Arguments: JSON of the work, variant (eager, channels_last, compile), cpu or cuda, threads."""
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from torch_nets import build

work, variant, device, threads = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
torch.set_num_threads(threads)
torch.manual_seed(1)
# As TensorFlow does by itself.
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
torch.backends.cudnn.benchmark = True


def kd(student, teacher, temperature):
    target = F.log_softmax(teacher.detach() / temperature, 1)
    return F.kl_div(F.log_softmax(student / temperature, 1), target, reduction="batchmean", log_target=True) * temperature**2


teachers = [] if work["teacher"] is None else [work["teacher"]]
names = [*("teacher" for _ in teachers), *(f"s{index + 1}" for index in range(work["students"]))]
nets = [build(each, work["classes"]) for each in [*teachers, *[work["student"]] * work["students"]]]
memory_format = torch.contiguous_format if variant == "eager" else torch.channels_last
nets = [net.to(device, memory_format=memory_format).train() for net in nets]
optimizer = torch.optim.SGD([p for net in nets for p in net.parameters()], lr=0.01, momentum=0.9)
x = torch.randn(work["batch"], 3, work["size"], work["size"]).to(device, memory_format=memory_format)
y = (torch.arange(work["batch"]) % work["classes"]).to(device)

flops = 0


def count(module, inputs, output):
    global flops
    positions = output.numel() // output.shape[1]
    flops += 2 * positions * module.weight.numel()


hooks = [m.register_forward_hook(count) for net in nets for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
with torch.no_grad():
    for net in nets:
        net(x)
for hook in hooks:
    hook.remove()


def objective():
    logits = [net(x) for net in nets]
    loss = sum(F.cross_entropy(each, y) for each in logits)
    students = logits[len(teachers) :]
    for index, student in enumerate(students):
        for teacher in logits[: len(teachers)]:
            loss = loss + kd(student, teacher, 4.0)
        others = [other for at, other in enumerate(students) if at != index]
        for other in others:
            loss = loss + kd(student, other, 1.0) / len(others)
    return loss


forward = torch.compile(objective) if variant == "compile" else objective


def step():
    optimizer.zero_grad(set_to_none=True)
    forward().backward()
    optimizer.step()


# A backward pass costs about twice its forward pass.
print(json.dumps({"parameters": {n: sum(p.numel() for p in net.parameters()) for n, net in zip(names, nets)}, "flops": 3 * flops}), flush=True)
for line in sys.stdin:
    steps = int(line)
    start, used = time.perf_counter(), time.process_time()
    for _ in range(steps):
        step()
    if device == "cuda":
        torch.cuda.synchronize()
    ms, cpu = (time.perf_counter() - start) * 1000 / steps, (time.process_time() - used) * 1000 / steps
    print(json.dumps({"ms": ms, "cpuMs": cpu, "peakMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
