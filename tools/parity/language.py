"""Writes nn/src/test/resources/tangram/nn/model/language.json: logits and gradients of small GPT-2s and
Llamas, written here in plain PyTorch after Hugging Face's, with weights filled by their names.

Of the gradient of the mean cross-entropy of each next token there is, for every parameter, its norm and its
product with the numbers of `table`.
"""

import json
import math
import pathlib

import torch
from models import fill, table
from torch import nn
from torch.nn import functional as F

TOKENS = torch.tensor([[3, 1, 4, 1, 5, 9, 2], [6, 5, 3, 5, 8, 9, 7]])


class Conv1D(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inside, outside))
        self.bias = nn.Parameter(torch.zeros(outside))

    def forward(self, x):
        return x @ self.weight + self.bias


def attend(q, k, v):
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    future = torch.ones(scores.shape[-2:]).triu(1) > 0
    return scores.masked_fill(future, -math.inf).softmax(-1) @ v


def heads(x, count):
    return x.unflatten(-1, (count, -1)).transpose(1, 2)


class Gpt2Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads = c["n_head"]
        n = c["n_embd"]
        self.ln_1 = nn.LayerNorm(n, eps=c["layer_norm_epsilon"])
        self.attn = nn.ModuleDict({"c_attn": Conv1D(n, 3 * n), "c_proj": Conv1D(n, n)})
        self.ln_2 = nn.LayerNorm(n, eps=c["layer_norm_epsilon"])
        self.mlp = nn.ModuleDict({"c_fc": Conv1D(n, 4 * n), "c_proj": Conv1D(4 * n, n)})

    def forward(self, x):
        q, k, v = (heads(t, self.heads) for t in self.attn["c_attn"](self.ln_1(x)).chunk(3, -1))
        x = x + self.attn["c_proj"](attend(q, k, v).transpose(1, 2).flatten(2))
        h = self.mlp["c_fc"](self.ln_2(x))
        h = 0.5 * h * (1 + torch.tanh(math.sqrt(2 / math.pi) * (h + 0.044715 * h**3)))
        return x + self.mlp["c_proj"](h)


class Gpt2(nn.Module):
    def __init__(self, c):
        super().__init__()
        parts = {
            "wte": nn.Embedding(c["vocab_size"], c["n_embd"]),
            "wpe": nn.Embedding(c["n_positions"], c["n_embd"]),
            "h": nn.ModuleList(Gpt2Block(c) for _ in range(c["n_layer"])),
            "ln_f": nn.LayerNorm(c["n_embd"], eps=c["layer_norm_epsilon"]),
        }
        self.transformer = nn.ModuleDict(parts)

    def forward(self, ids):
        t = self.transformer
        x = t["wte"](ids) + t["wpe"].weight[: ids.shape[1]]
        for block in t["h"]:
            x = block(x)
        return t["ln_f"](x) @ t["wte"].weight.T


class RmsNorm(nn.Module):
    def __init__(self, n, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(n)), eps

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps)


def frequencies(c):
    size = c["head_dim"]
    inv = 1 / c["rope_theta"] ** (torch.arange(0, size, 2).double() / size)
    s = c["rope_scaling"]
    if s is None:
        return inv
    length, low, high = s["original_max_position_embeddings"], s["low_freq_factor"], s["high_freq_factor"]
    wave = 2 * math.pi / inv
    scaled = torch.where(wave > length / low, inv / s["factor"], inv)
    smooth = (length / wave - low) / (high - low)
    between = (1 - smooth) * scaled / s["factor"] + smooth * scaled
    medium = ~(wave < length / high) * ~(wave > length / low)
    return torch.where(medium, between, scaled)


def rotated(x, inv):
    angles = torch.outer(torch.arange(x.shape[-2]).double(), inv)
    angles = torch.cat([angles, angles], -1)
    a, b = x.chunk(2, -1)
    return x * angles.cos() + torch.cat([-b, a], -1) * angles.sin()


class LlamaBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        n, size, inner = c["hidden_size"], c["head_dim"], c["intermediate_size"]
        q, kv = c["num_attention_heads"] * size, c["num_key_value_heads"] * size
        qwen = c["model_type"] == "qwen2"
        attention = {
            "q_proj": nn.Linear(n, q, bias=qwen),
            "k_proj": nn.Linear(n, kv, bias=qwen),
            "v_proj": nn.Linear(n, kv, bias=qwen),
            "o_proj": nn.Linear(q, n, bias=False),
        }
        mlp = {
            "gate_proj": nn.Linear(n, inner, bias=False),
            "up_proj": nn.Linear(n, inner, bias=False),
            "down_proj": nn.Linear(inner, n, bias=False),
        }
        self.self_attn = nn.ModuleDict(attention)
        self.mlp = nn.ModuleDict(mlp)
        self.input_layernorm = RmsNorm(n, c["rms_norm_eps"])
        self.post_attention_layernorm = RmsNorm(n, c["rms_norm_eps"])

    def forward(self, x):
        a, m, c = self.self_attn, self.mlp, self.c
        h = self.input_layernorm(x)
        q = rotated(heads(a["q_proj"](h), c["num_attention_heads"]), frequencies(c))
        k = rotated(heads(a["k_proj"](h), c["num_key_value_heads"]), frequencies(c))
        v = heads(a["v_proj"](h), c["num_key_value_heads"])
        times = c["num_attention_heads"] // c["num_key_value_heads"]
        y = attend(q, k.repeat_interleave(times, 1), v.repeat_interleave(times, 1))
        x = x + a["o_proj"](y.transpose(1, 2).flatten(2))
        h = self.post_attention_layernorm(x)
        return x + m["down_proj"](F.silu(m["gate_proj"](h)) * m["up_proj"](h))


class Llama(nn.Module):
    def __init__(self, c):
        super().__init__()
        n = c["hidden_size"]
        parts = {
            "embed_tokens": nn.Embedding(c["vocab_size"], n),
            "layers": nn.ModuleList(LlamaBlock(c) for _ in range(c["num_hidden_layers"])),
            "norm": RmsNorm(n, c["rms_norm_eps"]),
        }
        self.model = nn.ModuleDict(parts)
        if not c["tie_word_embeddings"]:
            self.lm_head = nn.Linear(n, c["vocab_size"], bias=False)

    def forward(self, ids):
        x = self.model["embed_tokens"](ids)
        for block in self.model["layers"]:
            x = block(x)
        x = self.model["norm"](x)
        tied = self.model["embed_tokens"].weight
        return self.lm_head(x) if hasattr(self, "lm_head") else x @ tied.T


GPT2 = {
    "model_type": "gpt2",
    "vocab_size": 13,
    "n_positions": 16,
    "n_embd": 12,
    "n_layer": 2,
    "n_head": 3,
    "n_inner": None,
    "layer_norm_epsilon": 1e-5,
    "activation_function": "gelu_new",
    "resid_pdrop": 0.0,
    "attn_pdrop": 0.0,
    "embd_pdrop": 0.0,
}
LLAMA3 = {
    "model_type": "llama",
    "vocab_size": 13,
    "max_position_embeddings": 16,
    "hidden_size": 12,
    "intermediate_size": 20,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-5,
    "rope_theta": 500.0,
    # Of the four frequencies two are as before, one is in between, one is divided.
    "rope_scaling": {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 200,
    },
    "tie_word_embeddings": False,
}
QWEN2 = LLAMA3 | {
    "model_type": "qwen2",
    "rope_scaling": None,
    "num_key_value_heads": 4,
    "tie_word_embeddings": True,
}


def case(name, make, config):
    model = make(config).double()
    with torch.no_grad():
        fill(model)
    logits = model(TOKENS)
    F.cross_entropy(logits[:, :-1].flatten(0, 1), TOKENS[:, 1:].flatten()).backward()
    gradients = {
        n: [p.grad.norm().item(), (p.grad.flatten() @ torch.from_numpy(table(p.numel(), 7, 3))).item()]
        for n, p in model.named_parameters()
    }
    return {
        "name": name,
        "config": json.dumps(config),
        "tokens": TOKENS.flatten().tolist(),
        "logits": [float("%.9g" % v) for v in logits.flatten().tolist()],
        "gradients": {n: [float("%.9g" % v) for v in g] for n, g in gradients.items()},
    }


if __name__ == "__main__":
    waves = 200 * frequencies(LLAMA3 | {"rope_scaling": None}) / (2 * math.pi)
    assert (waves > 4).sum() == 2 and (waves < 1).sum() == 1, waves
    cases = [case("gpt2", Gpt2, GPT2), case("llama3", Llama, LLAMA3), case("qwen2", Llama, QWEN2)]
    root = pathlib.Path(__file__).resolve().parents[2]
    path = root / "nn/src/test/resources/tangram/nn/model/language.json"
    path.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
