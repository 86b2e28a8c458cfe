"""Prints the signatures of ONNX's operators: onnx/src/main/resources/tangram/onnx/op/operators.txt.

    pip install onnx==1.23.1
    python3 tools/onnx/operators.py > onnx/src/main/resources/tangram/onnx/op/operators.txt
"""

import onnx.defs

DOMAINS = ("", "ai.onnx.preview", "ai.onnx.preview.training")


def arguments(parameters, fewest):
    kind = onnx.defs.OpSchema.FormalParameterOption
    marks = {kind.Optional: "?", kind.Variadic: "*"}
    result = []
    for index, parameter in enumerate(parameters):
        mark = marks.get(parameter.option, "")
        # Those of one letter have one type.
        same = parameter.is_homogeneous and "(" not in parameter.type_str
        name = parameter.name + (":" + parameter.type_str if same else "")
        result.append(name + (mark or ("?" if index >= fewest else "")))
    return result


def main():
    operators = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.domain in DOMAINS:
            name = (schema.domain + "." if schema.domain else "") + schema.name
            operators.setdefault(name, []).append(schema)
    print("# Operators: versions (! ended it) | inputs -> outputs (? optional, * any number; those of one letter are of one type) | attributes of all versions.")
    print("# Written by tools/onnx/operators.py.")
    for name, schemas in sorted(operators.items()):
        schemas.sort(key=lambda s: s.since_version)
        # What a later version replaced is old, not gone.
        versions = " ".join(
            "%d%s" % (s.since_version, "!" if s.deprecated and s is schemas[-1] else "") for s in schemas)
        living = [s for s in schemas if len(s.outputs) > 0] or schemas
        fewest = min(sum(1 for a in arguments(s.inputs, s.min_input) if a[-1] not in "?*") for s in living)
        inputs = max((arguments(s.inputs, s.min_input) for s in reversed(living)), key=len)
        latest = arguments(living[-1].inputs, 0)
        inputs = [a if a.rstrip("?*") in [l.rstrip("?*") for l in latest] else a.split(":")[0].rstrip("?*") + a[len(a.rstrip("?*")):]
                  for a in inputs]
        inputs = [a if i < fewest or a[-1] in "?*" else a + "?" for i, a in enumerate(inputs)]
        # Types of results are the kernels'.
        outputs = max((arguments(s.outputs, s.min_output) for s in reversed(living)), key=len)
        outputs = [a.split(":")[0].rstrip("?*") + a[len(a.rstrip("?*")):] for a in outputs]
        attributes = sorted({a for s in living for a in s.attributes})
        print("%s | %s | %s -> %s | %s" % (name, versions, " ".join(inputs), " ".join(outputs), " ".join(attributes)))


main()
