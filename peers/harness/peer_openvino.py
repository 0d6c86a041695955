"""OpenVINO, its CPU plugin, in float32, with input and output set before."""

import numpy as np
import openvino as ov
from openvino import properties as p

from . import model

VERSION = ov.__version__.split("-")[0]


def load(row, src, weights, threads):
    core = ov.Core()
    compiled = core.compile_model(core.read_model(model.build(row, weights)), "CPU", {
        p.inference_num_threads: threads,
        p.hint.performance_mode: p.hint.PerformanceMode.LATENCY,
        p.hint.num_requests: 1,
        # Without these it computes in bfloat16 where the processor can.
        p.hint.inference_precision: ov.Type.f32,
        p.hint.execution_mode: p.hint.ExecutionMode.ACCURACY,
        p.hint.enable_cpu_pinning: False,  # the whole process is pinned
    })
    y = np.zeros([row["batch"], row["out_channels"], *row["output"]], np.float32)
    request = compiled.create_infer_request()
    request.set_input_tensor(ov.Tensor(src, shared_memory=True))
    request.set_output_tensor(ov.Tensor(y, shared_memory=True))

    def asynchronous():
        request.start_async()
        request.wait()

    def synchronous():
        request.infer(share_inputs=True, share_outputs=True)

    return {"start_async": (asynchronous, lambda _: y), "infer": (synchronous, lambda _: y)}
