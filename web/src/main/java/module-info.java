/** Pages for browsers on this machine: the page of a run, and the one to annotate scans on. */
module tangram.web {
  requires transitive com.fasterxml.jackson.databind;
  requires transitive tangram.pclmix;
  requires jdk.httpserver;

  exports tangram.web.annotate;
  exports tangram.web.http;
  exports tangram.web.live;
}
