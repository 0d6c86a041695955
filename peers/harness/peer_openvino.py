"""OpenVINO, its CPU plugin, in float32, with input and output set before."""

import numpy as np
import openvino as ov
from openvino import properties as p

from . import model
from .arrays import output_shape
from .offers import offered

VERSION = ov.__version__.split("-")[0]


def load(row, arrays, threads):
    core = ov.Core()
    settings = {
        p.inference_num_threads: threads,
        p.hint.performance_mode: p.hint.PerformanceMode.LATENCY,
        p.hint.num_requests: 1,
        # Without these it computes in bfloat16 where the processor can.
        p.hint.inference_precision: ov.Type.f32,
        p.hint.execution_mode: p.hint.ExecutionMode.ACCURACY,
        p.hint.enable_cpu_pinning: False,  # the whole process is pinned
    }

    def compiled(name, draw):
        text, inputs = model.build(row, arrays, draw)
        request = core.compile_model(core.read_model(text), "CPU", settings).create_infer_request()
        y = np.zeros(output_shape(row), np.float32)
        for key, value in inputs.items():
            request.set_tensor(key, ov.Tensor(value, shared_memory=True))
        request.set_output_tensor(ov.Tensor(y, shared_memory=True))

        def asynchronous():
            request.start_async()
            request.wait()

        def synchronous():
            request.infer(share_inputs=True, share_outputs=True)

        return {f"{name}, start_async": (asynchronous, lambda _: y), f"{name}, infer": (synchronous, lambda _: y)}

    return offered(model.GRAPHS, row, compiled)
