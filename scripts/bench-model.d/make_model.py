"""A random LLaMA of 134 M parameters, as a Hugging Face directory and as the GGUF file of the same weights in single precision.

    make_model.py OUT [--layers 12 --hidden 768 --intermediate 2048 --heads 12 --vocabulary 32000]
"""
import argparse
import os

import gguf
import torch
from transformers import LlamaConfig, LlamaForCausalLM

NAMES = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate",
         "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
OUTSIDE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}


def renamed(name):
    if name in OUTSIDE:
        return OUTSIDE[name]
    layer, part = name.removeprefix("model.layers.").removesuffix(".weight").split(".", 1)
    return f"blk.{layer}.{NAMES[part]}.weight"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    for name, value in (("layers", 12), ("hidden", 768), ("intermediate", 2048), ("heads", 12), ("vocabulary", 32000)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    config = LlamaConfig(vocab_size=given.vocabulary, hidden_size=given.hidden, intermediate_size=given.intermediate, num_hidden_layers=given.layers,
                         num_attention_heads=given.heads, num_key_value_heads=given.heads, max_position_embeddings=2048, rms_norm_eps=1e-5, tie_word_embeddings=False)
    model = LlamaForCausalLM(config)
    model.save_pretrained(os.path.join(given.out, "hf"), safe_serialization=True)
    file = gguf.GGUFWriter(os.path.join(given.out, "f32.gguf"), "llama")
    file.add_block_count(given.layers)
    file.add_context_length(2048)
    file.add_embedding_length(given.hidden)
    file.add_feed_forward_length(given.intermediate)
    file.add_head_count(given.heads)
    file.add_head_count_kv(given.heads)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_dimension_count(given.hidden // given.heads)
    file.add_vocab_size(given.vocabulary)
    file.add_file_type(gguf.LlamaFileType.ALL_F32)
    # Tokens go in and out as numbers: no vocabulary is needed. Queries and keys stay in their order, which changes no speed.
    file.add_tokenizer_model("none")
    for name, tensor in model.state_dict().items():
        file.add_tensor(renamed(name), tensor.detach().contiguous().numpy())
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()
    print(sum(parameter.numel() for parameter in model.parameters()))


if __name__ == "__main__":
    main()
