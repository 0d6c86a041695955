"""ncnn, with the allocators of its own benchmark.

Inputs are Mats before the clock starts; outputs are Mats with one element a
place, which is NCHW up to the padding of planes to 16 bytes."""

import os
import struct
import tempfile

import ncnn
import numpy as np

VERSION = ncnn.__version__

# They outlive every network: one that goes before its memory ends the process.
POOLS = ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator()

# Parameter numbers of deconvolution layers, by axis from the innermost one:
# kernel, dilation, stride, padding at the beginning and the end, output padding.
AXES = [
    {"kernel": 1, "dilation": 2, "stride": 3, "pad_begin": 4, "pad_end": 15, "output_padding": 18},
    {"kernel": 11, "dilation": 12, "stride": 13, "pad_begin": 14, "pad_end": 16, "output_padding": 19},
]


def param(row, size):
    """The text of a network of one layer."""
    rank, grouped = len(row["input"]), row["groups"] > 1
    if row["op"] != "conv_transpose" or rank > len(AXES):
        raise NotImplementedError(f'{row["op"]} of rank {rank}')
    kind = ("DeconvolutionDepthWise" if grouped else "Deconvolution") + ("1D" if rank == 1 else "")
    numbers = {0: row["out_channels"], 5: 0, 6: size}
    if grouped:
        numbers[7] = row["groups"]
    for axis in range(rank):
        for field, number in AXES[axis].items():
            numbers[number] = row[field][rank - 1 - axis]
    words = " ".join(f"{k}={v}" for k, v in sorted(numbers.items()))
    return f"7767517\n2 2\nInput x 0 1 x\n{kind} up 1 1 x y {words}\n"


def packed(row, weights):
    """[groups, C_out/groups, C_in/groups, kernel...], behind the tag of float32."""
    g, per_group, each = row["groups"], row["in_channels"] // row["groups"], row["weights"][1]
    w = weights.reshape(g, per_group, each, -1).swapaxes(1, 2)
    return struct.pack("<I", 0) + np.ascontiguousarray(w).tobytes()


def load(row, src, weights, threads):
    for pool in POOLS:
        pool.clear()
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
            f.write(param(row, weights.size))
        with open(binary, "wb") as f:
            f.write(packed(row, weights))
        if net.load_param(text) != 0 or net.load_model(binary) != 0:
            raise RuntimeError("the network does not load")
    return ways(src, net)


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
