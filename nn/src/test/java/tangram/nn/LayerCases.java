package tangram.nn;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import tangram.nn.MultiheadAttention.Options;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.CrossEntropyOp.Reduction;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOptions;

/** The modules and losses of {@code tools/parity/layers.py}, by the names of its cases. */
final class LayerCases {
  /** What is computed from a module and inputs. */
  interface Call<M> {
    Tensor[] apply(M module, Tensor[] x);
  }

  /** How a module is made, and what is computed. */
  static final class LayerCase<M extends Module> {
    private final Function<Init, M> make;
    private final Call<M> call;

    LayerCase(Function<Init, M> make, Call<M> call) {
      this.make = make;
      this.call = call;
    }

    M make(Init init) {
      return make.apply(init);
    }

    @SuppressWarnings("unchecked")
    Tensor[] apply(Module module, Tensor[] x) {
      return call.apply((M) module, x);
    }
  }

  private static final class Nothing extends Module {}

  private final Map<String, LayerCase<?>> cases = new TreeMap<>();

  static Map<String, LayerCase<?>> all() {
    LayerCases all = new LayerCases();
    all.layers();
    all.norms();
    all.recurrent();
    all.attention();
    all.transformers();
    all.losses();
    all.otherLosses();
    return all.cases;
  }

  private <M extends Module> void add(String name, Function<Init, M> make, Call<M> call) {
    cases.put(name, new LayerCase<>(make, call));
  }

  private void layer(String name, Function<Init, Layer> make) {
    add(name, make, (m, x) -> one(m.forward(x[0])));
  }

  private void loss(String name, Function<Tensor[], Tensor> loss) {
    add("loss " + name, init -> new Nothing(), (m, x) -> one(loss.apply(x)));
  }

  private static Tensor[] one(Tensor y) {
    return new Tensor[] {y};
  }

  private static int[] ints(int... values) {
    return values;
  }

  private void layers() {
    ConvOptions o = ConvOptions.DEFAULT;
    layer("linear", i -> new Linear(i, 5, 3));
    layer("linear without bias", i -> new Linear(i, 5, 3, false));
    add("bilinear", i -> new Bilinear(i, 3, 4, 2, true), (m, x) -> one(m.forward(x[0], x[1])));
    layer(
        "sequential",
        i ->
            new Sequential(
                new Linear(i, 4, 6),
                Layer.of(Tensor::relu),
                new Sequential(new Linear(i, 6, 5), Layer.of(Tensor::tanh)),
                new Linear(i, 5, 2)));
    layer("conv1d", i -> new Conv1d(i, 4, 6, 3, o.stride(2).padding(2).dilation(2).groups(2)));
    layer(
        "conv2d",
        i ->
            new Conv2d(
                i, 3, 4, ints(3, 2), o.stride(2, 1).padding(1, 0), false, Padding.Mode.ZEROS));
    layer("conv2d of one image", i -> new Conv2d(i, 2, 3, 3, o.padding(1)));
    layer(
        "conv2d same",
        i ->
            new Conv2d(
                i, 2, 3, ints(4, 3), o.dilation(1, 2).samePadding(4, 3), true, Padding.Mode.ZEROS));
    for (Padding.Mode mode :
        List.of(Padding.Mode.REFLECT, Padding.Mode.REPLICATE, Padding.Mode.CIRCULAR)) {
      layer(
          "conv2d " + mode.name().toLowerCase(Locale.ROOT),
          i -> new Conv2d(i, 2, 3, ints(3), o.padding(2, 1), true, mode));
    }
    layer("conv3d", i -> new Conv3d(i, 2, 4, 2, o.stride(1, 2, 1).padding(0, 1, 1)));
    layer(
        "convTranspose1d",
        i -> new ConvTranspose1d(i, 4, 6, 3, o.stride(2).padding(1).outputPadding(1).groups(2)));
    layer("convTranspose2d", i -> new ConvTranspose2d(i, 3, 2, 3, o.stride(2).dilation(2)));
    layer("convTranspose3d", i -> new ConvTranspose3d(i, 2, 3, ints(2, 3, 2), o, false));
    layer("embedding", i -> new Embedding(i, 7, 4));
    layer("embedding with padding", i -> new Embedding(i, 5, 3, 2));
    layer("prelu", i -> new PReLU(i));
    layer("prelu of channels", i -> new PReLU(i, 3, 0.25));
    layer("flatten", i -> Layers.flatten());
    layer("unflatten", i -> Layers.unflatten(-2, 2, 3));
    layer("pixelShuffle", i -> Layers.pixelShuffle(2));
    layer("pixelUnshuffle", i -> Layers.pixelUnshuffle(2));
    layer("upsample", i -> Layers.upsample(ResizeOptions.LINEAR, 2.0, 2.0));
    layer("maxPool2d", i -> Layers.maxPool2d(PoolOptions.of(3).stride(2).padding(1)));
  }

