package uk.ac.manchester.tornado.api.enums;

/** What TornadoVM compiles for. */
public enum TornadoVMBackendType {
  /** OpenCL C. */
  OPENCL,
  /** CUDA C. */
  CUDA
}
