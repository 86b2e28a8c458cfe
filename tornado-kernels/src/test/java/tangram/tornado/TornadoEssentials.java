package tangram.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.contract.OperationsContract;

/**
 * What a training step is made of, forward and backward, in two dozen cases: for {@code
 * tools/gpu-check}, where a minute must do. {@link TornadoDeviceContractTest} tries everything.
 */
class TornadoEssentials extends OperationsContract {
  private static final Set<String> CASES =
      Set.of(
          "linear",
          "matmul_0d_batch_nt",
          "matmul_1d_batch_tn",
          "matmul_2d_batch_nn",
          "conv2d_1x1_s2",
          "conv2d_3x3_p1",
          "conv2d_3x3_s2_p1_bias",
          "conv2d_7x7_s2_p3_channels",
          "batch_norm",
          "batch_norm_large_mean",
          "batch_norm_residual_relu",
          "batch_norm_inference",
          "layer_norm",
          "normalize_channels",
          "softmax_channels",
          "softmax_last_large",
          "sum_all",
          "mean_all",
          "max_pool2d",
          "resize_bilinear_up",
          "window_attention_plain",
          "window_attention_masked",
          "ScaledDotProductAttentionOp causal",
          "gelu");

  private static final Set<String> TRIED = new HashSet<>();

  @Override
  protected Device device() {
    return Devices.get("tornado");
  }

  @Override
  protected boolean isWanted(String name) {
    boolean wanted = CASES.contains(name);
    if (wanted) {
      TRIED.add(name);
    }
    return wanted;
  }

  @AfterAll
  static void allWereFound() {
    assertEquals(CASES, TRIED);
  }
}
