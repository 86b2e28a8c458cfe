"""Layers and losses with PyTorch's results and gradients: nn/src/test/resources/tangram/nn/parity/layers.json.gz.

A case has a module with the state dictionary that it begins with, inputs, and what came out: results, gradients of
inputs and parameters, and buffers afterwards. Numbers are drawn from the name of the case, so that another case
changes nothing. `LayerCases` has the same names. Gradients are those of the sum of results times cos(1), cos(2), ...

Run with PyTorch 1.13 in this folder's parent: python3 parity/layers.py
"""
import gzip, json, math, pathlib
import torch
from torch import nn
from calls import Draw, array, run
from programs import numbers

FILE = pathlib.Path(__file__).parents[2] / "nn/src/test/resources/tangram/nn/parity/layers.json.gz"
F = torch.nn.functional
CASES = {}


def case(name, module, inputs, call=None, train=True):
    """module: made by a function; inputs: a function of a Draw; call: of the module and the inputs."""
    assert name not in CASES, name
    CASES[name] = (module, inputs, call or (lambda m, *x: m(*x)), train)


def loss(name, inputs, function):
    case("loss " + name, lambda: nn.Module(), inputs, lambda m, *x: function(*x))


def real(*shape, **more):
    return lambda r: [r.real(*shape, **more)]


class Short(Draw):
    """Numbers of few digits."""
    def real(self, *shape, **more):
        return (super().real(*shape, **more) * 1024).round() / 1024


def short(t):
    return [x if isinstance(x, str) else float("%.12g" % x) for x in numbers(t.double())]


class RMSNorm(nn.Module):
    """torch.nn.RMSNorm came with 2.4."""
    def __init__(self, n, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(n)), eps

    def forward(self, x):
        return x / (x.square().mean(-1, keepdim=True) + self.eps).sqrt() * self.weight


