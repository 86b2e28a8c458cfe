package tangram.tensor.vector.elementwise;

import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.VectorTiles;

/** {@link Maps} in tiles: operands that lie side by side are read in place, others are gathered. */
public final class VectorMaps implements Maps {
  private static final int TILE = TileProgram.TILE;

  /** Shorter runs along the last dimension share tiles. */
  private static final int LONG_RUN = 128;

  @Override
  public void map(Formula formula, double[] parameters, View[] inputs, View y) {
    TileProgram program = program(formula);
    Domain domain = Domain.of(View.computeType(inputs, y));
    View[] views = new View[inputs.length + 1];
    views[0] = y;
    System.arraycopy(inputs, 0, views, 1, inputs.length);
    Walk walk = new Walk(views);
    if (walk.size() == 0) {
      return;
    }
    if (BlockMaps.run(program, domain, parameters, inputs, y, walk)) {
      return;
    }
    program.count(domain, walk.size());
    boolean lines = walk.inner() >= LONG_RUN;
    int length = lines ? walk.inner() : walk.size();
    // One operator needs no tiles between operators.
    int tile =
        program.isOneOperator() && inPlace(domain, walk, views, length)
            ? VectorTiles.ELEMENTS
            : TILE;
    int chunks = VectorTiles.count(length, tile);
    VectorTiles.run(
        walk.size() / length * chunks,
        VectorTiles.items(Math.min(length, tile)),
        (from, to) -> {
          Frame frame = Frame.prepared(program, domain, parameters);
          int line = from / chunks * length;
          int within = from % chunks * tile;
          for (int chunk = from; chunk < to; chunk++) {
            int n = Math.min(tile, length - within);
            for (int i = 0; i < inputs.length; i++) {
              if (inputs[i] == null) {
                continue;
              }
              if (lines && walk.innerStride(i + 1) == 0) {
                frame.repeat(inputs[i], walk.place(i + 1, line), i);
              } else {
                frame.load(walk, i + 1, inputs[i], i, 0, line + within, n);
              }
            }
            frame.compute(program, walk, 0, y, line + within, n);
            within += tile;
            if (within >= length) {
              within = 0;
              line += length;
            }
          }
        });
  }

  /** Whether runs of all operands lie side by side, in the type that is computed in. */
  private static boolean inPlace(Domain domain, Walk walk, View[] views, int length) {
    for (int v = 0; v < views.length; v++) {
      if (views[v] != null && (views[v].type() != domain.type() || !walk.isRun(v, 0, length))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void reduce(Reducer reducer, Formula formula, double[] parameters, View[] inputs, View y) {
    VectorReduce.run(reducer, program(formula), parameters, inputs, y);
  }

  @Override
  public void cascade(
      Cascade cascade, double[] parameters, View[] inputs, View[] outputs, View[] rows) {
    if (!VectorCascade.run(cascade, parameters, inputs, outputs, rows)) {
      Maps.super.cascade(cascade, parameters, inputs, outputs, rows);
    }
  }

  private static TileProgram program(Formula formula) {
    TileProgram program = formula.compiled(VectorMaps.class, TileProgram::new);
    if (formula.isHot()) {
      program.hot();
    }
    return program;
  }
}
