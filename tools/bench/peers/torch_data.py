"""One contestant: torchvision's transforms behind a DataLoader, on images decoded and resized beforehand. Argument: JSON."""
import json
import resource
import sys
import time

import torch
from torch.utils.data import DataLoader, Dataset

# torchvision's own operators, none of which is used here, do not load where its build and torch's are for different devices.
for name in ("nms", "qnms"):
    torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
from torchvision import datasets  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

options = json.loads(sys.argv[1])
torch.set_num_threads(1)
size = options["size"]
folder = datasets.ImageFolder(options["folder"] + "/train", transform=v2.Resize((size, size)))
augment = v2.Compose([
    v2.RandomHorizontalFlip(),
    v2.RandomCrop(size, padding=4),
    v2.ColorJitter(brightness=0.2, contrast=0.2, saturation=0.2),
    v2.ToImage(),
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize([0.5] * 3, [0.25] * 3),
])


class Cached(Dataset):
    def __init__(self, decoded):
        self.examples = [(image.copy(), label) for image, label in decoded]

    def __len__(self):
        return len(self.examples)

    def __getitem__(self, index):
        image, label = self.examples[index]
        return augment(image), label


loader = DataLoader(Cached(folder), batch_size=options["batch"], shuffle=True)


def endless():
    while True:
        yield from loader


batches = endless()
print(json.dumps({"parameters": {"examples": len(folder)}}), flush=True)
for line in sys.stdin:
    steps = int(line)
    start, used = time.perf_counter(), time.process_time()
    for _ in range(steps):
        next(batches)
    ms, cpu = (time.perf_counter() - start) * 1000 / steps, (time.process_time() - used) * 1000 / steps
    print(json.dumps({"ms": ms, "cpuMs": cpu, "peakMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
