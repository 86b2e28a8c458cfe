// Writes the slice that files.py describes in the forms of HDF5 1.14 and 2.0, which an older h5py
// cannot. Needs h5wasm 0.10.3 (HDF5 2.0.0). Run: node tools/hdf5/latest.mjs
import { writeFileSync } from "node:fs";
import h5wasm from "h5wasm/node";

const folder = new URL(
  "../../pclmix/src/test/resources/tangram/pclmix/data/hdf5/", import.meta.url);
const { FS } = await h5wasm.ready;
const index = Array.from({ length: 120 }, (_, i) => i);
for (const version of ["v114", "v200"]) {
  const file = new h5wasm.File("slice.h5", "w", { libver: [version, version] });
  const how = { shape: [12, 10], chunks: [5, 4], maxshape: [12, null], compression: "gzip" };
  const image = Float32Array.from(index, (i) => i / 7);
  file.create_dataset({ name: "image", data: image, dtype: "<f", ...how });
  const scribble = Uint8Array.from(index, (i) => i % 5);
  file.create_dataset({ name: "scribble", data: scribble, dtype: "<B", ...how, maxshape: [40, 30] });
  const label = Int16Array.from(index, (i) => i % 4);
  file.create_dataset({ name: "label", data: label, dtype: "<h", shape: [12, 10] });
  file.close();
  writeFileSync(new URL(version + ".h5", folder), FS.readFile("slice.h5"));
  FS.unlink("slice.h5");
}
