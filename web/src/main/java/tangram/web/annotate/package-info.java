/** Scans are drawn on, and a network learns from it: the session, its files and its server. */
package tangram.web.annotate;
