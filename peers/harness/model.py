"""A layer as an ONNX model."""

import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def build(row, weights):
    """The bytes of a model with one ConvTranspose from x to y."""
    if row["op"] != "conv_transpose":
        raise NotImplementedError(row["op"])
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [row["batch"], row["in_channels"], *row["input"]])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [row["batch"], row["out_channels"], *row["output"]])
    node = helper.make_node(
        "ConvTranspose", ["x", "w"], ["y"], kernel_shape=row["kernel"], strides=row["stride"],
        dilations=row["dilation"], pads=row["pad_begin"] + row["pad_end"],
        output_padding=row["output_padding"], group=row["groups"])
    graph = helper.make_graph([node], row["name"], [x], [y], [numpy_helper.from_array(weights, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)  # also infers shapes, which must be those of the row
    return model.SerializeToString()
