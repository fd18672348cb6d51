"""Writes small model files of many kinds into a folder: torch.save's (without torch), safetensors, a SentencePiece tokenizer.
   usage: model-seeds.py DIR"""
import collections, io, json, os, pickle, struct, sys, types, zipfile

folder = sys.argv[1]


def save(name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


# Stand-ins of torch's own names: what is pickled is their names.
torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
sys.modules["torch"], sys.modules["torch._utils"], torch._utils = torch, utils, utils


def named(module, name):
    made = type(name, (), {"__module__": module.__name__})
    setattr(module, name, made)
    return made


def function(module, name):
    def made(*arguments):
        raise NotImplementedError
    made.__module__, made.__name__, made.__qualname__ = module.__name__, name, name
    setattr(module, name, made)
    return made


storages = {name: named(torch, name) for name in ("FloatStorage", "HalfStorage", "BFloat16Storage", "LongStorage", "DoubleStorage")}
rebuild, parameter = function(utils, "_rebuild_tensor_v2"), function(utils, "_rebuild_parameter")


class Storage:
    def __init__(self, kind, key, count):
        self.place = ("storage", storages[kind], key, "cpu", count)


class Tensor:
    def __init__(self, kind, key, count, offset, shape, strides, is_parameter=False):
        self.arguments = (Storage(kind, key, count), offset, shape, strides, False, collections.OrderedDict())
        self.is_parameter = is_parameter

    def __reduce__(self):
        if self.is_parameter:
            return parameter, (Tensor.plain(self.arguments), True, collections.OrderedDict())
        return rebuild, self.arguments

    @staticmethod
    def plain(arguments):
        made = Tensor.__new__(Tensor)
        made.arguments, made.is_parameter = arguments, False
        return made


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.place if isinstance(value, Storage) else None


def torch_save(name, value, storages, protocol=2, order="little"):
    pickled, file = io.BytesIO(), io.BytesIO()
    Pickler(pickled, protocol).dump(value)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", pickled.getvalue())
        archive.writestr("archive/byteorder", order)
        for key, data in storages.items():
            archive.writestr("archive/data/" + key, data)
        archive.writestr("archive/version", "3\n")
    save(name, file.getvalue())


floats = struct.pack("<12f", *range(12))
state = collections.OrderedDict(weight=Tensor("FloatStorage", "0", 12, 0, (3, 4), (4, 1)), bias=Tensor("HalfStorage", "1", 6, 2, (4,), (1,), True))
for protocol in (2, 3, 4, 5):
    torch_save(f"state-{protocol}.pt", state, {"0": floats, "1": bytes(12)}, protocol)
torch_save("strided.pt", {"t": Tensor("FloatStorage", "0", 12, 1, (2, 3), (1, 4)), "e": Tensor("FloatStorage", "0", 12, 0, (5, 2), (0, 1))}, {"0": floats})
torch_save("nested.pth", {"model": {"layers": [Tensor("BFloat16Storage", "0", 8, 0, (8,), (1,))], "epoch": 3, "loss": 0.5, "name": "x", "none": None, "pair": (1, -2, 1 << 40)}}, {"0": bytes(16)})
torch_save("big.pt", Tensor("DoubleStorage", "0", 2, 0, (2,), (1,)), {"0": bytes(16)}, 2, "big")
noted = collections.OrderedDict(w=Tensor("LongStorage", "0", 1, 0, (), ()))
noted._metadata = collections.OrderedDict({"": {"version": 1}})
torch_save("noted.bin", noted, {"0": bytes(8)})


def safetensors(name, entries, data):
    header = json.dumps(entries).encode()
    save(name, struct.pack("<Q", len(header)) + header + data)


safetensors("plain.safetensors", {"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}, "b": {"dtype": "BF16", "shape": [3], "data_offsets": [16, 22]}}, bytes(22))
safetensors("types.safetensors", {k: {"dtype": k, "shape": [2], "data_offsets": [2 * i, 2 * i + 2]} for i, k in enumerate(["F8_E4M3", "U8", "I8", "BOOL"])}, bytes(8))


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def piece(text, score, kind):
    return field(1, field(1, text.encode()) + b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([kind]))


pieces = piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3)
words = b"".join(piece(text, -index, 1) for index, text in enumerate(["\u2581", "l", "o", "ll", "\u2581H", "e", "lo", "w", "a", "\u2581a", "\u65e5", "12", "\u2581\u2581"]))
save("plain.model", pieces + words + piece("llo", 0, 5) + piece("###", 0, 4) + field(2, b"\x18\x02") + field(3, b"\x18\x01\x20\x00"))
save("bytes.model", pieces + b"".join(piece(f"<0x{value:02X}>", 0, 6) for value in range(256)) + words + field(2, b"\x18\x02\x98\x02\x01") + field(3, b"\x18\x01\x20\x00"))
save("strip.model", pieces + words + field(2, b"\x18\x02") + field(3, b"\x18\x01\x20\x01"))
