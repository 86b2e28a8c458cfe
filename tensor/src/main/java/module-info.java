/** N-dimensional arrays, automatic differentiation and the CPU devices. */
module tangram.tensor {
  requires jdk.incubator.vector;

  exports tangram.tensor;
  exports tangram.tensor.kernel;
  exports tangram.tensor.op;
  exports tangram.tensor.reference;

  uses tangram.tensor.DeviceProvider;

  provides tangram.tensor.DeviceProvider with
      tangram.tensor.reference.ReferenceDeviceProvider;
}
