package tangram.onnx.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.LinearOp;
import tangram.tensor.op.RecurrentOp;

/** Recurrent networks, step by step; batches in front or sequences. */
final class Recurrent {
  private static final int[] GRU_ORDER = {1, 0, 2};
  private static final int[] LSTM_ORDER = {0, 2, 3, 1};

  private Recurrent() {}

  static void register(Operators table) {
    table.put("RNN", c -> run(c, 1, 1, "Tanh"));
    table.put("GRU", c -> run(c, 3, 2, "Sigmoid", "Tanh"));
    table.put("LSTM", c -> run(c, 4, 3, "Sigmoid", "Tanh", "Tanh"));
  }

  /** What carries over from step to step: the output, and an LSTM's cell. */
  private record State(Tensor h, Tensor cell) {}

  /** One direction's weights, with the activations. */
  private record Cell(
      Call c,
      int gates,
      Tensor w,
      Tensor r,
      Tensor wb,
      Tensor rb,
      Tensor p,
      List<UnaryOperator<Tensor>> f) {

    /** A gate's part along the last dimension. */
    private Tensor gate(Tensor all, int i) {
      int hidden = r.dim(1);
      return all == null ? null : all.narrow(-1, i * hidden, hidden);
    }

    private static Tensor plus(Tensor a, Tensor b) {
      return b == null ? a : a.add(b);
    }

    private Tensor clip(Tensor x) {
      Float bound = c.attrReal("clip");
      return bound == null ? x : x.clamp(-bound, bound);
    }

    /** All steps as one operation: states before and after each, and below them an LSTM's cells. */
    Tensor all(RecurrentOp.Cell known, Tensor x, State first, boolean backwards) {
      Tensor share = LinearOp.linear(x, ordered(w), ordered(wb));
      return RecurrentOp.recurrent(
          known, share, first.h.contiguous(), first.cell, ordered(r), ordered(rb), backwards);
    }

    /** Gates in the order of tensors, which is PyTorch's. */
    private Tensor ordered(Tensor x) {
      int hidden = r.dim(1);
      int[] order = gates == 1 ? new int[] {0} : gates == 3 ? GRU_ORDER : LSTM_ORDER;
      Tensor[] parts = new Tensor[gates];
      for (int i = 0; x != null && i < gates; i++) {
        parts[i] = x.narrow(0, order[i] * hidden, hidden);
      }
      return x == null ? null : Tensor.cat(0, parts);
    }

    /** Step by step; the state behind the last, and the output of each. */
    State eachStep(Tensor x, State first, boolean backwards, long[] lengths, Tensor[] each) {
      Tensor zero = x.device().zeros(x.type(), Shape.of());
      Tensor xw = plus(x.matmul(w.t()), wb);
      State state = first;
      for (int i = 0; i < each.length; i++) {
        int at = backwards ? each.length - 1 - i : i;
        State next = step(xw.select(0, at), state);
        each[at] = next.h;
        if (lengths != null) {
          // Beyond a sequence's end the state stays and the output is 0.
          boolean[] inside = new boolean[lengths.length];
          for (int k = 0; k < inside.length; k++) {
            inside[k] = at < lengths[k];
          }
          Tensor mask = x.device().tensor(inside, inside.length, 1);
          each[at] = Tensor.where(mask, next.h, zero);
          next =
              new State(
                  Tensor.where(mask, next.h, state.h),
                  next.cell == null ? null : Tensor.where(mask, next.cell, state.cell));
        }
        state = next;
      }
      return state;
    }

    /** One step, of inputs that met their weights already. */
    State step(Tensor xw, State s) {
      return switch (gates) {
        case 1 -> new State(f.get(0).apply(clip(plus(xw.add(s.h.matmul(r.t())), rb))), null);
        case 3 -> gru(xw, s);
        default -> lstm(plus(xw.add(s.h.matmul(r.t())), rb), s);
      };
    }

    private State gru(Tensor xw, State s) {
      Tensor hr = plus(s.h.matmul(r.t()), rb);
      Tensor update = f.get(0).apply(clip(gate(xw, 0).add(gate(hr, 0))));
      Tensor reset = f.get(0).apply(clip(gate(xw, 1).add(gate(hr, 1))));
      Tensor within;
      if (c.flag("linear_before_reset")) {
        within = reset.mul(gate(hr, 2));
      } else {
        int hidden = r.dim(1);
        Tensor own = r.narrow(0, 2 * hidden, hidden);
        within = plus(reset.mul(s.h).matmul(own.t()), gate(rb, 2));
      }
      Tensor fresh = f.get(1).apply(clip(gate(xw, 2).add(within)));
      return new State(update.rsub(1).mul(fresh).add(update.mul(s.h)), null);
    }

    private State lstm(Tensor all, State s) {
      Tensor in = gate(all, 0);
      Tensor out = gate(all, 1);
      Tensor forget = gate(all, 2);
      if (p != null) {
        in = in.add(gate(p, 0).mul(s.cell));
        forget = forget.add(gate(p, 2).mul(s.cell));
      }
      Tensor i = f.get(0).apply(clip(in));
      Tensor keep = c.flag("input_forget") ? i.rsub(1) : f.get(0).apply(clip(forget));
      Tensor cell = keep.mul(s.cell).add(i.mul(f.get(1).apply(clip(gate(all, 3)))));
      out = p == null ? out : out.add(gate(p, 1).mul(cell));
      Tensor h = f.get(0).apply(clip(out)).mul(f.get(2).apply(cell));
      return new State(h, cell);
    }
  }

