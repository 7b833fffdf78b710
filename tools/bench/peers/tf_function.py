"""One contestant: the same joint step of ResNets in Python's TensorFlow, as one tf.function. Arguments: JSON of the work, threads."""
import json
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
import tensorflow as tf  # noqa: E402

work, threads = json.loads(sys.argv[1]), int(sys.argv[2])
tf.config.threading.set_intra_op_parallelism_threads(threads)


class Resnet:
    def __init__(self, depth, width):
        self.trained, self.units, ins = [], [], width
        self.stem = self.unit(3, width, 3)
        for block in range(3):
            for index in range((depth - 2) // 6):
                outs, stride = width * 2**block, 2 if index == 0 and block > 0 else 1
                shortcut = self.unit(ins, outs, 1) if stride != 1 or ins != outs else None
                self.units.append((stride, self.unit(ins, outs, 3), self.unit(outs, outs, 3), shortcut))
                ins = outs
        self.kernel, self.bias = self.make(tf.random.normal([ins, work["classes"]]) * 0.1), self.make(tf.zeros([work["classes"]]))

    def make(self, value):
        self.trained.append(tf.Variable(value))
        return self.trained[-1]

    def unit(self, ins, outs, size):
        kernel = self.make(tf.random.normal([size, size, ins, outs]) * (2 / (size * size * ins)) ** 0.5)
        return kernel, self.make(tf.ones([outs])), self.make(tf.zeros([outs])), tf.Variable(tf.zeros([outs])), tf.Variable(tf.ones([outs]))

    def apply(self, x, unit, stride):
        kernel, gamma, beta, moving_mean, moving_variance = unit
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(tf.nn.conv2d(x, kernel, stride, "SAME"), gamma, beta, epsilon=1e-5)
        moving_mean.assign_sub(0.1 * (moving_mean - mean))
        moving_variance.assign_sub(0.1 * (moving_variance - variance))
        return y

    def __call__(self, x):
        x = tf.nn.relu(self.apply(x, self.stem, 1))
        for stride, a, b, shortcut in self.units:
            y = self.apply(tf.nn.relu(self.apply(x, a, stride)), b, 1)
            x = tf.nn.relu(y + (x if shortcut is None else self.apply(x, shortcut, stride)))
        return tf.reduce_mean(x, [1, 2]) @ self.kernel + self.bias


teachers = [] if work["teacher"] is None else [work["teacher"]]
specs = [*teachers, *[work["student"]] * work["students"]]
nets = [Resnet(spec["depth"], spec["width"]) for spec in specs]
variables = [variable for net in nets for variable in net.trained]
slots = [tf.Variable(tf.zeros_like(variable)) for variable in variables]
x = tf.random.normal([work["batch"], work["size"], work["size"], 3])
y = tf.range(work["batch"]) % work["classes"]


def kd(student, teacher, temperature):
    target = tf.nn.log_softmax(tf.stop_gradient(teacher) / temperature)
    kl = tf.reduce_sum(tf.exp(target) * (target - tf.nn.log_softmax(student / temperature)), -1)
    return temperature**2 * tf.reduce_mean(kl)


@tf.function
def step():
    with tf.GradientTape() as tape:
        logits = [net(x) for net in nets]
        loss = tf.add_n([tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, each)) for each in logits])
        students = logits[len(teachers) :]
        for index, student in enumerate(students):
            for teacher in logits[: len(teachers)]:
                loss += kd(student, teacher, 4.0)
            others = [other for at, other in enumerate(students) if at != index]
            for other in others:
                loss += kd(student, other, 1.0) / len(others)
    for variable, slot, gradient in zip(variables, slots, tape.gradient(loss, variables)):
        tf.raw_ops.ResourceApplyMomentum(var=variable.handle, accum=slot.handle, lr=0.01, grad=gradient, momentum=0.9)


names = [*("teacher" for _ in teachers), *(f"s{index + 1}" for index in range(work["students"]))]
print(json.dumps({"parameters": {n: sum(int(tf.size(v)) for v in net.trained) for n, net in zip(names, nets)}}), flush=True)
for line in sys.stdin:
    steps = int(line)
    start, used = time.perf_counter(), time.process_time()
    for _ in range(steps):
        step()
    ms, cpu = (time.perf_counter() - start) * 1000 / steps, (time.process_time() - used) * 1000 / steps
    print(json.dumps({"ms": ms, "cpuMs": cpu, "peakMB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
