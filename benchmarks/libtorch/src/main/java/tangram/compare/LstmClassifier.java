package tangram.compare;

import tangram.nn.Init;
import tangram.nn.LSTM;
import tangram.nn.Layer;
import tangram.nn.Linear;
import tangram.nn.Recurrent;
import tangram.tensor.Tensor;

/** An LSTM and a linear map of its last output: [T, N, in] to logits [N, classes]. */
final class LstmClassifier extends Layer {
  private final LSTM lstm;
  private final Linear fc;

  LstmClassifier(Init init, int in, int size, int layers, int classes) {
    lstm = child("lstm", new LSTM(init, in, size, Recurrent.Options.DEFAULT.layers(layers)));
    fc = child("fc", new Linear(init, size, classes));
  }

  @Override
  public Tensor forward(Tensor x) {
    return fc.forward(lstm.forward(x).output().select(0, x.dim(0) - 1));
  }
}