  private static OnnxData[] run(Call c, int gates, int functions, String... defaults) {
    Tensor[] t =
        c.together(
            c.real(0),
            c.real(1),
            c.real(2),
            c.real(3),
            c.real(5),
            gates == 4 ? c.real(6) : null,
            gates == 4 ? c.real(7) : null);
    boolean batchFirst = c.flag("layout");
    Tensor x = batchFirst ? t[0].transpose(0, 1) : t[0];
    int steps = x.dim(0);
    int batch = x.dim(1);
    int directions = t[1].dim(0);
    int hidden = t[2].dim(2);
    String direction = c.attr("direction", "forward").toLowerCase(Locale.ROOT);
    if (directions != (direction.equals("bidirectional") ? 2 : 1)) {
      throw new IllegalArgumentException(
          directions + " directions of weights, where the attribute says " + direction);
    }
    List<UnaryOperator<Tensor>> f = functions(c, directions * functions, defaults);
    long[] lengths = c.has(4) ? c.longs(4) : null;
    RecurrentOp.Cell known = t[6] == null && lengths == null ? known(c, gates) : null;
    Tensor[] outputs = new Tensor[directions];
    Tensor[] last = new Tensor[directions];
    Tensor[] cells = new Tensor[directions];
    for (int d = 0; d < directions; d++) {
      int half = gates * hidden;
      Tensor b = t[3] == null ? null : t[3].select(0, d);
      Cell cell =
          new Cell(
              c,
              gates,
              t[1].select(0, d),
              t[2].select(0, d),
              b == null ? null : b.narrow(0, 0, half),
              b == null ? null : b.narrow(0, half, half),
              t[6] == null ? null : t[6].select(0, d),
              f.subList(d * functions, (d + 1) * functions));
      Tensor zero = x.device().zeros(x.type(), Shape.of(batch, hidden));
      State first =
          new State(
              start(t[4], d, batchFirst, zero),
              gates == 4 ? start(t[5], d, batchFirst, zero) : null);
      boolean backwards = direction.equals("reverse") || d == 1;
      Tensor[] each = new Tensor[steps];
      if (known != null) {
        Tensor states = cell.all(known, x, first, backwards);
        Tensor hs = states.select(0, 0);
        int end = backwards ? 0 : steps;
        outputs[d] = hs.narrow(0, backwards ? 0 : 1, steps);
        last[d] = hs.select(0, end);
        cells[d] = gates == 4 ? states.select(0, 1).select(0, end) : null;
      } else {
        State state = cell.eachStep(x, first, backwards, lengths, each);
        outputs[d] = Tensor.stack(0, each);
        last[d] = state.h;
        cells[d] = state.cell;
      }
    }
    // [steps, directions, batch, hidden]
    Tensor y = Tensor.stack(1, outputs);
    OnnxTensor all = c.like(0, batchFirst ? y.permute(2, 0, 1, 3) : y);
    int axis = batchFirst ? 1 : 0;
    OnnxTensor end = c.like(0, Tensor.stack(axis, last));
    return gates == 4
        ? new OnnxData[] {all, end, c.like(0, Tensor.stack(axis, cells))}
        : new OnnxData[] {all, end};
  }