  private static Tensor[] twice(Layer layer, Tensor[] x) {
    layer.forward(x[0].mul(2).add(1));
    return one(layer.forward(x[0]));
  }

  private void norms() {
    NormOptions batch = NormOptions.BATCH;
    NormOptions affine = NormOptions.INSTANCE.affine(true);
    layer("batchNorm1d of vectors", i -> new BatchNorm1d(i, 3));
    layer("batchNorm1d", i -> new BatchNorm1d(i, 3, batch.momentum(0.3).eps(1e-3)));
    add(
        "batchNorm2d cumulative",
        i -> new BatchNorm2d(i, 3, batch.momentum(null)),
        LayerCases::twice);
    layer("batchNorm2d evaluation", i -> new BatchNorm2d(i, 3));
    layer(
        "batchNorm2d without statistics",
        i -> new BatchNorm2d(i, 3, batch.affine(false).trackRunningStats(false)));
    layer("batchNorm3d", i -> new BatchNorm3d(i, 2));
    layer("instanceNorm1d", i -> new InstanceNorm1d(i, 3));
    add(
        "instanceNorm2d tracking",
        i -> new InstanceNorm2d(i, 3, affine.trackRunningStats(true)),
        LayerCases::twice);
    layer(
        "instanceNorm2d evaluation", i -> new InstanceNorm2d(i, 3, affine.trackRunningStats(true)));
    layer("instanceNorm3d", i -> new InstanceNorm3d(i, 2, affine));
    layer("groupNorm", i -> new GroupNorm(i, 2, 6));
    layer("groupNorm plain", i -> new GroupNorm(i, 3, 6, 1e-2, false));
    layer("layerNorm", i -> new LayerNorm(i, 6));
    layer("layerNorm of two dimensions", i -> new LayerNorm(i, Shape.of(3, 4), 1e-3, true, true));
    layer("layerNorm plain", i -> new LayerNorm(i, Shape.of(4), 1e-5, false, false));
    layer("rmsNorm", i -> new RMSNorm(i, 1e-6, 5));
  }

  private <M extends Recurrent> void network(String name, Function<Init, M> make) {
    add(
        name,
        make,
        (m, x) -> {
          Recurrent.State start =
              x.length == 1 ? null : new Recurrent.State(x[1], x.length == 3 ? x[2] : null);
          Recurrent.Output y = m.forward(x[0], start);
          return y.state().c() == null
              ? new Tensor[] {y.output(), y.state().h()}
              : new Tensor[] {y.output(), y.state().h(), y.state().c()};
        });
  }

  private void recurrent() {
    Recurrent.Options o = Recurrent.Options.DEFAULT;
    network("rnn", i -> new RNN(i, 3, 4));
    network("rnn relu", i -> RNN.relu(i, 3, 4, o.layers(2).bias(false).bidirectional(true)));
    network("lstm", i -> new LSTM(i, 3, 4));
    network(
        "lstm of two layers",
        i -> new LSTM(i, 3, 4, o.layers(2).bidirectional(true).batchFirst(true)));
    network("lstm of one sample", i -> new LSTM(i, 2, 3, o.bias(false)));
    network("gru", i -> new GRU(i, 3, 4));
    network("gru of two layers", i -> new GRU(i, 3, 4, o.layers(2).bidirectional(true)));
    network("gru without bias", i -> new GRU(i, 2, 3, o.bias(false).batchFirst(true)));
  }

  private static Tensor[] weighted(MultiheadAttention m, Tensor[] x) {
    AttentionMask mask = AttentionMask.NONE;
    if (x.length > 3) {
      mask = mask.attention(x[3]).keyPadding(x[4]);
    }
    MultiheadAttention.Weighted y = m.forwardWithWeights(x[0], x[1], x[2], mask);
    return new Tensor[] {y.output(), y.weights()};
  }

