/** The heterogeneous dual-decoder network. */
package tangram.pclmix.network;