  /** The cell that tensors have as one operation; null where it is none of these. */
  private static RecurrentOp.Cell known(Call c, int gates) {
    String[] names = c.attrTexts("activations");
    String all = names == null ? "" : String.join(" ", names).toLowerCase(Locale.ROOT);
    if (c.attrReal("clip") != null || c.flag("input_forget")) {
      return null;
    }
    return switch (gates) {
      case 1 ->
          all.matches("(tanh ?)*")
              ? RecurrentOp.Cell.TANH
              : all.matches("(relu ?)*") ? RecurrentOp.Cell.RELU : null;
      case 3 ->
          all.matches("(sigmoid tanh ?)*") && c.flag("linear_before_reset")
              ? RecurrentOp.Cell.GRU
              : null;
      default -> all.matches("(sigmoid tanh tanh ?)*") ? RecurrentOp.Cell.LSTM : null;
    };
  }

  private static Tensor start(Tensor given, int d, boolean batchFirst, Tensor otherwise) {
    return given == null ? otherwise : given.select(batchFirst ? 1 : 0, d);
  }

  private static List<UnaryOperator<Tensor>> functions(Call c, int count, String... defaults) {
    String[] names = c.attrTexts("activations");
    if (names == null) {
      names = new String[count];
      for (int i = 0; i < count; i++) {
        names[i] = defaults[i % defaults.length];
      }
    }
    if (names.length != count) {
      throw new IllegalArgumentException(
          "activations are " + Arrays.toString(names) + ", not " + count);
    }
    float[] alphas = c.attrFloats("activation_alpha");
    float[] betas = c.attrFloats("activation_beta");
    int[] used = new int[2];
    List<UnaryOperator<Tensor>> functions = new ArrayList<>();
    for (String name : names) {
      functions.add(
          switch (name.toLowerCase(Locale.ROOT)) {
            case "relu" -> Tensor::relu;
            case "tanh" -> Tensor::tanh;
            case "sigmoid" -> Tensor::sigmoid;
            case "softsign" -> x -> x.div(x.abs().add(1));
            case "softplus" -> Tensor::softplus;
            case "affine" -> {
              double a = next(alphas, used, 0, 1);
              double b = next(betas, used, 1, 0);
              yield x -> x.mul(a).add(b);
            }
            case "leakyrelu" -> {
              double a = next(alphas, used, 0, 0.01);
              yield x -> x.leakyRelu(a);
            }
            case "thresholdedrelu" -> {
              double a = next(alphas, used, 0, 1);
              yield x -> x.mul(x.ge(a).to(x.type()));
            }
            case "scaledtanh" -> {
              double a = next(alphas, used, 0, 1);
              double b = next(betas, used, 1, 1);
              yield x -> x.mul(b).tanh().mul(a);
            }
            case "hardsigmoid" -> {
              double a = next(alphas, used, 0, 0.2);
              double b = next(betas, used, 1, 0.5);
              yield x -> x.mul(a).add(b).clamp(0, 1);
            }
            case "elu" -> {
              double a = next(alphas, used, 0, 1);
              yield x -> x.elu(a);
            }
            default -> throw c.refuse("activation '" + name + "' is not known");
          });
    }
    return functions;
  }

  /** The next of the numbers that functions take in their order. */
  private static double next(float[] values, int[] used, int which, double otherwise) {
    return values == null || used[which] >= values.length ? otherwise : values[used[which]++];
  }
}
