"""Arrays as NumPy's str writes them: tensor/src/test/resources/tangram/tensor/numpy_text.json."""
import json, pathlib, random
import numpy as np

FILE = pathlib.Path(__file__).parents[2] / "tensor/src/test/resources/tangram/tensor/numpy_text.json"
R = random.Random(3)


def real(shape, type, spread):
    n = int(np.prod(shape))
    v = [R.choice([R.uniform(-1, 1) * 10. ** R.uniform(-spread, spread), R.randint(-9, 9), round(R.uniform(-9, 9), 2)]) for _ in range(n)]
    if n and R.random() < .3:
        v[R.randrange(n)] = R.choice([np.nan, np.inf, -np.inf, -0.])
    return np.array(v, dtype=type).reshape(shape)


cases = []
for k in range(160):
    shape = [R.choice([1, 2, 3, 7]) for _ in range(R.randrange(4))]
    if k % 10 == 0:
        shape = R.choice([[1001], [30, 40], [2, 3, 200], [11, 10, 10], [1000], [0], [3, 0], [40]])
    type = R.choice(["float32", "float64", "int32", "int64", "bool"])
    if type == "bool":
        x = np.array([R.random() < .5 for _ in range(int(np.prod(shape)))]).reshape(shape)
    elif type.startswith("int"):
        x = np.array([R.choice([R.randint(-9, 9), R.randint(-12345, 12345)]) for _ in range(int(np.prod(shape)))], dtype=type).reshape(shape)
    else:
        x = real(shape, type, R.choice([0, 1, 2, 9, 30, 150 if type == "float64" else 30]))
    values = [float(v) if np.isfinite(v) else str(float(v)) for v in x.ravel()]
    cases.append({"type": {"float32": "F32", "float64": "F64", "int32": "I32", "int64": "I64", "bool": "BOOL"}[type],
                  "shape": list(x.shape), "values": values, "text": str(x)})
FILE.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
