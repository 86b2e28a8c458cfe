package tangram.tensor.vector.elementwise;

import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.VectorTiles;

/** {@link Maps} in tiles: operands that lie side by side are read in place, others are gathered. */
public final class VectorMaps implements Maps {
  private static final int TILE = TileProgram.TILE;

  /** Shorter runs along the last dimension share tiles. */
  private static final int LONG_RUN = 128;

  @Override
  public void map(Formula formula, View[] inputs, View y) {
    TileProgram program = program(formula);
    View[] views = new View[inputs.length + 1];
    views[0] = y;
    System.arraycopy(inputs, 0, views, 1, inputs.length);
    Walk walk = new Walk(views);
    if (walk.size() == 0) {
      return;
    }
    int length = walk.inner() >= LONG_RUN ? walk.inner() : walk.size();
    int chunks = VectorTiles.count(length, TILE);
    VectorTiles.run(
        walk.size() / length * chunks,
        VectorTiles.items(Math.min(length, TILE)),
        (from, to) -> {
          Frame frame = Frame.prepared(program);
          for (int chunk = from; chunk < to; chunk++) {
            int within = chunk % chunks * TILE;
            int n = Math.min(TILE, length - within);
            tile(program, walk, views, frame, chunk / chunks * length + within, n);
          }
        });
  }

  private static void tile(
      TileProgram program, Walk walk, View[] views, Frame frame, int first, int n) {
    for (int i = 1; i < views.length; i++) {
      if (views[i] != null) {
        frame.load(walk, i, views[i], i - 1, 0, first, n);
      }
    }
    float[] y = views[0].buffer().floats();
    if (walk.isRun(0, first, n)) {
      frame.compute(program, y, walk.place(0, first), n);
    } else {
      frame.compute(program, n);
      walk.scatter(0, y, first, n, frame.tiles(), frame.result());
    }
  }

  @Override
  public void reduce(Reducer reducer, Formula formula, View[] inputs, View y) {
    VectorReduce.run(reducer, program(formula), inputs, y);
  }

  private static TileProgram program(Formula formula) {
    return formula.compiled(VectorMaps.class, TileProgram::new);
  }
}
