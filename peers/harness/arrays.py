"""What a layer reads: the harness makes the arrays, every contestant reads them."""

import os
import zlib
from dataclasses import dataclass

import numpy as np


@dataclass
class Arrays:
    src: np.ndarray
    weights: np.ndarray | None = None  # of layers that have weights
    indices: np.ndarray | None = None  # of max_unpool: places in a plane, as PyTorch counts them


def count(shape):
    return int(np.prod(shape))


def input_shape(row):
    return [row["batch"], row["in_channels"], *row["input"]]


def output_shape(row):
    return [row["batch"], row["out_channels"], *row["output"]]


def noise(random, shape):
    """Uniform in [-0.5, 0.5)."""
    return random.random(shape, dtype=np.float32) - np.float32(0.5)


def plain(row, random):
    a = Arrays(noise(random, input_shape(row)))
    if row["weights"]:
        a.weights = noise(random, row["weights"])
    return a


def pooled(row, random):
    """The maxima of an array of the output's size, and where they were."""
    if any(row["pad_begin"] + row["pad_end"]) or row["choices"]["indices"] != "plane":
        raise NotImplementedError(f'no indices for {row["layer"]}')
    axes = tuple(range(2, 2 + len(row["input"])))
    windows = np.lib.stride_tricks.sliding_window_view(noise(random, output_shape(row)), row["kernel"], axes)
    windows = windows[(..., *(slice(None, None, s) for s in row["stride"]), *(slice(None) for _ in axes))]
    windows = windows.reshape([*input_shape(row), -1])
    at = windows.argmax(-1)
    corners = np.indices(row["input"]) * np.reshape(row["stride"], [-1] + [1] * len(axes))
    places = tuple(c + o for c, o in zip(corners, np.unravel_index(at, row["kernel"])))
    return Arrays(np.take_along_axis(windows, at[..., None], -1)[..., 0], indices=np.ravel_multi_index(places, row["output"]))


def tensor_indices(row, indices):
    """Indices that count from the start of the whole array, as ONNX does."""
    planes = np.arange(row["batch"] * row["out_channels"]) * count(row["output"])
    return indices + planes.reshape([row["batch"], row["out_channels"], *[1] * len(row["output"])])


# What makes the arrays of an op; plain makes those of all others.
MAKERS = {"max_unpool": pooled}

# The files: name, type, shape by row (None where there is no such array).
FILES = {
    "src": ("f32", "<f4", input_shape),
    "weights": ("f32", "<f4", lambda row: row["weights"] or None),
    "indices": ("i64", "<i8", lambda row: input_shape(row) if row["op"] == "max_unpool" else None),
}


def path(folder, name):
    return os.path.join(folder, f'{name}.{FILES.get(name, FILES["src"])[0]}')


def make(row, folder):
    """Writes the arrays: the same numbers in every run, different ones in every row."""
    random = np.random.Generator(np.random.PCG64(zlib.crc32(row["name"].encode())))
    a = MAKERS.get(row["op"], plain)(row, random)
    for name, (_, kind, shape) in FILES.items():
        if shape(row) is not None:
            getattr(a, name).astype(kind).tofile(path(folder, name))


def read(row, folder):
    """The arrays on memory of numpy's, which asks for huge pages when they are large."""
    found = {}
    for name, (_, kind, shape) in FILES.items():
        if shape(row) is not None:
            found[name] = np.empty(shape(row), kind)
            found[name][...] = np.fromfile(path(folder, name), kind).reshape(shape(row))
    return Arrays(**found)
