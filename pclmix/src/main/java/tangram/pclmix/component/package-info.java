/**
 * Connected components of class volumes, and filters that keep those of a heart (docs/method.md,
 * Islands).
 */
package tangram.pclmix.component;
