package tangram.compare;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * An operation of libtorch that DJL has no call for, as a TorchScript function of a few lines. The
 * archive that {@code torch.jit.save} would write is made here. Without optimisation libtorch
 * interprets it, one kernel after the other, as eager PyTorch does.
 */
final class TorchScript {
  /** The version of archives that libtorch 2 writes. */
  private static final String VERSION = "10\n";

  /** A pickled object of the class M that is not in training. */
  private static final String OBJECT =
      "\u0080\u0002c__torch__\nM\n)\u0081}(X\u0008\0\0\0training\u0089ub.";

  /** A pickled empty tuple. */
  private static final String CONSTANTS = "\u0080\u0002).";

  private final PtNDManager manager;
  private final PtSymbolBlock block;

  /**
   * Compiles a function.
   *
   * @param parameters with types, such as {@code "x: Tensor, rate: float"}
   * @param body lines of TorchScript's serialised form, where operations are {@code torch.name}
   */
  TorchScript(PtNDManager manager, String parameters, String... body) {
    this.manager = manager;
    String code =
        "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
            + "  def forward(self: __torch__.M, "
            + parameters
            + ") -> Tensor:\n    "
            + String.join("\n    ", body)
            + "\n";
    JniUtils.setGraphExecutorOptimize(false);
    try {
      block = JniUtils.loadModule(manager, new ByteArrayInputStream(archive(code)), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] archive(String code) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(zip, "data.pkl", OBJECT);
      put(zip, "code/__torch__.py", code);
      put(zip, "constants.pkl", CONSTANTS);
      put(zip, "version", VERSION);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, String content) throws IOException {
    zip.putNextEntry(new ZipEntry("m/" + name));
    zip.write(content.getBytes(StandardCharsets.ISO_8859_1));
    zip.closeEntry();
  }

  /** Calls a function of arrays, of which gradients can be taken. */
  PtNDArray call(PtNDArray... x) {
    return (PtNDArray) IValueUtils.forward(block, new NDList(x), true).get(0);
  }

  /** Calls a function of any values, without gradients. */
  PtNDArray run(IValue... x) {
    try (IValue y = IValueUtils.runMethod(block, "forward", x)) {
      return y.toTensor(manager);
    } finally {
      for (IValue value : x) {
        value.close();
      }
    }
  }
}