def rotated(x, base, interleaved=False, start=0, features=None):
    """x [..., L, E]."""
    n = features or x.shape[-1]
    angle = torch.outer(torch.arange(start, start + x.shape[-2]).double(), base ** (-torch.arange(0, n, 2).double() / n))
    c, s = angle.cos(), angle.sin()
    a, b = (x[..., 0:n:2], x[..., 1:n:2]) if interleaved else (x[..., :n // 2], x[..., n // 2:n])
    parts = (a * c - b * s, b * c + a * s)
    y = torch.stack(parts, -1).flatten(-2) if interleaved else torch.cat(parts, -1)
    return torch.cat([y, x[..., n:]], -1)


class Llama(nn.Module):
    """Attention as in Llama 2 and 3: shared heads of keys, rotary positions."""
    def __init__(self, features, heads, key_heads, size, base, bias):
        super().__init__()
        self.heads, self.key_heads, self.size, self.base = heads, key_heads, size, base
        self.q_proj = nn.Linear(features, heads * size, bias=bias)
        self.k_proj = nn.Linear(features, key_heads * size, bias=bias)
        self.v_proj = nn.Linear(features, key_heads * size, bias=bias)
        self.o_proj = nn.Linear(heads * size, features, bias=bias)

    def forward(self, x, hidden=None):
        n, l, _ = x.shape
        q, k, v = [p(x).view(n, l, -1, self.size).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj)]
        if self.base:
            q, k = rotated(q, self.base), rotated(k, self.base)
        k, v = [t.repeat_interleave(self.heads // self.key_heads, 1) for t in (k, v)]
        scores = q @ k.transpose(-1, -2) / math.sqrt(self.size)
        mask = torch.ones(l, l).tril() == 0
        if hidden is not None:
            mask = mask | hidden[:, None, None, :]
        y = scores.masked_fill(mask, -math.inf).softmax(-1) @ v
        return self.o_proj(y.transpose(1, 2).reshape(n, l, -1))


def layers():
    case("linear", lambda: nn.Linear(5, 3), real(2, 4, 5))
    case("linear without bias", lambda: nn.Linear(5, 3, bias=False), real(4, 5))
    case("bilinear", lambda: nn.Bilinear(3, 4, 2), lambda r: [r.real(2, 5, 3), r.real(2, 5, 4)])
    case("sequential", lambda: nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Sequential(nn.Linear(6, 5), nn.Tanh()), nn.Linear(5, 2)),
         real(3, 4))
    case("conv1d", lambda: nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), real(2, 4, 9))
    case("conv2d", lambda: nn.Conv2d(3, 4, (3, 2), stride=(2, 1), padding=(1, 0), bias=False), real(2, 3, 6, 5))
    case("conv2d of one image", lambda: nn.Conv2d(2, 3, 3, padding=1), real(2, 4, 5))
    case("conv2d same", lambda: nn.Conv2d(2, 3, (4, 3), padding="same", dilation=(1, 2)), real(1, 2, 6, 5))
    for mode in ("reflect", "replicate", "circular"):
        case("conv2d " + mode, lambda mode=mode: nn.Conv2d(2, 3, 3, padding=(2, 1), padding_mode=mode), real(2, 2, 4, 5))
    case("conv3d", lambda: nn.Conv3d(2, 4, 2, stride=(1, 2, 1), padding=(0, 1, 1)), real(1, 2, 3, 4, 3))
    case("convTranspose1d", lambda: nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), real(2, 4, 5))
    case("convTranspose2d", lambda: nn.ConvTranspose2d(3, 2, 3, stride=2, dilation=2), real(2, 3, 3, 4))
    case("convTranspose3d", lambda: nn.ConvTranspose3d(2, 3, (2, 3, 2), bias=False), real(1, 2, 2, 3, 2))

    def twice(m, x):
        m(x * 2 + 1)
        return m(x)
    case("batchNorm1d of vectors", lambda: nn.BatchNorm1d(3), real(5, 3))
    case("batchNorm1d", lambda: nn.BatchNorm1d(3, momentum=.3, eps=1e-3), real(4, 3, 5))
    case("batchNorm2d cumulative", lambda: nn.BatchNorm2d(3, momentum=None), real(2, 3, 3, 4), twice)
    case("batchNorm2d evaluation", lambda: nn.BatchNorm2d(3), real(2, 3, 3, 4), train=False)
    case("batchNorm2d without statistics", lambda: nn.BatchNorm2d(3, affine=False, track_running_stats=False), real(2, 3, 3, 4), train=False)
    case("batchNorm3d", lambda: nn.BatchNorm3d(2), real(2, 2, 3, 2, 2))
    case("instanceNorm1d", lambda: nn.InstanceNorm1d(3), real(2, 3, 5))
    case("instanceNorm2d tracking", lambda: nn.InstanceNorm2d(3, affine=True, track_running_stats=True), real(2, 3, 3, 4), twice)
    case("instanceNorm2d evaluation", lambda: nn.InstanceNorm2d(3, affine=True, track_running_stats=True), real(2, 3, 3, 4), train=False)
    case("instanceNorm3d", lambda: nn.InstanceNorm3d(2, affine=True), real(1, 2, 3, 2, 2))
    case("groupNorm", lambda: nn.GroupNorm(2, 6), real(2, 6, 3))
    case("groupNorm plain", lambda: nn.GroupNorm(3, 6, affine=False, eps=1e-2), real(2, 6, 3, 2))
    case("layerNorm", lambda: nn.LayerNorm(6), real(2, 3, 6))
    case("layerNorm of two dimensions", lambda: nn.LayerNorm((3, 4), eps=1e-3), real(2, 3, 4))
    case("layerNorm plain", lambda: nn.LayerNorm(4, elementwise_affine=False), real(2, 4))
    case("rmsNorm", lambda: RMSNorm(5, 1e-6), real(2, 3, 5))
    case("embedding", lambda: nn.Embedding(7, 4), lambda r: [r.integer(2, 3, high=6)])
    case("embedding with padding", lambda: nn.Embedding(5, 3, padding_idx=2), lambda r: [r.integer(3, 5, high=4)])
    case("prelu", lambda: nn.PReLU(), real(2, 3, 4))
    case("prelu of channels", lambda: nn.PReLU(3), real(2, 3, 4))
    case("flatten", lambda: nn.Flatten(), real(2, 3, 4))
    case("unflatten", lambda: nn.Unflatten(-2, (2, 3)), real(2, 6, 4))
    case("pixelShuffle", lambda: nn.PixelShuffle(2), real(2, 8, 2, 3))
    case("pixelUnshuffle", lambda: nn.PixelUnshuffle(2), real(2, 2, 4, 6))
    case("upsample", lambda: nn.Upsample(scale_factor=2, mode="bilinear"), real(1, 2, 3, 4))
    case("maxPool2d", lambda: nn.MaxPool2d(3, stride=2, padding=1), lambda r: [r.distinct(2, 2, 5, 6)])


