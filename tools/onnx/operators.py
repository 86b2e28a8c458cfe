"""Writes onnx/src/main/resources/tangram/onnx/op/operators.txt: the signatures of ONNX's operators.

    python3 tools/onnx/operators.py Changelog.md > onnx/src/main/resources/tangram/onnx/op/operators.txt

Changelog.md is ONNX's list of all versions of all operators, docs/Changelog.md of https://github.com/onnx/onnx.
"""

import re
import sys


def names(section, kind):
    found = re.search(r"#### %s[^\n]*\n(.*?)(?=\n####|\Z)" % kind, section, re.S)
    return re.findall(r"<dt><tt>(\w+)</tt>([^\n]*)</dt>", found[1]) if found else []


def arguments(section, kind):
    found = re.search(r"#### %s(?: \((\d+) - (\d+|&#8734;)\))?" % kind, section)
    result = []
    for index, (name, rest) in enumerate(names(section, kind)):
        mark = ""
        if "variadic" in rest:
            mark = "*"
        elif "optional" in rest or (found[1] and index >= int(found[1])):
            mark = "?"
        result.append(name + mark)
    return result


def longest(versions):
    return max(versions, key=lambda v: (len(v), versions.index(v)))


def main(path):
    text = open(path).read()
    operators = {}
    for section in re.split(r'\n### <a name="', text)[1:]:
        name, version = re.match(r"([\w.]+)-(\d+)", section).groups()
        deprecated = "(deprecated)" in section.split("\n")[0]
        operators.setdefault(name, []).append((int(version), deprecated, section))
    print("# Operators: versions (! ended it) | inputs -> outputs (? optional, * any number) | attributes of all versions.")
    print("# Written by tools/onnx/operators.py.")
    for name, found in sorted(operators.items()):
        found.sort(key=lambda f: f[0])
        # What a later version replaced is old, not gone.
        versions = " ".join("%d%s" % (f[0], "!" if f[1] and f is found[-1] else "") for f in found)
        living = [section for _, gone, section in found if not gone]
        inputs = longest([arguments(s, "Inputs") for s in living])
        fewest = min(sum(1 for a in arguments(s, "Inputs") if a[-1] not in "?*") for s in living)
        inputs = [a if i < fewest or a[-1] in "?*" else a + "?" for i, a in enumerate(inputs)]
        outputs = longest([arguments(s, "Outputs") for s in living])
        attributes = sorted({a for s in living for a, _ in names(s, "Attributes")})
        print("%s | %s | %s -> %s | %s" % (name, versions, " ".join(inputs), " ".join(outputs), " ".join(attributes)))


main(sys.argv[1])
