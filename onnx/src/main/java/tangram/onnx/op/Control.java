package tangram.onnx.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxSequence;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;

/** Operators with graphs inside. */
final class Control {
  private Control() {}

  static void register(Operators table) {
    table.put("If", c -> c.run(c.body(c.longs(0)[0] != 0 ? "then_branch" : "else_branch")));
    table.put("Loop", Control::loop);
    table.put("Scan", c -> c.version() < 9 ? scanBatches(c) : scan(c, 0, c.inputs()));
    table.put("SequenceMap", Control::map);
  }

  private static OnnxData[] loop(Call c) {
    Program body = c.body("body");
    long most = c.has(0) ? c.integer(0) : Long.MAX_VALUE;
    boolean goOn = !c.has(1) || c.longs(1)[0] != 0;
    int carried = Math.max(0, c.count() - 2);
    OnnxData[] state = new OnnxData[carried];
    for (int i = 0; i < carried; i++) {
      state[i] = c.data(i + 2);
    }
    int scans = body.outputCount() - 1 - carried;
    List<List<OnnxTensor>> collected = new ArrayList<>();
    for (int i = 0; i < scans; i++) {
      collected.add(new ArrayList<>());
    }
    for (long i = 0; i < most && goOn; i++) {
      OnnxData[] given = new OnnxData[carried + 2];
      given[0] = c.result(ElementType.INT64, new long[] {i});
      given[1] = c.result(ElementType.BOOL, new long[] {1});
      System.arraycopy(state, 0, given, 2, carried);
      OnnxData[] results = c.run(body, given);
      goOn = ((OnnxTensor) results[0]).longs()[0] != 0;
      if (scans == 0) {
        // Else it may be among what is collected.
        c.release(state, results);
      }
      state = Arrays.copyOfRange(results, 1, carried + 1);
      for (int k = 0; k < scans; k++) {
        collected.get(k).add((OnnxTensor) results[1 + carried + k]);
      }
    }
    OnnxData[] results = Arrays.copyOf(state, carried + scans);
    for (int k = 0; k < scans; k++) {
      if (collected.get(k).isEmpty()) {
        throw c.refuse("a loop without an iteration has no shape for what it collects");
      }
      results[carried + k] = stack(c, collected.get(k), 0);
    }
    return results;
  }

  private static OnnxTensor stack(Call c, List<OnnxTensor> items, int axis) {
    OnnxTensor[] parts =
        items.stream()
            .map(
                item -> {
                  int at = axis < 0 ? axis + item.tensor().shape().rank() + 1 : axis;
                  return new OnnxTensor(item.type(), item.tensor().unsqueeze(at), item.texts());
                })
            .toArray(OnnxTensor[]::new);
    return Shapes.concat(c, parts, axis < 0 ? axis + parts[0].dims().length : axis);
  }

  /** Opset 8: a first input of lengths, and batches in front. */
  private static OnnxData[] scanBatches(Call c) {
    if (c.has(0)) {
      throw c.refuse("sequences of different lengths");
    }
    int batches = c.in(1).dims()[0];
    OnnxData[][] results = new OnnxData[batches][];
    for (int b = 0; b < batches; b++) {
      OnnxData[] given = new OnnxData[c.count() - 1];
      for (int i = 0; i < given.length; i++) {
        OnnxTensor whole = c.in(i + 1);
        given[i] =
            new OnnxTensor(whole.type(), whole.tensor().select(0, b).contiguous(), whole.texts());
      }
      results[b] = scan(c, 1, given);
    }
    OnnxData[] stacked = new OnnxData[results[0].length];
    for (int i = 0; i < stacked.length; i++) {
      List<OnnxTensor> parts = new ArrayList<>();
      for (OnnxData[] result : results) {
        parts.add((OnnxTensor) result[i]);
      }
      stacked[i] = stack(c, parts, 0);
    }
    return stacked;
  }

  private static OnnxData[] scan(Call c, int skipped, OnnxData[] inputs) {
    Program body = c.body("body");
    int scanned = c.attr("num_scan_inputs");
    int carried = inputs.length - scanned;
    int[] axes = c.attrInts("scan_input_axes", new int[scanned]);
    int[] backwards =
        skipped == 1
            ? c.attrInts("directions", new int[scanned])
            : c.attrInts("scan_input_directions", new int[scanned]);
    int outputs = body.outputCount() - carried;
    int[] outAxes = c.attrInts("scan_output_axes", new int[outputs]);
    int[] outBackwards = c.attrInts("scan_output_directions", new int[outputs]);
    OnnxData[] state = Arrays.copyOf(inputs, carried);
    int steps = -1;
    for (int i = 0; i < scanned; i++) {
      Tensor x = ((OnnxTensor) inputs[carried + i]).tensor();
      int length = x.dim(axes[i]);
      if (steps >= 0 && length != steps) {
        throw new IllegalArgumentException("inputs of " + steps + " and of " + length + " steps");
      }
      steps = length;
    }
    List<List<OnnxTensor>> collected = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      collected.add(new ArrayList<>());
    }
    for (int step = 0; step < steps; step++) {
      OnnxData[] given = Arrays.copyOf(state, carried + scanned);
      for (int i = 0; i < scanned; i++) {
        OnnxTensor whole = (OnnxTensor) inputs[carried + i];
        int at = backwards[i] != 0 ? steps - 1 - step : step;
        given[carried + i] =
            new OnnxTensor(whole.type(), whole.tensor().select(axes[i], at), whole.texts());
      }
      OnnxData[] results = c.run(body, given);
      state = Arrays.copyOf(results, carried);
      for (int i = 0; i < outputs; i++) {
        int at = outBackwards[i] != 0 ? 0 : step;
        collected.get(i).add(at, (OnnxTensor) results[carried + i]);
      }
    }
    OnnxData[] results = Arrays.copyOf(state, carried + outputs);
    for (int i = 0; i < outputs; i++) {
      if (collected.get(i).isEmpty()) {
        throw c.refuse("a scan without a step has no shape for what it collects");
      }
      results[carried + i] = stack(c, collected.get(i), outAxes[i]);
    }
    return results;
  }

  private static OnnxData[] map(Call c) {
    Program body = c.body("body");
    int length = Sequences.items(c, 0).size();
    List<List<OnnxData>> results = new ArrayList<>();
    for (int k = 0; k < body.outputCount(); k++) {
      results.add(new ArrayList<>());
    }
    for (int i = 0; i < length; i++) {
      OnnxData[] given = new OnnxData[c.count()];
      for (int k = 0; k < given.length; k++) {
        given[k] = c.data(k) instanceof OnnxSequence ? Sequences.items(c, k).get(i) : c.data(k);
      }
      OnnxData[] made = c.run(body, given);
      for (int k = 0; k < made.length; k++) {
        results.get(k).add(made[k]);
      }
    }
    return results.stream().map(OnnxSequence::new).toArray(OnnxData[]::new);
  }
}
