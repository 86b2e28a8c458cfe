package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.InterfaceMethodRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tangram.tensor.kernel.Kernels;

/** No kernel goes without its contract: every kernel method is called by one of these classes. */
class KernelCoverageTest {
  private static final List<Class<?>> CONTRACTS =
      List.of(
          LinearAlgebraContract.class,
          ConvolutionContract.class,
          ResamplingContract.class,
          AttentionContract.class,
          MapsContract.class,
          IndexingContract.class);

  @Test
  void everyKernelIsCalled() throws IOException {
    Set<String> called = new TreeSet<>();
    for (Class<?> contract : CONTRACTS) {
      String file = contract.getSimpleName() + ".class";
      try (InputStream in = contract.getResourceAsStream(file)) {
        ClassModel model = ClassFile.of().parse(in.readAllBytes());
        for (PoolEntry entry : model.constantPool()) {
          if (entry instanceof InterfaceMethodRefEntry) {
            InterfaceMethodRefEntry method = (InterfaceMethodRefEntry) entry;
            called.add(
                method.owner().asInternalName().replace('/', '.')
                    + "."
                    + method.name().stringValue());
          }
        }
      }
    }
    Set<String> missing = new TreeSet<>();
    for (RecordComponent family : Kernels.class.getRecordComponents()) {
      for (Method kernel : family.getType().getMethods()) {
        missing.add(family.getType().getName() + "." + kernel.getName());
      }
    }
    missing.removeAll(called);
    assertEquals(Set.of(), missing, "kernels without a contract");
  }
}