def recurrent():
    def flat(m, *x):
        y, s = m(*x)
        return [y, *s] if isinstance(s, tuple) else [y, s]
    case("rnn", lambda: nn.RNN(3, 4), real(5, 2, 3), flat)
    case("rnn relu", lambda: nn.RNN(3, 4, 2, nonlinearity="relu", bias=False, bidirectional=True), real(4, 2, 3), flat)
    case("lstm", lambda: nn.LSTM(3, 4), real(5, 2, 3), flat)
    case("lstm of two layers", lambda: nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True),
         lambda r: [r.real(2, 5, 3), r.real(4, 2, 4), r.real(4, 2, 4)], lambda m, x, h, c: flat(m, x, (h, c)))
    case("lstm of one sample", lambda: nn.LSTM(2, 3, bias=False), lambda r: [r.real(4, 2), r.real(1, 3), r.real(1, 3)],
         lambda m, x, h, c: flat(m, x, (h, c)))
    case("gru", lambda: nn.GRU(3, 4), real(5, 2, 3), flat)
    case("gru of two layers", lambda: nn.GRU(3, 4, 2, bidirectional=True), lambda r: [r.real(3, 2, 3), r.real(4, 2, 4)], flat)
    case("gru without bias", lambda: nn.GRU(2, 3, bias=False, batch_first=True), real(2, 4, 2), flat)


def attention():
    def masks(r):
        m = r.boolean(3, 4)
        m[:, 0] = False
        p = r.boolean(2, 4)
        p[:, 0] = False
        return [r.real(3, 2, 8), r.real(4, 2, 8), r.real(4, 2, 8), m, p]
    weighted = lambda m, q, k, v, **more: list(m(q, k, v, **more))
    case("attention to itself", lambda: nn.MultiheadAttention(8, 2), real(4, 2, 8), lambda m, x: m(x, x, x)[0])
    case("attention to others", lambda: nn.MultiheadAttention(8, 4, batch_first=True, bias=False),
         lambda r: [r.real(2, 3, 8), r.real(2, 5, 8), r.real(2, 5, 8)], weighted)
    case("attention of other features", lambda: nn.MultiheadAttention(6, 2, kdim=4, vdim=5),
         lambda r: [r.real(3, 2, 6), r.real(4, 2, 4), r.real(4, 2, 5)], weighted)
    case("attention of one sample", lambda: nn.MultiheadAttention(4, 2), lambda r: [r.real(3, 4)], lambda m, x: m(x, x, x)[0])
    case("attention with masks", lambda: nn.MultiheadAttention(8, 2), masks,
         lambda m, q, k, v, a, p: m(q, k, v, attn_mask=a, key_padding_mask=p)[0])
    case("attention with masks and weights", lambda: nn.MultiheadAttention(8, 2), masks,
         lambda m, q, k, v, a, p: list(m(q, k, v, attn_mask=a, key_padding_mask=p)))
    case("attention with a mask of heads", lambda: nn.MultiheadAttention(8, 2),
         lambda r: [r.real(3, 2, 8), r.real(4, 3, 3)], lambda m, x, a: m(x, x, x, attn_mask=a)[0])
    case("attention with an added mask", lambda: nn.MultiheadAttention(8, 2),
         lambda r: [*masks(r)[:3], r.real(3, 4), masks(r)[4]],
         lambda m, q, k, v, a, p: m(q, k, v, attn_mask=a, key_padding_mask=p)[0])
    case("causal attention", lambda: nn.MultiheadAttention(8, 2, batch_first=True), real(2, 4, 8),
         lambda m, x: m(x, x, x, attn_mask=torch.ones(4, 4).triu(1).bool())[0])
    case("llama", lambda: Llama(6, 4, 2, 4, 10000., False), lambda r: [r.real(2, 5, 6)])
    case("llama with padding", lambda: Llama(6, 4, 2, 4, 500., False),
         lambda r: [r.real(2, 4, 6), torch.tensor([[False, False, False, True], [False] * 4])])
    case("gpt2", lambda: Llama(8, 2, 2, 4, None, True), lambda r: [r.real(2, 4, 8)])
    case("rotary", nn.Module, real(2, 3, 5, 8), lambda m, x: rotated(x, 100.))
    case("rotary of neighbours", nn.Module, real(2, 70, 8), lambda m, x: rotated(x, 10000., True, 3, 6))

    def sinusoidal(m, x):
        place, i = torch.arange(x.shape[0]).double()[:, None], torch.arange(0, x.shape[2], 2).double()
        angle = place / 10000 ** (i / x.shape[2])
        return x + torch.stack([angle.sin(), angle.cos()], -1).flatten(1)[:, None, :]
    case("sinusoidal", nn.Module, real(6, 2, 8), sinusoidal)
    more = dict(dim_feedforward=6, dropout=0.)
    case("encoder layer", lambda: nn.TransformerEncoderLayer(8, 2, **more), real(4, 2, 8))
    case("encoder layer, norm first", lambda: nn.TransformerEncoderLayer(8, 2, activation="gelu", norm_first=True, batch_first=True, **more),
         lambda r: [r.real(2, 4, 8), torch.tensor([[False] * 4, [False, False, True, True]])],
         lambda m, x, p: m(x, src_key_padding_mask=p))
    case("encoder", lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, **more), 2, nn.LayerNorm(4)), real(3, 2, 4),
         lambda m, x: m(x, mask=torch.ones(3, 3).triu(1).bool()))
    case("decoder layer", lambda: nn.TransformerDecoderLayer(8, 2, **more), lambda r: [r.real(3, 2, 8), r.real(4, 2, 8)],
         lambda m, x, y: m(x, y, tgt_mask=torch.ones(3, 3).triu(1).bool()))
    case("decoder", lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, norm_first=True, **more), 2),
         lambda r: [r.real(3, 2, 4), r.real(5, 2, 4)])
    case("transformer", lambda: nn.Transformer(4, 2, 1, 2, batch_first=True, **more), lambda r: [r.real(2, 5, 4), r.real(2, 3, 4)],
         lambda m, x, y: m(x, y, tgt_mask=torch.ones(3, 3).triu(1).bool()))


