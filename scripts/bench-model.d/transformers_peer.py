"""Measures transformers on a Hugging Face directory: tokens per CPU second of a prompt, of one answer, and of several side by side. One thread.

    transformers_peer.py DIR --type f32|bf16 [--prompt 250 --answer 16 --batch 8 --repeats 3]
"""
import argparse
import json
import time

import torch
import transformers
from transformers import LlamaForCausalLM


def timed(body):
    start = time.process_time()
    result = body()
    return time.process_time() - start, result


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--type", choices=("f32", "bf16"), required=True)
    for name, value in (("prompt", 250), ("answer", 16), ("batch", 8), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = LlamaForCausalLM.from_pretrained(given.directory, dtype={"f32": torch.float32, "bf16": torch.bfloat16}[given.type]).eval()

    def prompt(rows):
        tokens = torch.arange(rows * given.prompt).reshape(rows, given.prompt) * 7919 % model.config.vocab_size
        return model(input_ids=tokens, use_cache=True, logits_to_keep=1)

    def answer(rows):
        state = prompt(rows)
        tokens, past = state.logits[:, -1:].argmax(-1), state.past_key_values

        def steps():
            nonlocal tokens, past
            for _ in range(given.answer):
                state = model(input_ids=tokens, past_key_values=past, use_cache=True)
                tokens, past = state.logits[:, -1:].argmax(-1), state.past_key_values
        return timed(steps)[0]

    prompt(1)
    prefill = min(timed(lambda: prompt(1))[0] for _ in range(given.repeats))
    alone = min(answer(1) for _ in range(given.repeats))
    together = min(answer(given.batch) for _ in range(given.repeats))
    print(json.dumps({"prefill": given.prompt / prefill, "decode": given.answer / alone, "batch": given.answer * given.batch / together, "version": transformers.__version__}))


if __name__ == "__main__":
    main()
