/**
 * The part of TornadoVM's interface that the device {@code tornado} uses, run on the JVM: for tests
 * and debugging. It bears the name of the real module, whose place it takes.
 */
module tornado.api {
  exports uk.ac.manchester.tornado.api;
  exports uk.ac.manchester.tornado.api.common;
  exports uk.ac.manchester.tornado.api.enums;
  exports uk.ac.manchester.tornado.api.exceptions;
  exports uk.ac.manchester.tornado.api.math;
  exports uk.ac.manchester.tornado.api.runtime;
  exports uk.ac.manchester.tornado.api.types.arrays;
}
