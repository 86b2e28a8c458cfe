package uk.ac.manchester.tornado.api.types.arrays;

/** Is told of every access to an array. */
public interface AccessTracker {
  /** Does nothing. */
  AccessTracker NONE =
      new AccessTracker() {
        @Override
        public void read(TornadoNativeArray array, int index) {}

        @Override
        public void write(TornadoNativeArray array, int index) {}
      };

  /** An element is about to be read. */
  void read(TornadoNativeArray array, int index);

  /** An element is about to be written. */
  void write(TornadoNativeArray array, int index);
}
