/** The HTTP server of this machine: loopback only, suspicious of every request. */
package tangram.web.http;
