/** Convolutions 3x3 of stride 1 by Winograd's minimal filtering. */
package tangram.tensor.vector.winograd;