  private static Tensor[] masked(MultiheadAttention m, Tensor[] x) {
    AttentionMask mask = AttentionMask.NONE.attention(x[3]).keyPadding(x[4]);
    return one(m.forward(x[0], x[1], x[2], mask));
  }

  private void attention() {
    Options o = Options.DEFAULT;
    add(
        "attention to itself",
        i -> new MultiheadAttention(i, 8, 2),
        (m, x) -> one(m.forward(x[0])));
    add(
        "attention to others",
        i -> new MultiheadAttention(i, 8, 4, o.batchFirst(true).bias(false)),
        LayerCases::weighted);
    add(
        "attention of other features",
        i -> new MultiheadAttention(i, 6, 2, o.features(4, 5)),
        LayerCases::weighted);
    add(
        "attention of one sample",
        i -> new MultiheadAttention(i, 4, 2),
        (m, x) -> one(m.forward(x[0])));
    add("attention with masks", i -> new MultiheadAttention(i, 8, 2), LayerCases::masked);
    add(
        "attention with masks and weights",
        i -> new MultiheadAttention(i, 8, 2),
        LayerCases::weighted);
    add(
        "attention with a mask of heads",
        i -> new MultiheadAttention(i, 8, 2),
        (m, x) -> one(m.forward(x[0], x[0], x[0], AttentionMask.NONE.attention(x[1]))));
    add("attention with an added mask", i -> new MultiheadAttention(i, 8, 2), LayerCases::masked);
    add(
        "causal attention",
        i -> new MultiheadAttention(i, 8, 2, o.batchFirst(true)),
        (m, x) -> one(m.forward(x[0], x[0], x[0], AttentionMask.CAUSAL)));
    Call<CausalSelfAttention> call =
        (m, x) -> one(m.forward(x[0], null, x.length == 1 ? null : x[1]));
    add(
        "llama",
        i -> new CausalSelfAttention(i, 6, CausalSelfAttention.Options.llama(4, 2, 4, 10000)),
        call);
    add(
        "llama with padding",
        i -> new CausalSelfAttention(i, 6, CausalSelfAttention.Options.llama(4, 2, 4, 500)),
        call);
    add("gpt2", i -> new CausalSelfAttention(i, 8, CausalSelfAttention.Options.gpt2(2, 4)), call);
    add(
        "rotary",
        i -> new Nothing(),
        (m, x) -> one(new RotaryEmbedding(8, 100, false).apply(x[0], 0)));
    add(
        "rotary of neighbours",
        i -> new Nothing(),
        (m, x) -> one(new RotaryEmbedding(6, 10000, true).apply(x[0], 3)));
    layer("sinusoidal", i -> new SinusoidalPositions(8, false));
  }

  private void transformers() {
    TransformerOptions o = TransformerOptions.DEFAULT.feedForward(6).dropout(0);
    layer("encoder layer", i -> new TransformerEncoderLayer(i, 8, 2, o));
    add(
        "encoder layer, norm first",
        i ->
            new TransformerEncoderLayer(
                i, 8, 2, o.activation(Tensor::gelu).normFirst(true).batchFirst(true)),
        (m, x) -> one(m.forward(x[0], AttentionMask.NONE.keyPadding(x[1]))));
    add(
        "encoder",
        i -> {
          var layers =
              List.of(
                  new TransformerEncoderLayer(i, 4, 2, o), new TransformerEncoderLayer(i, 4, 2, o));
          return new TransformerEncoder(layers, new LayerNorm(i, 4));
        },
        (m, x) -> one(m.forward(x[0], AttentionMask.CAUSAL)));
    add(
        "decoder layer",
        i -> new TransformerDecoderLayer(i, 8, 2, o),
        (m, x) -> one(m.forward(x[0], x[1], AttentionMask.CAUSAL, AttentionMask.NONE)));
    add(
        "transformer",
        i -> new Transformer(i, 4, 2, 1, 2, o.batchFirst(true)),
        (m, x) -> one(m.forward(x[0], x[1])));
    TransformerOptions first = o.normFirst(true);
    add(
        "decoder",
        i -> {
          var layers =
              List.of(
                  new TransformerDecoderLayer(i, 4, 2, first),
                  new TransformerDecoderLayer(i, 4, 2, first));
          return new TransformerDecoder(layers, null);
        },
        (m, x) -> one(m.forward(x[0], x[1], AttentionMask.NONE, AttentionMask.NONE)));
  }

