/** The device {@code tornado}: kernels and task graphs for GPUs through TornadoVM. */
module tangram.tornado {
  requires tangram.tensor;
  // Present only where the user has TornadoVM.
  requires static tornado.api;

  // TornadoVM reads the kernels' bytecode and finds their methods by reflection.
  exports tangram.tornado;

  opens tangram.tornado;

  provides tangram.tensor.DeviceProvider with
      tangram.tornado.TornadoDeviceProvider;
}
