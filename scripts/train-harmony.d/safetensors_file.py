"""Writes and reads the safetensors format: a length, a header in JSON, the numbers."""
import json
import numpy as np


def write(path, tensors, metadata):
    header, blobs, at = {"__metadata__": {k: str(v) for k, v in metadata.items()}}, [], 0
    for name, values in tensors.items():
        values = np.ascontiguousarray(values)
        blob = values.astype({2: "<f2", 4: "<f4"}[values.dtype.itemsize]).tobytes()
        header[name] = {"dtype": {2: "F16", 4: "F32"}[values.dtype.itemsize], "shape": list(values.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def read(path):
    """name → float32 array."""
    data = open(path, "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    return {name: np.frombuffer(data[start + entry["data_offsets"][0]:start + entry["data_offsets"][1]],
                                {"F16": "<f2", "F32": "<f4"}[entry["dtype"]]).reshape(entry["shape"]).astype(np.float32)
            for name, entry in json.loads(data[8:start]).items() if name != "__metadata__"}