def losses():
    def logits(r):
        return [r.real(3, 4, 2), r.integer(3, 2, high=3)]
    loss("crossEntropy", lambda r: [torch.tensor([[0., 200.]]), torch.tensor([0])], F.cross_entropy)
    weights = torch.tensor([.5, 1, 2, .25])
    loss("crossEntropy with options", logits,
         lambda x, t: F.cross_entropy(x, t, weight=weights.double(), ignore_index=2, label_smoothing=.1, reduction="sum"))
    loss("crossEntropy of probabilities", lambda r: [r.real(3, 4), r.real(3, 4, low=0., high=1.)],
         lambda x, t: F.cross_entropy(x, t, reduction="none"))
    loss("nll", logits, lambda x, t: F.nll_loss(x, t, weight=weights.double()))

    def pair(r):
        x = r.real(3, 4)
        return [x, torch.cat([x[:1], r.real(2, 4)])]
    for name, f in {"mse": F.mse_loss, "l1": F.l1_loss,
                    "smoothL1": lambda x, t, **m: F.smooth_l1_loss(x, t, beta=.7, **m),
                    "huber": lambda x, t, **m: F.huber_loss(x, t, delta=1.3, **m)}.items():
        for reduction in ("none", "mean", "sum"):
            loss(name + " " + reduction, pair, lambda x, t, f=f, reduction=reduction: f(x, t, reduction=reduction))

    def probabilities(r):
        return [r.real(3, 4, low=.01, high=.99), r.real(3, 4, low=0., high=1.)]
    # Of the target nothing is asked.
    loss("bce", probabilities, lambda x, t: F.binary_cross_entropy(x, t.detach()))
    loss("bce with weights", lambda r: [*probabilities(r), r.real(4, low=0., high=2.)],
         lambda x, t, w: F.binary_cross_entropy(x, t.detach(), w.detach(), reduction="sum"))

    def signed(r):
        x = r.real(3, 4, low=-9., high=9.)
        x[0, 0] = 0
        return [x, r.real(3, 4, low=0., high=1.)]
    loss("bceWithLogits", signed, F.binary_cross_entropy_with_logits)
    loss("bceWithLogits with weights", lambda r: [*signed(r), r.real(4, low=0., high=2.), r.real(3, 1, low=0., high=3.)],
         lambda x, t, w, p: F.binary_cross_entropy_with_logits(x, t, w.detach(), pos_weight=p.detach(), reduction="none"))

    def focal(x, t, alpha, gamma):
        p, ce = x.sigmoid(), F.binary_cross_entropy_with_logits(x, t, reduction="none")
        y = ce * (1 - (p * t + (1 - p) * (1 - t))) ** gamma
        return (y * (alpha * t + (1 - alpha) * (1 - t)) if alpha >= 0 else y).mean()
    loss("focal", lambda r: [r.real(3, 4), r.boolean(3, 4).double()], lambda x, t: focal(x, t.detach(), .25, 2))
    loss("focal without alpha", lambda r: [r.real(3, 4), r.real(3, 4, low=0., high=1.)], lambda x, t: focal(x, t.detach(), -1, 1.5))
    loss("dice", lambda r: [r.real(2, 3, 4, low=0., high=1.), r.boolean(2, 3, 4).double()],
         lambda x, t: (1 - (2 * (x * t).sum(2) + 1e-2) / (x.sum(2) + t.sum(2) + 1e-2)).mean())

    def distributions(r):
        t = r.real(3, 4, low=0.01, high=1.)
        return [r.real(3, 4), t / t.sum(1, keepdim=True)]
    loss("klDiv", distributions, F.kl_div)
    loss("klDiv of logarithms", lambda r: [r.real(3, 4), r.real(3, 4)], lambda x, t: F.kl_div(x, t, reduction="sum", log_target=True))
    loss("klDiv at zero", lambda r: [r.real(2, 3), torch.tensor([[0., 1, 0], [.5, .5, 0]])], lambda x, t: F.kl_div(x, t.detach(), reduction="none"))

    def labels(r, *shape):
        return (r.boolean(*shape).double() * 2 - 1)
    loss("softMargin", lambda r: [r.real(3, 4), labels(r, 3, 4)], lambda x, t: F.soft_margin_loss(x, t.detach()))
    loss("hingeEmbedding", lambda r: [r.real(3, 4), labels(r, 3, 4)], lambda x, t: F.hinge_embedding_loss(x, t.detach(), margin=.8))
    loss("marginRanking", lambda r: [r.real(5), r.real(5), labels(r, 5)], lambda a, b, t: F.margin_ranking_loss(a, b, t.detach(), margin=.5))
    loss("cosineEmbedding", lambda r: [r.real(5, 3), r.real(5, 3), labels(r, 5)],
         lambda a, b, t: F.cosine_embedding_loss(a, b, t.detach(), margin=.1, reduction="sum"))
    for p in (2., 1.5):
        loss(f"tripletMargin {p}", lambda r: [r.real(4, 3), r.real(4, 3), r.real(4, 3)],
             lambda a, b, c, p=p: F.triplet_margin_loss(a, b, c, margin=1.2, p=p, swap=p == 1.5))
    loss("gaussianNll", lambda r: [r.real(3, 4), r.real(3, 4), r.real(3, 4, low=0.1, high=2.)],
         lambda x, t, v: F.gaussian_nll_loss(x, t, v, full=True))
    loss("gaussianNll of rows", lambda r: [r.real(3, 4), r.real(3, 4), r.real(3, 1, low=0.1, high=2.)],
         lambda x, t, v: F.gaussian_nll_loss(x, t, v, eps=.5, reduction="sum"))
    loss("poissonNll", lambda r: [r.real(3, 4), r.integer(3, 4).double()], lambda x, t: F.poisson_nll_loss(x, t.detach(), full=True))
    loss("poissonNll of rates", lambda r: [r.real(3, 4, low=.1, high=3.), r.integer(3, 4).double()],
         lambda x, t: F.poisson_nll_loss(x, t.detach(), log_input=False, reduction="none"))


