/** N-dimensional arrays, automatic differentiation and the CPU devices. */
module tangram.tensor {
  requires jdk.incubator.vector;

  exports tangram.tensor;
  exports tangram.tensor.expr;
  exports tangram.tensor.kernel;
  exports tangram.tensor.op;
  exports tangram.tensor.reference;
  exports tangram.tensor.vector;

  uses tangram.tensor.DeviceProvider;

  provides tangram.tensor.DeviceProvider with
      tangram.tensor.reference.ReferenceDeviceProvider,
      tangram.tensor.vector.VectorDeviceProvider;
}
