package tangram.tornado;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;

/**
 * Tells TornadoVM that kernels have no annotated loops. By default it looks into the class file of
 * every method for that, and kernels of formulas ({@link FormulaCompiler}) have none.
 *
 * <p>TornadoVM takes a class by its name. Ours is written at run time, since its interface belongs
 * to TornadoVM's runtime, which is not among what this module is compiled against.
 */
final class KernelAnnotations {
  private static final String SETTING = "tornado.load.annotation.implementation";
  private static final String RUNTIME = "uk.ac.manchester.tornado.runtime";
  private static final ClassDesc PROVIDER = ClassDesc.of(RUNTIME, "ASMClassVisitorProvider");
  private static final ClassDesc ANNOTATION =
      ClassDesc.of(RUNTIME + ".common", "ParallelAnnotationProvider");
  private static final ClassDesc METHOD = ClassDesc.of("jdk.vm.ci.meta", "ResolvedJavaMethod");
  private static final ClassDesc NONE =
      ClassDesc.of(KernelAnnotations.class.getPackageName(), "NoKernelAnnotations");

  private static boolean told;

  private KernelAnnotations() {}

  /** Tells it, once, before TornadoVM's runtime starts; the simulator does not ask. */
  static synchronized void none() {
    if (told || ModuleLayer.boot().findModule("tornado.runtime").isEmpty()) {
      return;
    }
    byte[] bytes =
        ClassFile.of()
            .build(
                NONE,
                c -> {
                  c.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL)
                      .withInterfaceSymbols(PROVIDER);
                  c.withMethodBody(
                      "<init>",
                      MTD_void,
                      ClassFile.ACC_PUBLIC,
                      b -> b.aload(0).invokespecial(CD_Object, "<init>", MTD_void).return_());
                  c.withMethodBody(
                      "getParallelAnnotations",
                      MethodTypeDesc.of(ANNOTATION.arrayType(), METHOD),
                      ClassFile.ACC_PUBLIC,
                      b -> b.iconst_0().anewarray(ANNOTATION).areturn());
                });
    try {
      System.setProperty(SETTING, MethodHandles.lookup().defineClass(bytes).getName());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("a generated class cannot be loaded", e);
    }
    told = true;
  }
}