  private void losses() {
    ClassOptions o = ClassOptions.DEFAULT;
    Function<Tensor, Tensor> weights =
        x -> x.device().zeros(x.type(), Shape.of(4)).copyFrom(new double[] {0.5, 1, 2, 0.25}, 0);
    loss("crossEntropy", x -> Loss.crossEntropy(x[0], x[1]));
    loss(
        "crossEntropy with options",
        x ->
            Loss.crossEntropy(
                x[0],
                x[1],
                o.weight(weights.apply(x[0]))
                    .ignoreIndex(2)
                    .labelSmoothing(0.1)
                    .reduction(Reduction.SUM)));
    loss(
        "crossEntropy of probabilities",
        x -> Loss.crossEntropy(x[0], x[1], o.reduction(Reduction.NONE)));
    loss("nll", x -> Loss.nll(x[0], x[1], o.weight(weights.apply(x[0]))));
    for (Reduction r : Reduction.values()) {
      String of = " " + r.name().toLowerCase(Locale.ROOT);
      loss("mse" + of, x -> Loss.mse(x[0], x[1], r));
      loss("l1" + of, x -> Loss.l1(x[0], x[1], r));
      loss("smoothL1" + of, x -> Loss.smoothL1(x[0], x[1], 0.7, r));
      loss("huber" + of, x -> Loss.huber(x[0], x[1], 1.3, r));
    }
    loss("bce", x -> Loss.bce(x[0], x[1].detach()));
    loss("bce with weights", x -> Loss.bce(x[0], x[1].detach(), x[2].detach(), Reduction.SUM));
    loss("bceWithLogits", x -> Loss.bceWithLogits(x[0], x[1]));
    loss(
        "bceWithLogits with weights",
        x -> Loss.bceWithLogits(x[0], x[1], x[2].detach(), x[3].detach(), Reduction.NONE));
    loss("focal", x -> Loss.focal(x[0], x[1].detach(), 0.25, 2, Reduction.MEAN));
    loss("focal without alpha", x -> Loss.focal(x[0], x[1].detach(), -1, 1.5, Reduction.MEAN));
    loss("dice", x -> Loss.dice(x[0], x[1], 1e-2, Reduction.MEAN));
  }

  private void otherLosses() {
    BinaryOperator<Tensor> kl = (x, t) -> Loss.klDiv(x, t, false, Reduction.MEAN);
    loss("klDiv", x -> kl.apply(x[0], x[1]));
    loss("klDiv of logarithms", x -> Loss.klDiv(x[0], x[1], true, Reduction.SUM));
    loss("klDiv at zero", x -> Loss.klDiv(x[0], x[1].detach(), false, Reduction.NONE));
    loss("softMargin", x -> Loss.softMargin(x[0], x[1].detach(), Reduction.MEAN));
    loss("hingeEmbedding", x -> Loss.hingeEmbedding(x[0], x[1].detach(), 0.8, Reduction.MEAN));
    loss("marginRanking", x -> Loss.marginRanking(x[0], x[1], x[2].detach(), 0.5, Reduction.MEAN));
    loss(
        "cosineEmbedding",
        x -> Loss.cosineEmbedding(x[0], x[1], x[2].detach(), 0.1, Reduction.SUM));
    loss(
        "tripletMargin 2.0",
        x -> Loss.tripletMargin(x[0], x[1], x[2], 1.2, 2, false, Reduction.MEAN));
    loss(
        "tripletMargin 1.5",
        x -> Loss.tripletMargin(x[0], x[1], x[2], 1.2, 1.5, true, Reduction.MEAN));
    loss("gaussianNll", x -> Loss.gaussianNll(x[0], x[1], x[2], true, 1e-6, Reduction.MEAN));
    loss("gaussianNll of rows", x -> Loss.gaussianNll(x[0], x[1], x[2], false, 0.5, Reduction.SUM));
    loss("poissonNll", x -> Loss.poissonNll(x[0], x[1].detach(), true, true, 1e-8, Reduction.MEAN));
    loss(
        "poissonNll of rates",
        x -> Loss.poissonNll(x[0], x[1].detach(), false, false, 1e-8, Reduction.NONE));
  }
}
