package tangram.tensor.vector.elementwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.expr.BinaryOp;
import tangram.tensor.expr.UnaryOp;
import tangram.tensor.vector.runtime.Elementary;

/**
 * One loop for each operator of formulas, shared by all formulas, so that the compiler knows them
 * soon. Each operator is written twice, for vectors and for what is left of a run, with the same
 * bits. What has no vector form is computed in double precision and rounded.
 */
final class OperatorLoops {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  private OperatorLoops() {}

  /** {@code y[i] = op(a[i])} for n elements from each offset. */
  static void unary(UnaryOp op, float[] a, int ao, float[] y, int yo, int n) {
    switch (op) {
      case NEG -> neg(a, ao, y, yo, n);
      case ABS -> abs(a, ao, y, yo, n);
      case SQRT -> sqrt(a, ao, y, yo, n);
      case EXP -> exp(a, ao, y, yo, n);
      case LOG -> log(a, ao, y, yo, n);
      case TANH -> tanh(a, ao, y, yo, n);
      case SIGMOID -> sigmoid(a, ao, y, yo, n);
      case RELU -> relu(a, ao, y, yo, n);
      case LOG1P -> log1p(a, ao, y, yo, n);
      case ERF -> erf(a, ao, y, yo, n);
      case ERFC -> erfc(a, ao, y, yo, n);
      case GELU -> gelu(a, ao, y, yo, n);
      case GELU_SLOPE -> geluSlope(a, ao, y, yo, n);
      default -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = (float) op.apply(a[ao + i]);
        }
      }
    }
  }

  /** {@code y[i] = op(a[i], b[i])} for n elements from each offset. */
  static void binary(BinaryOp op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    switch (op) {
      case ADD -> add(a, ao, b, bo, y, yo, n);
      case SUB -> sub(a, ao, b, bo, y, yo, n);
      case MUL -> mul(a, ao, b, bo, y, yo, n);
      case DIV -> div(a, ao, b, bo, y, yo, n);
      case MAX -> max(a, ao, b, bo, y, yo, n);
      case MIN -> min(a, ao, b, bo, y, yo, n);
      case LT -> lt(a, ao, b, bo, y, yo, n);
      case LE -> le(a, ao, b, bo, y, yo, n);
      case EQ -> eq(a, ao, b, bo, y, yo, n);
      case NE -> ne(a, ao, b, bo, y, yo, n);
      default -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = (float) op.apply(a[ao + i], b[bo + i]);
        }
      }
    }
  }

  /** {@code y[i] = c[i] != 0 ? a[i] : b[i]}. */
  static void where(
      float[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector.fromArray(S, b, bo + i)
          .blend(v, FloatVector.fromArray(S, c, co + i).compare(VectorOperators.NE, 0f))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = c[co + i] != 0 ? a[ao + i] : b[bo + i];
    }
  }

  private static void neg(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      v.neg().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = -a[ao + i];
    }
  }

  private static void abs(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      v.abs().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.abs(a[ao + i]);
    }
  }

  private static void sqrt(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      v.sqrt().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = (float) Math.sqrt(a[ao + i]);
    }
  }

  private static void exp(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      Elementary.exp(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.exp(a[ao + i]);
    }
  }

  private static void log(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      Elementary.log(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.log(a[ao + i]);
    }
  }

  private static void tanh(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      Elementary.tanh(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.tanh(a[ao + i]);
    }
  }

  private static void sigmoid(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      Elementary.sigmoid(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.sigmoid(a[ao + i]);
    }
  }

  private static void relu(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      Elementary.relu(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.relu(a[ao + i]);
    }
  }

  private static void log1p(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      Elementary.log1p(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.log1p(a[ao + i]);
    }
  }

  private static void erf(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      Elementary.erf(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.erf(a[ao + i]);
    }
  }

  private static void erfc(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      Elementary.erfc(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.erfc(a[ao + i]);
    }
  }

  private static void gelu(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      Elementary.gelu(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.gelu(a[ao + i]);
    }
  }

  private static void geluSlope(float[] a, int ao, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      Elementary.geluSlope(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Elementary.geluSlope(a[ao + i]);
    }
  }

  private static void add(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector w = FloatVector.fromArray(S, b, bo + i);
      v.add(w).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] + b[bo + i];
    }
  }

  private static void sub(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector w = FloatVector.fromArray(S, b, bo + i);
      v.sub(w).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] - b[bo + i];
    }
  }

  private static void mul(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector w = FloatVector.fromArray(S, b, bo + i);
      v.mul(w).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * b[bo + i];
    }
  }

  private static void div(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector w = FloatVector.fromArray(S, b, bo + i);
      v.div(w).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] / b[bo + i];
    }
  }

  private static void max(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector w = FloatVector.fromArray(S, b, bo + i);
      v.max(w).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(a[ao + i], b[bo + i]);
    }
  }

  private static void min(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector w = FloatVector.fromArray(S, b, bo + i);
      v.min(w).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.min(a[ao + i], b[bo + i]);
    }
  }

  private static void lt(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(S, 1f);
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector w = FloatVector.fromArray(S, b, bo + i);
      FloatVector.zero(S).blend(one, v.compare(VectorOperators.LT, w)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] < b[bo + i] ? 1f : 0f;
    }
  }

  private static void le(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(S, 1f);
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector w = FloatVector.fromArray(S, b, bo + i);
      FloatVector.zero(S).blend(one, v.compare(VectorOperators.LE, w)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] <= b[bo + i] ? 1f : 0f;
    }
  }

  private static void eq(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(S, 1f);
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector w = FloatVector.fromArray(S, b, bo + i);
      FloatVector.zero(S).blend(one, v.compare(VectorOperators.EQ, w)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] == b[bo + i] ? 1f : 0f;
    }
  }

  private static void ne(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(S, 1f);
    int i = 0;
    for (; i < S.loopBound(n); i += LANES) {
      FloatVector v = FloatVector.fromArray(S, a, ao + i);
      FloatVector w = FloatVector.fromArray(S, b, bo + i);
      FloatVector.zero(S).blend(one, v.compare(VectorOperators.NE, w)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] != b[bo + i] ? 1f : 0f;
    }
  }
}
