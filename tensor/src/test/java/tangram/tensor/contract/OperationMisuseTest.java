package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.MethodRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvNormOp;
import tangram.tensor.op.CrossEntropyOp;
import tangram.tensor.op.EinsumOp;
import tangram.tensor.op.FoldOp;
import tangram.tensor.op.IndexOp;
import tangram.tensor.op.JoinOp;
import tangram.tensor.op.MapOp;
import tangram.tensor.op.MatmulOp;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.NormalizeOp;
import tangram.tensor.op.RandomOp;
import tangram.tensor.op.ScanOp;
import tangram.tensor.op.SortOp;
import tangram.tensor.op.ViewOp;
import tangram.tensor.reference.ReferenceDevice;
import tangram.tensor.vector.VectorDevice;

/**
 * Every operation used wrongly, in every operand: a right result or a sentence, never a wrong
 * number, another's numbers or an exception from within.
 */
class OperationMisuseTest {
  private static final Set<Class<?>> GENERAL =
      Set.of(
          MapOp.class,
          FoldOp.class,
          ViewOp.class,
          JoinOp.class,
          IndexOp.class,
          ScanOp.class,
          SortOp.class,
          MatmulOp.class,
          EinsumOp.class,
          RandomOp.class,
          Tensor.class);

  /** Classes of several operations, which are named after what they compute. */
  private static final Set<Class<?>> SEVERAL =
      Set.of(NormOp.class, ConvNormOp.class, NormalizeOp.class, CrossEntropyOp.class);

  private static final Device REFERENCE = new ReferenceDevice();
  private static final Device VECTOR = new VectorDevice();

  /** Overwriting what a derivative reads must be noticed; what none reads may be overwritten. */
  @TestFactory
  Stream<DynamicTest> overwrittenBetweenForwardAndBackward() {
    return changedBetween(OperationMisuseTest::overwrite);
  }

  @TestFactory
  Stream<DynamicTest> releasedBetweenForwardAndBackward() {
    return changedBetween(Tensor::close);
  }

  private static Stream<DynamicTest> changedBetween(Consumer<Tensor> change) {
    return each(
        withMethods(),
        (c, device) -> {
          if (!c.isDifferentiable()) {
            return;
          }
          Map<String, double[]> expected = gradients(c, device, null, t -> {});
          for (String name : c.tensors(device).keySet()) {
            try {
              gradients(c, device, name, change)
                  .forEach(
                      (leaf, gradient) ->
                          Closeness.assertClose(
                              c + ": " + name + " changed, gradient of " + leaf,
                              expected.get(leaf),
                              gradient,
                              1e-6,
                              1));
            } catch (IllegalStateException e) {
              String operation = c.operation().getSimpleName().replaceFirst("Op$", "");
              // The general classes serve methods of several names, whose operands are a, b, ...
              boolean named =
                  GENERAL.contains(c.operation())
                      ? e.getMessage()
                          .matches(
                              "backward\\(\\) of \\w+ needs (its operand '\\w+'|what it kept).*")
                      : (SEVERAL.contains(c.operation())
                              || plain(e.getMessage())
                                  .contains("backward() of " + plain(operation)))
                          && e.getMessage().contains("'" + operand(c, name) + "'");
              assertTrue(named, c + ", " + name + ": " + e.getMessage());
            }
          }
        });
  }

  /** The operand's name in messages, where the case calls it otherwise. */
  private static String operand(OperationCase c, String name) {
    switch (name) {
      case "w":
        return "weight";
      case "v":
        return "anchors";
      case "p":
        return "target";
      default:
        return name;
    }
  }

  private static String plain(String text) {
    return text.replace("_", "").toLowerCase(java.util.Locale.ROOT);
  }

