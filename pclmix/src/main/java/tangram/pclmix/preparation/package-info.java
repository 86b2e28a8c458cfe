/**
 * Prepares data sets: from the NIfTI files in which ACDC and its scribbles are published to the
 * HDF5 files that training reads, with a manifest that tells where every file came from.
 */
package tangram.pclmix.preparation;