def record(name, made, draw, call, train):
    r = Short(name)
    module = made()
    with torch.no_grad():
        for key, t in module.state_dict().items():
            if t.is_floating_point():
                low = .5 if key.endswith("running_var") else -1.
                t.copy_(r.real(*t.shape, low=low, high=1.5 if low > 0 else 1.))
    module.train(train)
    state = {k: array(v.clone()) for k, v in module.state_dict().items()}
    inputs = draw(r)
    ys, gradients = run(lambda *x: call(module, *x), inputs)
    def result(t):
        return {**array(t), "values": short(t)} if t.is_floating_point() else array(t)
    return {"case": name, "train": train, "state": state, "inputs": [array(t) for t in inputs],
            "outputs": [result(y) for y in ys], "gradients": [g if g is None else short(g) for g in gradients],
            "parameters": {k: short(torch.zeros_like(p) if p.grad is None else p.grad) for k, p in module.named_parameters()},
            "buffers": {k: short(b) for k, b in module.named_buffers()}}


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    for area in (layers, recurrent, attention, losses):
        area()
    lines = [json.dumps(record(name, *c)) for name, c in CASES.items()]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with open(FILE, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as f:
        f.write("\n".join(lines).encode())
    print(len(lines), "cases,", FILE.stat().st_size, "bytes")
