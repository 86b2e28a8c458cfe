package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/** Layers with named parameters in libtorch. */
final class TorchLayers {
  private final TorchParameters parameters;
  private final boolean training;

  /** Layers in training. */
  TorchLayers(TorchParameters parameters) {
    this(parameters, true);
  }

  TorchLayers(TorchParameters parameters, boolean training) {
    this.parameters = parameters;
    this.training = training;
  }

  TorchParameters parameters() {
    return parameters;
  }

  /** A convolution that keeps the size but for the stride: its padding is half of the kernel. */
  PtNDArray conv(PtNDArray x, String name, int stride) {
    PtNDArray weight = parameters.get(name + ".weight");
    int padding = (int) weight.getShape().get(2) / 2;
    return TorchOps.conv2d(x, weight, parameters.find(name + ".bias"), stride, padding);
  }

  /** A convolution and batch normalisation. */
  PtNDArray convBn(PtNDArray x, String conv, String norm, int stride) {
    try (PtNDArray y = conv(x, conv, stride)) {
      return TorchOps.batchNorm(
          y,
          parameters.get(norm + ".weight"),
          parameters.get(norm + ".bias"),
          parameters.value(norm + ".running_mean"),
          parameters.value(norm + ".running_var"),
          training);
    }
  }

  /** A convolution, batch normalisation and ReLU. */
  PtNDArray convBnRelu(PtNDArray x, String conv, String norm, int stride) {
    return TorchOps.reluOf(convBn(x, conv, norm, stride));
  }

  PtNDArray linear(PtNDArray x, String name) {
    return JniUtils.linear(x, parameters.get(name + ".weight"), parameters.find(name + ".bias"));
  }

  PtNDArray layerNorm(PtNDArray x, String name) {
    return TorchOps.layerNorm(x, parameters.get(name + ".weight"), parameters.get(name + ".bias"));
  }

  /** Layer normalisation with another number added to variances. */
  PtNDArray layerNorm(PtNDArray x, String name, double eps) {
    PtNDArray weight = parameters.get(name + ".weight");
    return JniUtils.layerNorm(x, weight.getShape(), weight, parameters.get(name + ".bias"), eps);
  }
}
