"""Layers as ONNX models: for every op the graphs that compute it."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .arrays import input_shape, output_shape, tensor_indices
from .enlarge import convolution, enlargement

OPSET = 17


class Graph:
    """The nodes of a model from x to y."""

    def __init__(self, row):
        self.row, self.nodes, self.constants = row, [], []
        self.inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, input_shape(row))]
        self.fed = {}  # inputs other than x, by name

    def node(self, op, *inputs, **attributes):
        """One more node; its output's name. Arrays are constants, None is left out."""
        names = [i if isinstance(i, str) else self.constant(i) for i in inputs]
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, names, [name], **attributes))
        return name

    def constant(self, value):
        if value is None:
            return ""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def feed(self, name, indices):
        """An input that holds indices; its name."""
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.INT64, indices.shape))
        self.fed[name] = indices
        return name

    def reshape(self, x, *shape):
        return self.node("Reshape", x, np.array(shape, np.int64))

    def model(self):
        """The bytes of the model; the last node gives y."""
        self.nodes[-1].output[0] = "y"
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, output_shape(self.row))
        graph = helper.make_graph(self.nodes, self.row["name"], self.inputs, [y], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)  # also infers shapes, which must be those of the row
        return model.SerializeToString()


def conv_transpose(g, row, a, x):
    return g.node("ConvTranspose", x, a.weights, **windows(row), strides=row["stride"], output_padding=row["output_padding"])


def conv(g, row, a, x):
    return g.node("Conv", x, a.weights, **windows(row), strides=row["stride"])


def windows(row):
    return {"kernel_shape": row["kernel"], "dilations": row["dilation"], "pads": row["pad_begin"] + row["pad_end"], "group": row["groups"]}


def nearest(g, row, a, x):
    return resize(g, row, x, mode="nearest", nearest_mode=row["choices"]["rounding"])


def bilinear(g, row, a, x):
    return resize(g, row, x, mode="linear")


def resize(g, row, x, **mode):
    sizes = np.array(output_shape(row), np.int64)
    return g.node("Resize", x, None, None, sizes, coordinate_transformation_mode=row["choices"]["coordinate"], **mode)


def resize_conv(g, row, a, x):
    """Two nodes, as models have it."""
    first = enlargement(row)
    return conv(g, convolution(row), a, ENLARGE[first["op"]](g, first, a, x))


ENLARGE = {"nearest": nearest, "bilinear": bilinear}


def bed_of_nails(g, row, a, x):
    """Every channel by a kernel of one 1."""
    n, one = row["in_channels"], [1] * len(row["input"])
    return g.node("ConvTranspose", x, np.ones([n, 1, *one], np.float32), kernel_shape=one,
                  strides=row["scale"], output_padding=[s - 1 for s in row["scale"]], group=n)


def pixel_shuffle(g, row, a, x):
    return g.node("DepthToSpace", x, blocksize=block(row), mode=row["choices"]["order"].upper())


def block(row):
    """ONNX has one scale for both axes."""
    if len(row["scale"]) != 2 or len(set(row["scale"])) != 1:
        raise NotImplementedError(f'DepthToSpace with scales {row["scale"]}')
    return row["scale"][0]


def pool(g, row, a, x):
    return g.node("MaxPool", x, dilations=row["dilation"], **places(row))


def places(row):
    """The windows of a pooling, or of what undoes it."""
    return {"kernel_shape": row["kernel"], "strides": row["stride"], "pads": row["pad_begin"] + row["pad_end"]}


def unpool(g, row, a, x):
    indices = g.feed("indices", tensor_indices(row, a.indices))
    size = np.array(output_shape(row), np.int64)
    return g.node("MaxUnpool", x, indices, size, **places(row))


def unpool_by_scatter(g, row, a, x):
    """Planes as rows of a matrix of zeros."""
    planes = row["batch"] * row["out_channels"]
    places = g.feed("indices", a.indices.reshape(planes, -1))
    x = g.reshape(x, planes, -1)
    zeros = np.zeros([planes, int(np.prod(row["output"]))], np.float32)
    return g.reshape(g.node("ScatterElements", zeros, places, x, axis=1), *output_shape(row))


# By op, the graphs that compute it.
GRAPHS = {
    "conv_transpose": {"ConvTranspose": conv_transpose},
    "conv": {"Conv": conv},
    "nearest": {"Resize": nearest},
    "bilinear": {"Resize": bilinear},
    "resize_conv": {"Resize, Conv": resize_conv},
    "bed_of_nails": {"ConvTranspose": bed_of_nails},
    "pixel_shuffle": {"DepthToSpace": pixel_shuffle},
    "max_pool": {"MaxPool": pool},
    "max_unpool": {"MaxUnpool": unpool, "ScatterElements": unpool_by_scatter},
}


def build(row, a, draw):
    """The bytes of a model that is drawn with one of GRAPHS, and its inputs by name."""
    g = Graph(row)
    draw(g, row, a, "x")
    return g.model(), {"x": a.src, **g.fed}
