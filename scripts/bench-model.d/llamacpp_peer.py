"""Measures llama.cpp on a GGUF file: tokens per CPU second of a prompt, of one answer, and of several side by side. One thread.

    llamacpp_peer.py FILE.gguf [--quantize TYPE] [--prompt 250 --answer 32 --batch 8 --repeats 3]

--quantize makes FILE-TYPE.gguf with llama.cpp's own quantisation, where it is not there, and measures that one. The best of the repeats counts: others share the processor.
"""
import argparse
import ctypes
import json
import os
import time

import llama_cpp as llama

TYPES = {"f16": 1, "q8_0": 7, "q4_0": 2, "bf16": 32}


def quantized(path, kind):
    target = path.removesuffix(".gguf").removesuffix("-f32") + f"-{kind}.gguf"
    if not os.path.exists(target):
        parameters = llama.llama_model_quantize_default_params()
        parameters.ftype, parameters.nthread = TYPES[kind], 1
        if llama.llama_model_quantize(path.encode(), (target + ".part").encode(), parameters) != 0:
            raise SystemExit(f"llama.cpp cannot quantise {path} to {kind}")
        os.rename(target + ".part", target)
    return target


class Session:
    def __init__(self, path, sequences, length):
        self.model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
        if not self.model:
            raise SystemExit(f"llama.cpp cannot load {path}")
        parameters = llama.llama_context_default_params()
        parameters.n_ctx, parameters.n_seq_max = length * sequences, sequences
        parameters.n_threads = parameters.n_threads_batch = 1
        self.context = llama.llama_init_from_model(self.model, parameters)
        self.memory = llama.llama_get_memory(self.context)
        self.vocabulary = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(self.model))
        self.batch = llama.llama_batch_init(2048, 0, 1)

    def decode(self, rows):
        """rows: (token, position, sequence, whether its scores are wanted)."""
        for index, (token, position, sequence, wanted) in enumerate(rows):
            self.batch.token[index], self.batch.pos[index], self.batch.n_seq_id[index] = token, position, 1
            self.batch.seq_id[index][0], self.batch.logits[index] = sequence, wanted
        self.batch.n_tokens = len(rows)
        if llama.llama_decode(self.context, self.batch) != 0:
            raise SystemExit("llama.cpp cannot decode")

    def best(self, row):
        scores = llama.llama_get_logits_ith(self.context, row)
        values = ctypes.cast(scores, ctypes.POINTER(ctypes.c_float * self.vocabulary)).contents
        return max(range(0, self.vocabulary, 997), key=values.__getitem__)

    def prompt(self, sequence, length):
        llama.llama_memory_seq_rm(self.memory, sequence, -1, -1)
        start = time.process_time()
        self.decode([((index * 7919 + sequence) % self.vocabulary, index, sequence, index == length - 1) for index in range(length)])
        return time.process_time() - start

    def answer(self, sequences, position, length):
        tokens = [3] * len(sequences)
        start = time.process_time()
        for step in range(length):
            self.decode([(token, position + step, sequence, True) for token, sequence in zip(tokens, sequences)])
            tokens = [self.best(row) for row in range(len(sequences))]
        return time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--quantize", choices=TYPES)
    for name, value in (("prompt", 250), ("answer", 32), ("batch", 8), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    silence = llama.llama_log_callback(lambda level, text, user: None)
    llama.llama_log_set(silence, ctypes.c_void_p(0))
    llama.llama_backend_init()
    path = quantized(given.file, given.quantize) if given.quantize else given.file
    session = Session(path, given.batch, given.prompt + given.answer * (given.repeats + 1) + 8)
    session.prompt(0, given.prompt)
    prefill = min(session.prompt(sequence % given.batch, given.prompt) for sequence in range(max(given.batch, given.repeats)))
    alone = min(session.answer([0], given.prompt, given.answer) for _ in range(given.repeats) if forget(session, given, [0]))
    everyone = list(range(given.batch))
    together = min(session.answer(everyone, given.prompt, given.answer) for _ in range(given.repeats) if forget(session, given, everyone))
    print(json.dumps({"prefill": given.prompt / prefill, "decode": given.answer / alone, "batch": given.answer * given.batch / together,
                      "bytes": os.path.getsize(path), "version": llama.__version__}))


def forget(session, given, sequences):
    """Takes answers away again, so that each is measured behind its prompt alone."""
    for sequence in sequences:
        llama.llama_memory_seq_rm(session.memory, sequence, given.prompt, -1)
    return True


if __name__ == "__main__":
    main()
