package tangram.onnx.op;

import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;

/** Tensors of texts are places in a list; operators that only move elements move the places. */
final class Texts {
  private Texts() {}

  /** The same tensors, those of texts with places in one list. */
  static OnnxTensor[] together(OnnxTensor... tensors) {
    int count = 0;
    for (OnnxTensor tensor : tensors) {
      if (tensor.type() != tensors[0].type()) {
        throw new IllegalArgumentException(
            "elements of types %s and %s, where one is needed"
                .formatted(tensors[0].type(), tensor.type()));
      }
      count += tensor.texts() == null ? 0 : tensor.texts().length;
    }
    if (tensors[0].texts() == null) {
      return tensors;
    }
    String[] all = new String[count];
    OnnxTensor[] result = new OnnxTensor[tensors.length];
    int at = 0;
    for (int i = 0; i < result.length; i++) {
      String[] own = tensors[i].texts();
      System.arraycopy(own, 0, all, at, own.length);
      result[i] = new OnnxTensor(tensors[i].type(), tensors[i].tensor().add(at), all);
      at += own.length;
    }
    return result;
  }

  /** Moved elements of a tensor or several {@linkplain #together together}. */
  static OnnxTensor result(Call c, OnnxTensor of, Tensor moved) {
    return of.texts() == null
        ? c.result(of.type(), moved)
        : new OnnxTensor(of.type(), moved, of.texts());
  }

  /** Texts of host arrays. */
  static OnnxTensor of(Call c, String[] texts, int... dims) {
    return OnnxTensor.of(c.host(), texts, dims);
  }
}
