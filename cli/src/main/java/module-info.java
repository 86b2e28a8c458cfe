/** The command line. */
module tangram.cli {
  requires tangram.onnx;
  requires tangram.pclmix;
  requires tangram.web;
  requires info.picocli;
  requires java.desktop;
  requires java.management;
  requires jdk.management;
  requires jdk.unsupported;

  opens tangram.cli to
      info.picocli;
}
