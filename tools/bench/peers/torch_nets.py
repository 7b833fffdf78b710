"""The networks of @codistill/models in PyTorch: the same layers and numbers of parameters."""
from torch import nn
from torch.nn import functional as F


def unit(ins, outs, kernel=3, stride=1, groups=1, act=None):
    layers = [nn.Conv2d(ins, outs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outs)]
    return nn.Sequential(*layers, *([act] if act else []))


class Residual(nn.Module):
    def __init__(self, ins, outs, stride):
        super().__init__()
        self.a, self.b = unit(ins, outs, stride=stride, act=nn.ReLU()), unit(outs, outs)
        self.shortcut = unit(ins, outs, 1, stride) if stride != 1 or ins != outs else nn.Identity()

    def forward(self, x):
        return F.relu(self.b(self.a(x)) + self.shortcut(x))


class Inverted(nn.Module):
    def __init__(self, ins, outs, expansion, stride):
        super().__init__()
        wide = ins * expansion
        self.body = nn.Sequential(
            *([] if expansion == 1 else [unit(ins, wide, 1, act=nn.ReLU6())]),
            unit(wide, wide, 3, stride, wide, nn.ReLU6()),
            unit(wide, outs, 1),
        )
        self.same = stride == 1 and ins == outs

    def forward(self, x):
        return x + self.body(x) if self.same else self.body(x)


def resnet(depth, width, classes):
    layers, ins = [unit(3, width, act=nn.ReLU())], width
    for block in range(3):
        for index in range((depth - 2) // 6):
            outs = width * 2**block
            layers.append(Residual(ins, outs, 2 if index == 0 and block > 0 else 1))
            ins = outs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(ins, classes))


def rounded(channels):
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def mobilenet(width, classes):
    stages = [(1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    ins = rounded(32 * width)
    layers = [unit(3, ins, act=nn.ReLU6())]
    for expansion, channels, units, stride in stages:
        for index in range(units):
            outs = rounded(channels * width)
            layers.append(Inverted(ins, outs, expansion, stride if index == 0 else 1))
            ins = outs
    return nn.Sequential(*layers, unit(ins, 1280, 1, act=nn.ReLU6()), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, classes))


def build(spec, classes):
    if spec["net"] == "resnet":
        return resnet(spec["depth"], spec["width"], classes)
    return mobilenet(spec["width"], classes)
