"""Writes nn/src/test/resources/tangram/nn/text: three small tokenizers, as the tokenizer.json of GPT-2,
Llama 3 and Llama 2 are built, and expected.json with texts and their tokens.

Merges are trained on a few sentences. Tokens are computed by the plain algorithm, one merge after the
other, and words are cut by a scanner of characters instead of a regular expression. Standard library
only.
"""

import collections
import json
import pathlib
import unicodedata

SENTENCES = (
    "The quick brown fox jumps over the lazy dog. The dog didn't mind; the fox wouldn't stop. "
    "In 2024 there were 1234567 foxes and 89 dogs, they've said. Der Fuchs springt über den Hund. "
    "Быстрая лиса прыгает через собаку. 素早い狐が犬を飛び越える。 Hello hello world, hello there! "
)
TEXTS = [
    "",
    " ",
    "Hello world",
    "Hello, my dog is cute",
    "The fox wouldn't   stop;\n\n  it'll jump over 12345 dogs  ",
    "they've said: I'M here, SHE'D SAY",
    "über naïve café \u00a0\u2003 x",
    "Быстрая лиса — 素早い狐が 🦊🦊 !?",
    "a\tb\r\nc\n\n\n d",
    "<s>Hello</s> world<s>",
    "x <mask> y<mask>",
    "e\u0301 ½ ² ٣٤٥٦ _under_score__",
    "\u0000\u0001\ufffd\U0010ffff",
    " leading and trailing ",
    "hellohellohello" * 3,
]


def byte_characters():
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, following = {}, 256
    for b in range(256):
        if b in visible:
            table[b] = chr(b)
        else:
            table[b] = chr(following)
            following += 1
    return table


BYTES = byte_characters()


def kind(c):
    """L letter, N number, S white space, O other."""
    if c in "\t\n\v\f\r\x85" or unicodedata.category(c) in ("Zs", "Zl", "Zp"):
        return "S"
    first = unicodedata.category(c)[0]
    return first if first in "LN" else "O"


def run(text, i, wanted, most=10**9):
    j = i
    while j < len(text) and j - i < most and kind(text[j]) in wanted:
        j += 1
    return j


def spaces(text, i):
    """\\s+(?!\\S)|\\s+"""
    j = run(text, i, "S")
    return j if j == len(text) or j - i == 1 else j - 1


def gpt2_word(text, i):
    for end in ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d"):
        if text.startswith(end, i):
            return i + len(end)
    start = i + 1 if text[i] == " " else i
    for wanted in "LNO":
        j = run(text, start, wanted)
        if j > start:
            return j
    return spaces(text, i)


def llama3_word(text, i):
    for end in ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d"):
        if text[i : i + len(end)].lower() == end:
            return i + len(end)
    start = i if kind(text[i]) in "LN" or text[i] in "\r\n" else i + 1
    j = run(text, start, "L")
    if j > start:
        return j
    if kind(text[i]) == "N":
        return run(text, i, "N", 3)
    start = i + 1 if text[i] == " " else i
    j = run(text, start, "O")
    if j > start:
        while j < len(text) and text[j] in "\r\n":
            j += 1
        return j
    j = run(text, i, "S")
    breaks = [k for k in range(i, j) if text[k] in "\r\n"]
    if breaks:
        return breaks[-1] + 1
    return spaces(text, i)


def words(text, word):
    found, i = [], 0
    while i < len(text):
        j = word(text, i)
        found.append("".join(BYTES[b] for b in text[i:j].encode()))
        i = j
    return found


def merge(symbols, pair):
    merged, i = [], 0
    while i < len(symbols):
        if tuple(symbols[i : i + 2]) == pair:
            merged.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return merged


def train(all_words, count):
    corpus = [list(w) for w in all_words]
    merges = []
    for _ in range(count):
        pairs = collections.Counter(p for w in corpus for p in zip(w, w[1:]))
        pair = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(pair)
        corpus = [merge(w, pair) for w in corpus]
    return merges


def bpe(symbols, merges):
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    while len(symbols) > 1:
        best = min(zip(symbols, symbols[1:]), key=lambda p: ranks.get(p, len(ranks)))
        if best not in ranks:
            break
        symbols = merge(symbols, best)
    return symbols


def pieces(text, tokens):
    """Cuts at added tokens; the mask takes up spaces before it."""
    found, rest = [], text
    while rest:
        at = min((rest.find(t) for t in tokens if t in rest), default=-1)
        if at < 0:
            return [*found, (rest, False)]
        token = max((t for t in tokens if rest.startswith(t, at)), key=len)
        before = rest[:at].rstrip() if token == "<mask>" else rest[:at]
        if before:
            found.append((before, False))
        found.append((token, True))
        rest = rest[at + len(token) :]
    return found


