"""ncnn, with the allocators of its own benchmark.

Inputs are Mats before the clock starts; outputs are Mats with one element a
place, which is NCHW up to the padding of planes to 16 bytes."""

import os
import struct
import tempfile
from dataclasses import dataclass

import ncnn
import numpy as np

from .enlarge import convolution, enlargement
from .offers import offered

VERSION = ncnn.__version__

# They outlive every network: one that goes before its memory ends the process.
POOLS = ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator()


@dataclass
class Part:
    """A layer of a network: its type, its parameters by number, its weights."""
    kind: str
    numbers: dict
    weights: bytes = b""


# Parameter numbers of layers with windows, by axis from the innermost one: kernel,
# dilation, stride, padding at the beginning and the end, output padding.
AXES = [
    {"kernel": 1, "dilation": 2, "stride": 3, "pad_begin": 4, "pad_end": 15, "output_padding": 18},
    {"kernel": 11, "dilation": 12, "stride": 13, "pad_begin": 14, "pad_end": 16, "output_padding": 19},
]


def windows(row, kind, weights, fields):
    """A convolution or deconvolution of the given fields of AXES."""
    rank, grouped = len(row["input"]), row["groups"] > 1
    if rank > len(AXES):
        raise NotImplementedError(f"{kind} of rank {rank}")
    numbers = {0: row["out_channels"], 5: 0, 6: weights.size}
    if grouped:
        numbers[7] = row["groups"]
    for axis in range(rank):
        for field in fields:
            numbers[AXES[axis][field]] = row[field][rank - 1 - axis]
    tag = struct.pack("<I", 0)  # of float32
    return Part(kind + "DepthWise" * grouped + "1D" * (rank == 1), numbers, tag + np.ascontiguousarray(weights).tobytes())


def transposed(row, weights):
    """ncnn wants [groups, C_out/groups, C_in/groups, kernel...]."""
    g, per_group, each = row["groups"], row["in_channels"] // row["groups"], row["weights"][1]
    w = weights.reshape(g, per_group, each, -1).swapaxes(1, 2)
    return [windows(row, "Deconvolution", w, list(AXES[0]))]


def convolved(row, weights):
    return [windows(row, "Convolution", weights, [f for f in AXES[0] if f != "output_padding"])]


# Types of Interp, by op, coordinate and rounding, and whether it aligns corners.
INTERP = {
    ("nearest", "asymmetric", "floor"): (1, 0),
    ("bilinear", "half_pixel", None): (2, 0),
    ("bilinear", "align_corners", None): (2, 1),
}


def resized(row, weights):
    kind, corners = INTERP[row["op"], row["choices"]["coordinate"], row["choices"].get("rounding")]
    height, width = planar(row)["output"]
    return [Part("Interp", {0: kind, 3: height, 4: width, 6: corners})]


def planar(row):
    if len(row["input"]) != 2:
        raise NotImplementedError(f'rank {len(row["input"])}')
    return row


def resized_convolved(row, weights):
    return resized(enlargement(row), weights) + convolved(convolution(row), weights)


def bed_of_nails(row, weights):
    """Every channel by a kernel of one 1."""
    n, one = row["in_channels"], [1] * len(row["input"])
    ones = np.ones([n, 1, *one], np.float32)
    return transposed({**row, "groups": n, "weights": list(ones.shape), "kernel": one, "stride": row["scale"], "dilation": one,
                       "pad_begin": [0] * len(one), "pad_end": [0] * len(one), "output_padding": [s - 1 for s in row["scale"]]}, ones)


def shuffled(row, weights):
    if len(set(planar(row)["scale"])) != 1:
        raise NotImplementedError(f'PixelShuffle with scales {row["scale"]}')
    return [Part("PixelShuffle", {0: row["scale"][0], 1: ["crd", "dcr"].index(row["choices"]["order"])})]


# Parameter numbers of Pooling, as in AXES.
POOLED = [
    {"kernel": 1, "stride": 2, "pad_begin": 3, "pad_end": 14},
    {"kernel": 11, "stride": 12, "pad_begin": 13, "pad_end": 15},
]


def pooled(row, weights):
    if max(planar(row)["dilation"]) > 1:
        raise NotImplementedError(f'Pooling with dilation {row["dilation"]}')
    numbers = {0: 0, 5: 1}  # maxima; windows lie inside
    for axis, numbered in zip((1, 0), POOLED):
        numbers |= {number: row[field][axis] for field, number in numbered.items()}
    return [Part("Pooling", numbers)]


# By op, the networks that compute it; ncnn has none that stores at indices.
NETWORKS = {
    "conv_transpose": {"Deconvolution": transposed},
    "conv": {"Convolution": convolved},
    "nearest": {"Interp": resized},
    "bilinear": {"Interp": resized},
    "resize_conv": {"Interp, Convolution": resized_convolved},
    "bed_of_nails": {"Deconvolution": bed_of_nails},
    "max_pool": {"Pooling": pooled},
    "pixel_shuffle": {"PixelShuffle": shuffled},
}


def load(row, arrays, threads):
    for pool in POOLS:
        pool.clear()

    def loaded(name, parts):
        net = network(parts(row, arrays.weights), threads)
        return {f"{name}, {how}": way for how, way in ways(arrays.src, net).items()}

    return offered(NETWORKS, row, loaded)


def network(parts, threads):
    net = ncnn.Net()
    options = net.opt
    options.num_threads = threads
    options.use_vulkan_compute = False
    for reduced in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_packed", "bf16_storage"):
        setattr(options, "use_" + reduced, False)
    options.blob_allocator, options.workspace_allocator = POOLS
    with tempfile.TemporaryDirectory() as folder:
        text, binary = os.path.join(folder, "up.param"), os.path.join(folder, "up.bin")
        with open(text, "w") as f:
            f.write(param(parts))
        with open(binary, "wb") as f:
            f.write(b"".join(p.weights for p in parts))
        if net.load_param(text) != 0 or net.load_model(binary) != 0:
            raise RuntimeError("the network does not load")
    return net


def param(parts):
    """The text of a network from x to y."""
    blobs = ["x", *(f"t{i}" for i in range(1, len(parts))), "y"]
    lines = ["7767517", f"{len(parts) + 1} {len(blobs)}", "Input x 0 1 x"]
    for i, p in enumerate(parts):
        words = " ".join(f"{k}={v}" for k, v in sorted(p.numbers.items()))
        lines.append(f"{p.kind} layer{i} 1 1 {blobs[i]} {blobs[i + 1]} {words}")
    return "\n".join(lines) + "\n"


def ways(src, net):
    """One call for all images of a batch, or one for each."""
    def forward(mat):
        extractor = net.create_extractor()
        extractor.input("x", mat)
        status, out = extractor.extract("y")
        if status != 0:
            raise RuntimeError(f"extract returned {status}")
        return out

    images = [ncnn.Mat(s) for s in src]

    def each():
        return [forward(m) for m in images]

    def stacked(outs):
        return np.stack([np.array(o) for o in outs])

    if len(images) == 1:
        return {"one image": (each, stacked)}
    batch = ncnn.Mat(src, batch_index=0)
    return {
        "image by image": (each, stacked),
        "batch": (lambda: forward(batch), lambda out: stacked([out.batch(i) for i in range(len(images))])),
    }
