package tangram.tensor.vector.elementwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Optimizer;
import tangram.tensor.vector.runtime.VectorTiles;

/** {@link Optimizer} in one pass over the parameters. */
public final class VectorOptimizer implements Optimizer {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  @Override
  public void sgd(Buffer w, Buffer g, Buffer v, Buffer lr, double momentum, double weightDecay) {
    float[] wf = w.floats();
    float[] gf = g.floats();
    float[] vf = v.floats();
    int wo = w.offset();
    int go = g.offset();
    int vo = v.offset();
    float step = -lr.floats()[lr.offset()];
    float m = (float) momentum;
    float decay = (float) weightDecay;
    VectorTiles.run(
        w.length(),
        VectorTiles.ELEMENTS,
        (from, to) -> sgd(wf, wo + from, gf, go + from, vf, vo + from, to - from, step, m, decay));
  }

  private static void sgd(
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] v,
      int vo,
      int n,
      float step,
      float momentum,
      float decay) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector weight = FloatVector.fromArray(S, w, wo + i);
      FloatVector gradient =
          weight.fma(FloatVector.broadcast(S, decay), FloatVector.fromArray(S, g, go + i));
      FloatVector velocity =
          FloatVector.fromArray(S, v, vo + i).fma(FloatVector.broadcast(S, momentum), gradient);
      velocity.intoArray(v, vo + i);
      velocity.fma(FloatVector.broadcast(S, step), weight).intoArray(w, wo + i);
    }
    for (; i < n; i++) {
      float weight = w[wo + i];
      float velocity = Math.fma(v[vo + i], momentum, Math.fma(weight, decay, g[go + i]));
      v[vo + i] = velocity;
      w[wo + i] = Math.fma(velocity, step, weight);
    }
  }
}
