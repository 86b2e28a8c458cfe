package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.GradientCheck;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.op.MapOp;
import tangram.tensor.reference.ReferenceDevice;

/** The operations on the reference: their gradients, and that each has an entry in the suite. */
class OperationGradientsTest {
  private static final Device DEVICE = new ReferenceDevice();

  @Test
  void everyOperationHasACase() throws IOException, URISyntaxException, ClassNotFoundException {
    Path classes = Path.of(MapOp.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    String name = MapOp.class.getPackageName();
    Set<String> operations = new TreeSet<>();
    try (Stream<Path> files = Files.list(classes.resolve(name.replace('.', '/')))) {
      for (Path file : files.collect(Collectors.toList())) {
        String simple = file.getFileName().toString().replace(".class", "");
        Class<?> type = Class.forName(name + "." + simple);
        if (Modifier.isPublic(type.getModifiers())
            && type.getEnclosingClass() == null
            && simple.endsWith("Op")) {
          operations.add(simple);
        }
      }
    }
    assertTrue(operations.contains("ConvOp"), "found only " + operations);
    Set<String> covered =
        OperationCases.all().stream()
            .map(c -> c.operation().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(operations, covered, "operations and those with an entry in OperationCases");
  }

  @TestFactory
  Stream<DynamicTest> gradientsAgreeWithCentralDifferences() {
    return differentiable(
        c -> {
          Map<String, Tensor> tensors = c.tensors(DEVICE);
          Map<String, Tensor> leaves = c.leaves(tensors);
          GradientCheck.check(c.toString(), leaves, () -> c.apply(tensors));
        });
  }

  /** A gradient must not depend on which other inputs want one. */
  @TestFactory
  Stream<DynamicTest> everyInputAlone() {
    return differentiable(
        c -> {
          Map<String, Tensor> together = c.tensors(DEVICE);
          Map<String, Tensor> leaves = c.leaves(together);
          backward(c, together);
          for (String name : leaves.keySet()) {
            Map<String, Tensor> alone = c.tensors(DEVICE);
            alone.get(name).requireGrad();
            backward(c, alone);
            assertArrayEquals(
                leaves.get(name).grad().toDoubles(),
                alone.get(name).grad().toDoubles(),
                c + ": " + name);
          }
        });
  }

  /** Without recording nothing but the result stays; with it, backward returns the memory. */
  @TestFactory
  Stream<DynamicTest> memoryIsReturned() {
    return differentiable(
        c -> {
          // Memory of its own: what other cases left is collected at any time.
          Device device = new ReferenceDevice();
          Map<String, Tensor> tensors = c.tensors(device);
          Map<String, Tensor> leaves = c.leaves(tensors);
          // What an operation keeps for a shape is made by the first call.
          try (Autograd.Guard guard = Autograd.noGrad()) {
            c.apply(tensors).close();
          }
          long before = device.usedBytes();
          try (Autograd.Guard guard = Autograd.noGrad()) {
            Tensor y = c.apply(tensors);
            assertFalse(y.requiresGrad());
            y.close();
          }
          assertEquals(before, device.usedBytes(), "after the forward pass alone");
          backward(c, tensors);
          leaves.values().forEach(leaf -> leaf.grad().close());
          assertEquals(before, device.usedBytes(), "after forward and backward");
        });
  }

  private static void backward(OperationCase c, Map<String, Tensor> tensors) {
    Tensor y = c.apply(tensors);
    try (Tensor seed = y.device().tensor(KernelContract.normal(99, y.size()), y.shape().dims())) {
      y.backward(seed);
    }
    y.close();
  }

  private interface Check {
    void run(OperationCase c);
  }

  private static Stream<DynamicTest> differentiable(Check check) {
    return OperationCases.all().stream()
        .filter(OperationCase::isDifferentiable)
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.toString(),
                    () -> {
                      try (Scope scope = Scope.open()) {
                        check.run(c);
                      }
                    }));
  }
}
