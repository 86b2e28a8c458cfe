/** The command line. */
module tangram.cli {
  requires tangram.pclmix;
  requires info.picocli;
}