  /** Gradients of all leaves; one of the tensors is changed after the forward pass. */
  private static Map<String, double[]> gradients(
      OperationCase c, Device device, String changed, Consumer<Tensor> change) {
    Map<String, double[]> gradients = new LinkedHashMap<>();
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> tensors = c.tensors(device);
      Map<String, Tensor> leaves = c.leaves(tensors);
      Tensor y = c.apply(tensors);
      Tensor seed = device.tensor(KernelContract.normal(97, y.size()), y.shape().dims());
      if (changed != null) {
        change.accept(tensors.get(changed));
      }
      y.backward(seed);
      leaves.forEach((name, leaf) -> gradients.put(name, leaf.grad().toDoubles()));
    }
    return gradients;
  }

  private static void overwrite(Tensor t) {
    if (t.type() == DType.I32) {
      int[] values = t.toInts();
      int[] reversed = new int[values.length];
      for (int i = 0; i < values.length; i++) {
        reversed[i] = values[values.length - 1 - i];
      }
      t.copyFrom(reversed, 0);
    } else {
      double[] values = t.toDoubles();
      for (int i = 0; i < values.length; i++) {
        values[i] = 3 - 0.5 * values[i];
      }
      t.copyFrom(values, 0);
    }
  }

  /** What a derivative reads of its own result. */
  @TestFactory
  Stream<DynamicTest> resultOverwritten() {
    return each(
        withMethods(),
        (c, device) -> {
          if (!c.isDifferentiable()) {
            return;
          }
          Map<String, double[]> expected = gradients(c, device, null, t -> {});
          try (Scope scope = Scope.open()) {
            Map<String, Tensor> tensors = c.tensors(device);
            Map<String, Tensor> leaves = c.leaves(tensors);
            Tensor y = c.apply(tensors);
            Tensor seed = device.tensor(KernelContract.normal(97, y.size()), y.shape().dims());
            overwrite(y);
            try {
              y.backward(seed);
              leaves.forEach(
                  (name, leaf) ->
                      Closeness.assertClose(
                          c + ": result overwritten, gradient of " + name,
                          expected.get(name),
                          leaf.grad().toDoubles(),
                          1e-6,
                          1));
            } catch (IllegalStateException e) {
              assertTrue(e.getMessage().contains("overwritten"), c + ": " + e.getMessage());
            }
          }
        });
  }

  /** Integers for real numbers and the other way round. */
  @TestFactory
  Stream<DynamicTest> operandsOfTheOtherType() {
    return each(
        (c, device) -> {
          for (String name : c.tensors(device).keySet()) {
            try (Scope scope = Scope.open()) {
              Map<String, Tensor> tensors = c.tensors(device);
              Tensor t = tensors.get(name);
              int[] dims = t.shape().dims();
              tensors.put(
                  name, t.type() == DType.F32 ? device.emptyInts(dims) : device.zeros(dims));
              assertSentence(
                  c + " with another type of " + name,
                  c,
                  tensors,
                  !GENERAL.contains(c.operation()));
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> operandsOnAnotherDevice() {
    return each(
        (c, device) -> {
          if (c.tensors(device).size() < 2) {
            return;
          }
          for (Device other : new Device[] {REFERENCE, VECTOR, new VectorDevice()}) {
            for (String name : c.tensors(device).keySet()) {
              if (other != device) {
                try (Scope scope = Scope.open()) {
                  Map<String, Tensor> tensors = c.tensors(device);
                  tensors.put(name, c.tensors(other).get(name));
                  assertSentence(c + " with " + name + " on another device", c, tensors, true);
                }
              }
            }
          }
        });
  }

  /** Every dimension of every operand set to zero: both devices agree, or a sentence. */
  @TestFactory
  Stream<DynamicTest> dimensionsOfZero() {
    return OperationCases.all().stream()
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.toString(),
                    () -> {
                      Map<String, Tensor> operands = c.tensors(REFERENCE);
                      for (String name : operands.keySet()) {
                        Shape shape = operands.get(name).shape();
                        for (int bits = 1; bits < 1 << shape.rank(); bits++) {
                          int[] dims = shape.dims();
                          for (int d = 0; d < dims.length; d++) {
                            dims[d] = (bits & 1 << d) == 0 ? dims[d] : 0;
                          }
                          zeroes(c, List.of(name), dims);
                          zeroes(c, sameShape(operands, shape), dims);
                        }
                      }
                    }));
  }

  private static List<String> sameShape(Map<String, Tensor> operands, Shape shape) {
    List<String> names = new ArrayList<>();
    operands.forEach(
        (name, t) -> {
          if (t.shape().equals(shape)) {
            names.add(name);
          }
        });
    return names;
  }

  private static void zeroes(OperationCase c, List<String> names, int[] dims) {
    List<double[]> results = new ArrayList<>();
    for (Device device : new Device[] {REFERENCE, VECTOR}) {
      try (Scope scope = Scope.open()) {
        Map<String, Tensor> tensors = c.tensors(device);
        for (String name : names) {
          boolean real = tensors.get(name).type() == DType.F32;
          tensors.put(name, real ? device.zeros(dims) : device.emptyInts(dims));
        }
        String what = c + " with " + names + " " + Shape.of(dims);
        results.add(assertSentence(what, c, tensors, false));
      }
    }
    double[] expected = results.get(0);
    double[] actual = results.get(1);
    assertEquals(expected == null, actual == null, c + " " + names);
    if (expected != null) {
      Closeness.assertClose(c + " " + names, expected, actual, 1e-5, 1);
    }
  }

  /** The result and the gradients of a misused operation, or null if it was refused rightly. */
  private static double[] assertSentence(
      String what, OperationCase c, Map<String, Tensor> tensors, boolean mustFail) {
    try {
      c.leaves(tensors).values().forEach(leaf -> assertNotNull(leaf));
      Tensor y = c.apply(tensors);
      if (mustFail) {
        fail(what + " was accepted: " + y);
      }
      if (y.requiresGrad()) {
        y.backward(y.device().zeros(y.shape().dims()));
      }
      return y.type() == DType.F32 ? y.toDoubles() : new double[y.size()];
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage().contains(" "), what + ": " + e.getMessage());
      return null;
    } catch (IllegalStateException e) {
      // Integers that are asked to require a gradient.
      assertTrue(e.getMessage().contains("integers"), what + ": " + e.getMessage());
      return null;
    } catch (RuntimeException e) {
      return fail(what, e);
    }
  }

  private interface Check {
    void run(OperationCase c, Device device);
  }

  /** Every function of an operation's class is used by a case, or by a method, which has one. */
  @Test
  void everyFunctionHasACase() throws IOException {
    Set<String> called = new TreeSet<>();
    List<Class<?>> callers = new ArrayList<>(MethodCases.METHODS);
    callers.add(OperationCases.class);
    for (Class<?> caller : callers) {
      try (InputStream in = caller.getResourceAsStream(caller.getSimpleName() + ".class")) {
        for (PoolEntry entry : ClassFile.of().parse(in.readAllBytes()).constantPool()) {
          if (entry instanceof MethodRefEntry) {
            MethodRefEntry method = (MethodRefEntry) entry;
            String owner = method.owner().asInternalName();
            called.add(
                owner.substring(owner.lastIndexOf('/') + 1) + "." + method.name().stringValue());
          }
        }
      }
    }
    Set<String> missing = new TreeSet<>();
    OperationCases.all().stream()
        .map(OperationCase::operation)
        .distinct()
        .flatMap(c -> Stream.of(c.getDeclaredMethods()))
        .filter(m -> Modifier.isPublic(m.getModifiers()) && m.getReturnType() == Tensor.class)
        .forEach(m -> missing.add(m.getDeclaringClass().getSimpleName() + "." + m.getName()));
    missing.removeAll(called);
    // Made without tensors, and what casts and random numbers are made of.
    missing.removeAll(
        Set.of("RandomOp.uniform", "RandomOp.normal", "RandomOp.integers", "RandomOp.permutation"));
    assertEquals(Set.of(), missing, "functions without a case");
  }

  private static List<OperationCase> withMethods() {
    List<OperationCase> cases = new ArrayList<>(OperationCases.all());
    cases.addAll(MethodCases.all());
    return cases;
  }

  private static Stream<DynamicTest> each(Check check) {
    return each(OperationCases.all(), check);
  }

  private static Stream<DynamicTest> each(List<OperationCase> cases, Check check) {
    return Stream.of(REFERENCE, VECTOR)
        .flatMap(
            device ->
                cases.stream()
                    .map(
                        c ->
                            DynamicTest.dynamicTest(
                                c + " on " + device, () -> check.run(c, device))));
  }

  /** The messages name operands, so their names must be as many as the operands. */
  @TestFactory
  Stream<DynamicTest> aReleasedResultSaysSo() {
    return Stream.of(REFERENCE, VECTOR)
        .map(
            device ->
                DynamicTest.dynamicTest(
                    device.name(),
                    () -> {
                      try (Scope scope = Scope.open()) {
                        Tensor x = device.full(2, 3).requireGrad();
                        Tensor y = x.relu();
                        Tensor z = y.sum();
                        y.close();
                        IllegalStateException e =
                            assertThrows(IllegalStateException.class, z::backward);
                        assertTrue(e.getMessage().contains("its result"), e.getMessage());
                      }
                    }));
  }
}
