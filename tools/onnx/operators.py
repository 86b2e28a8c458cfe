"""Prints the signatures of ONNX's operators: onnx/src/main/resources/tangram/onnx/op/operators.txt.

    pip install onnx==1.23.1
    python3 tools/onnx/operators.py > onnx/src/main/resources/tangram/onnx/op/operators.txt

A line is

    operator | versions | inputs -> outputs | attributes

with ! behind the version that ended an operator, ? behind arguments that may be left out and * behind those of
which there may be any number. Inputs have the kinds of elements that some version takes behind a slash: f real
numbers, i and u integers with and without sign, b booleans, s texts, c complex numbers, 4 integers of 4 and 2
bits, 8 real numbers of 8 and 4. Inputs of one letter, behind a colon, have one type. Attributes are those of all
versions.
"""

import re

import onnx.defs

DOMAINS = ("", "ai.onnx.ml", "ai.onnx.preview", "ai.onnx.preview.training")
KINDS = (
    ("f", r"float16|bfloat16|float|double"), ("i", r"int(8|16|32|64)"), ("u", r"uint(8|16|32|64)"), ("b", "bool"),
    ("s", "string"), ("c", r"complex\d+"), ("4", r"u?int[24]"), ("8", r"float[48]e\w+"))
OPTION = onnx.defs.OpSchema.FormalParameterOption


def mark(parameter, index, fewest):
    if parameter.option == OPTION.Variadic:
        return "*"
    return "?" if parameter.option == OPTION.Optional or index >= fewest else ""


def kinds(schemas, index, name):
    """The kinds of elements that some version takes for an input."""
    types = {t for s in schemas for i, p in enumerate(s.inputs) if i == index or p.name == name for t in p.types}
    tensors = [t[len("tensor("):-1] for t in types if t.startswith("tensor(")]
    return "".join(kind for kind, pattern in KINDS if any(re.fullmatch(pattern, t) for t in tensors))


def inputs(schemas):
    longest = max(reversed(schemas), key=lambda s: len(s.inputs))
    fewest = min(sum(mark(p, i, s.min_input) == "" for i, p in enumerate(s.inputs)) for s in schemas)
    latest = {p.name: p for p in schemas[-1].inputs}
    for index, parameter in enumerate(longest.inputs):
        text = parameter.name
        now = latest.get(text)
        if now and now.is_homogeneous and "(" not in now.type_str:
            text += ":" + now.type_str
        yield text + "/" + kinds(schemas, index, parameter.name) + mark(parameter, index, fewest)


def outputs(schemas):
    longest = max(reversed(schemas), key=lambda s: len(s.outputs))
    return (p.name + mark(p, i, longest.min_output) for i, p in enumerate(longest.outputs))


def main():
    operators = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.domain in DOMAINS:
            name = (schema.domain + "." if schema.domain else "") + schema.name
            operators.setdefault(name, []).append(schema)
    print("# See tools/onnx/operators.py, which writes this.")
    for name, schemas in sorted(operators.items()):
        schemas.sort(key=lambda s: s.since_version)
        # What a later version replaced is old, not gone.
        versions = " ".join(
            "%d%s" % (s.since_version, "!" if s.deprecated and s is schemas[-1] else "") for s in schemas)
        living = [s for s in schemas if s.outputs]
        attributes = sorted({a for s in living for a in s.attributes})
        print("%s | %s | %s -> %s | %s" % (
            name, versions, " ".join(inputs(living)), " ".join(outputs(living)), " ".join(attributes)))


main()