def added(vocabulary, contents):
    return [
        {
            "id": vocabulary.setdefault(c, len(vocabulary)),
            "content": c,
            "single_word": False,
            "lstrip": c == "<mask>",
            "rstrip": False,
            "normalized": False,
            "special": c != "<mask>",
        }
        for c in contents
    ]


def model(vocabulary, merges, **more):
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": False,
        "vocab": dict(vocabulary),
        "merges": merges,
    } | more


def byte_level(add_prefix_space, use_regex=True):
    return {
        "type": "ByteLevel",
        "add_prefix_space": add_prefix_space,
        "trim_offsets": True,
        "use_regex": use_regex,
    }


def template(token, id):
    return {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": token, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {token: {"id": token, "ids": [id], "tokens": [token]}},
    }


def file(name, added_tokens, normalizer, pre_tokenizer, post_processor, decoder, model):
    content = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added_tokens,
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": post_processor,
        "decoder": decoder,
        "model": model,
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False) + "\n")


def expected(name, vocabulary, added_tokens, begin, encode):
    tokens = [t["content"] for t in added_tokens]
    for text in TEXTS:
        ids = []
        for part, is_token in pieces(text, tokens):
            found = [part] if is_token else encode(part)
            ids += [vocabulary[t] for t in found]
        EXPECTED.append({"tokenizer": name, "text": text, "ids": begin + ids})


def bytes_tokenizer(name, word, prefix, contents, begins, merges_as_pairs, pre_tokenizer):
    merges = train(words(SENTENCES, word), 160)
    vocabulary = {}
    for token in sorted(BYTES.values()) + [a + b for a, b in merges]:
        vocabulary.setdefault(token, len(vocabulary))
    if name == "llama3":
        # Only ignore_merges finds it: no merges lead there.
        vocabulary["Ġlazy"] = len(vocabulary)
    inner = dict(vocabulary)
    tokens = added(vocabulary, contents)
    post = template(contents[0], vocabulary[contents[0]]) if begins else byte_level(True)
    written = [list(m) if merges_as_pairs else " ".join(m) for m in merges]
    more = {"ignore_merges": True} if name == "llama3" else {}
    file(name, tokens, None, pre_tokenizer, post, byte_level(True), model(inner, written, **more))

    def encode(text):
        text = " " + text if prefix and not text.startswith(" ") else text
        found = []
        for w in words(text, word):
            found += [w] if more and w in vocabulary else bpe(list(w), merges)
        return found

    begin = [vocabulary[contents[0]]] if begins else []
    expected(name, vocabulary, tokens, begin, encode)


def llama2():
    line = "\u2581"
    text = line + SENTENCES.replace(" ", line)
    merges = train([line + w for w in text.split(line) if w], 160)
    vocabulary = {t: i for i, t in enumerate(["<unk>", "<s>", "</s>"])}
    for b in range(256):
        vocabulary[f"<0x{b:02X}>"] = len(vocabulary)
    for token in sorted(set(text)) + [a + b for a, b in merges]:
        vocabulary.setdefault(token, len(vocabulary))
    inner = dict(vocabulary)
    tokens = added(vocabulary, ["<unk>", "<s>", "</s>", "<mask>"])
    normalizer = {
        "type": "Sequence",
        "normalizers": [
            {"type": "Prepend", "prepend": line},
            {"type": "Replace", "pattern": {"String": " "}, "content": line},
        ],
    }
    decoder = {
        "type": "Sequence",
        "decoders": [
            {"type": "Replace", "pattern": {"String": line}, "content": " "},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        ],
    }
    more = {"unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True}
    written = [" ".join(m) for m in merges]
    file("llama2", tokens, normalizer, None, template("<s>", 1), decoder, model(inner, written, **more))

    def encode(text):
        symbols = []
        for c in line + text.replace(" ", line):
            symbols += [c] if c in vocabulary else [f"<0x{b:02X}>" for b in c.encode()]
        return bpe(symbols, merges)

    expected("llama2", vocabulary, tokens, [1], encode)


LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
FOLDER = (
    pathlib.Path(__file__).resolve().parents[2] / "nn/src/test/resources/tangram/nn/text"
)
EXPECTED = []

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    bytes_tokenizer("gpt2", gpt2_word, False, ["</s>", "<mask>"], False, False, byte_level(False))
    bytes_tokenizer(
        "gpt2-prefix", gpt2_word, True, ["</s>", "<s>", "<mask>"], True, False, byte_level(True)
    )
    split = {"type": "Split", "pattern": {"Regex": LLAMA3}, "behavior": "Isolated", "invert": False}
    sequence = {"type": "Sequence", "pretokenizers": [split, byte_level(False, False)]}
    bytes_tokenizer("llama3", llama3_word, False, ["<s>", "</s>", "<mask>"], True, True, sequence)
    llama2()
    lines = ",\n".join(json.dumps(e) for e in EXPECTED)
    (FOLDER / "expected.json").write_text(f"[\n{lines}\n]\n")
