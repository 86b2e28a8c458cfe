package tangram.tornado;

import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;

/** {@link Maps} on the device. */
final class TornadoMaps implements Maps {
  TornadoMaps(Launcher launcher) {}

  @Override
  public void map(Formula formula, double[] parameters, View[] inputs, View y) {
    throw new UnsupportedOperationException("maps");
  }

  @Override
  public void reduce(Reducer reducer, Formula formula, double[] parameters, View[] inputs, View y) {
    throw new UnsupportedOperationException("maps");
  }
}
