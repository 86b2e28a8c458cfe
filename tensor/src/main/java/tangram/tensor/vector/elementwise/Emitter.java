package tangram.tensor.vector.elementwise;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.function.Consumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorSpecies;

/** What generated loops have in common. */
abstract class Emitter {
  static final ClassDesc VECTOR = ClassDesc.of(FloatVector.class.getName());
  static final ClassDesc ANY_VECTOR = ClassDesc.of(Vector.class.getName());
  static final ClassDesc SPECIES = ClassDesc.of(VectorSpecies.class.getName());
  static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
  static final ClassDesc FLOATS = CD_float.arrayType();
  static final MethodTypeDesc V_ANY = MethodTypeDesc.of(VECTOR, ANY_VECTOR);
  static final MethodTypeDesc FROM_ARRAY = MethodTypeDesc.of(VECTOR, SPECIES, FLOATS, CD_int);
  static final MethodTypeDesc INTO_ARRAY = MethodTypeDesc.of(CD_void, FLOATS, CD_int);
  private static final MethodTypeDesc BROADCAST = MethodTypeDesc.of(VECTOR, SPECIES, CD_float);

  final CodeBuilder code;

  Emitter(CodeBuilder code) {
    this.code = code;
  }

  /** An object of a new class whose body of an interface's one method is written by run. */
  static Object define(Class<?> implemented, Consumer<CodeBuilder> run) {
    ClassDesc name = ClassDesc.of(Emitter.class.getPackageName(), "GeneratedLoop");
    Method method = implemented.getMethods()[0];
    MethodTypeDesc type =
        MethodType.methodType(method.getReturnType(), method.getParameterTypes())
            .describeConstable()
            .orElseThrow();
    byte[] bytes =
        ClassFile.of()
            .build(
                name,
                c -> {
                  c.withInterfaceSymbols(ClassDesc.of(implemented.getName()));
                  c.withMethodBody(
                      "<init>",
                      MethodTypeDesc.of(CD_void),
                      ClassFile.ACC_PUBLIC,
                      b ->
                          b.aload(0)
                              .invokespecial(CD_Object, "<init>", MethodTypeDesc.of(CD_void))
                              .return_());
                  c.withMethodBody(method.getName(), type, ClassFile.ACC_PUBLIC, run::accept);
                });
    try {
      Class<?> hidden = MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
      return hidden.getDeclaredConstructor().newInstance();
    } catch (IllegalAccessException
        | InstantiationException
        | NoSuchMethodException
        | InvocationTargetException e) {
      throw new IllegalStateException("a generated class cannot be loaded", e);
    }
  }

  /** A loop that is left before the body. */
  final void loop(Consumer<Label> leave, Runnable body) {
    Label top = code.newLabel();
    Label out = code.newLabel();
    code.labelBinding(top);
    leave.accept(out);
    body.run();
    code.goto_(top);
    code.labelBinding(out);
  }

  final void species() {
    code.getstatic(VECTOR, "SPECIES_PREFERRED", SPECIES);
  }

  /** Fills a vector with a constant. */
  final void spread(float value, int vector) {
    species();
    code.loadConstant(value).invokestatic(VECTOR, "broadcast", BROADCAST).astore(vector);
  }

  /** Fills a vector with a number. */
  final void spread(int scalar, int vector) {
    species();
    code.fload(scalar).invokestatic(VECTOR, "broadcast", BROADCAST).astore(vector);
  }

  /** Pushes the number of lanes. */
  final void lanes() {
    species();
    code.invokeinterface(SPECIES, "length", MethodTypeDesc.of(CD_int));
  }
}
