/**
 * Labels that are made from scribbles and images before training: by random walks, by superpixels,
 * and by what a complete annotation leaves unsaid (docs/method.md, Labels made from scribbles). All
 * works on single slices, in double precision on the host, and is the same on every machine.
 */
package tangram.pclmix.label;
