"""Writes small HDF5 files of one slice each, stored in every way that Hdf5Reader reads, and, under
refused, in some that it does not.

They are what `Hdf5FuzzTest` damages and `Hdf5ReaderTest` reads, in
pclmix/src/test/resources/tangram/pclmix/data/hdf5. Every file holds

    image     [12, 10], image[y, x] = (10 y + x) / 7
    scribble  [12, 10], (10 y + x) modulo 5
    label     [12, 10], (10 y + x) modulo 4

Files under sparse hold the image whole, but only the first chunk of scribble and label: elsewhere
these are their fill values, 4 and 0.

Needs h5py (3.16 with HDF5 2.0, and 3.7 with HDF5 1.10 were used). Run: python3 tools/hdf5/files.py
latest.mjs writes two more, in the forms of HDF5 1.14 and 2.0.
"""

import pathlib

import h5py
import numpy as np

SHAPE = (12, 10)
FOLDER = pathlib.Path(__file__).parents[2] / "pclmix/src/test/resources/tangram/pclmix/data/hdf5"

index = np.arange(120).reshape(SHAPE)
image = index / 7.0
scribble = index % 5
label = index % 4


def write(name, types, libver, userblock=0, also=None, **storage):
    with h5py.File(FOLDER / name, "w", libver=libver, userblock_size=userblock) as f:
        for key, values, dtype in zip(("image", "scribble", "label"), (image, scribble, label), types):
            f.create_dataset(key, data=values.astype(dtype), **storage)
        if also:
            also(f)


def write_low(name, types, libver, change):
    """With a property that h5py offers in its low-level interface only."""
    with h5py.File(FOLDER / name, "w", libver=libver) as f:
        for key, values, dtype in zip(("image", "scribble", "label"), (image, scribble, label), types):
            properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            properties.set_obj_track_times(False)
            change(properties)
            data = np.ascontiguousarray(values.astype(dtype))
            dataset = h5py.h5d.create(
                f.id, key.encode(), h5py.h5t.py_create(data.dtype), h5py.h5s.create_simple(SHAPE), properties
            )
            dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, data)


def compact(properties):
    properties.set_layout(h5py.h5d.COMPACT)


def implicit(properties):
    properties.set_chunk((5, 4))
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)


def write_sparse(name, libver, **storage):
    """Only the first chunk of scribble and label."""
    with h5py.File(FOLDER / "sparse" / name, "w", libver=libver) as f:
        f.create_dataset("image", data=image.astype("f4"), **storage)
        for key, values, fill in (("scribble", scribble, 4), ("label", label, 0)):
            d = f.create_dataset(key, shape=SHAPE, dtype="u1", fillvalue=fill, **storage)
            d[:5, :4] = values[:5, :4]


def write_changed(name, libver, before, after, maxshape, **storage):
    """Datasets that had another size before."""
    with h5py.File(FOLDER / name, "w", libver=libver) as f:
        for key, values, dtype in zip(("image", "scribble", "label"), (image, scribble, label), MIXED):
            d = f.create_dataset(key, before, dtype, chunks=(5, 4), maxshape=maxshape, **storage)
            d[...] = 1
            d.resize(after)
            d[...] = values.astype(dtype)


def not_packed(f):
    """A chunk of the image to which the filters were not applied."""
    del f["image"]
    d = f.create_dataset("image", SHAPE, "f4", chunks=(5, 4), compression="gzip", shuffle=True)
    d.id.write_direct_chunk((0, 0), image[:5, :4].astype("f4").tobytes(), filter_mask=3)
    d[:5, 4:] = image[:5, 4:]
    d[5:] = image[5:]


def committed(f):
    f["type"] = np.dtype(">u2")
    del f["label"]
    f.create_dataset("label", data=label, dtype=f["type"])


def links(kind):
    def replace(f):
        f["elsewhere"] = f["image"][()]
        del f["image"]
        f["image"] = h5py.SoftLink("/elsewhere") if kind == "soft" else h5py.ExternalLink("b.h5", "/image")

    return replace


def grouped(f):
    f["group/image"] = f["image"][()]
    del f["image"]


def virtual(f):
    layout = h5py.VirtualLayout(SHAPE, "f4")
    layout[...] = h5py.VirtualSource("other.h5", "image", SHAPE)
    del f["image"]
    f.create_virtual_dataset("image", layout)


def dense_links(f):
    for i in range(9):
        f.create_dataset(f"more{i}", data=i)


def volume_with_dense_attributes(f):
    for key in ("image", "scribble", "label"):
        data = f[key][()][np.newaxis]
        del f[key]
        f.create_dataset(key, data=data)
    for i in range(9):
        f["image"].attrs[f"more{i}"] = i


for folder in ("refused", "sparse"):
    (FOLDER / folder).mkdir(parents=True, exist_ok=True)
MIXED = ("f4", "u2", "u1")
write("contiguous-old.h5", (">f4", ">i2", "i1"), "earliest")
write("contiguous-new.h5", ("f8", "u8", "i8"), "v110")
write("chunked-old.h5", MIXED, "earliest", chunks=(5, 4), compression="gzip", shuffle=True, fletcher32=True)
write("one-chunk-old.h5", MIXED, "earliest", chunks=SHAPE, compression="gzip")
write("unfiltered-old.h5", ("f2", ">u4", "i4"), "earliest", chunks=(12, 3))
write("growing-old.h5", MIXED, "earliest", chunks=(5, 4), maxshape=(None, None), compression="gzip")
write("user-block.h5", MIXED, "earliest", userblock=512)
write("one-chunk-new.h5", MIXED, "v110", chunks=SHAPE, compression="gzip", fletcher32=True)
write("fixed-array-new.h5", MIXED, "v110", chunks=(5, 4), compression="gzip", shuffle=True)
write("unfiltered-new.h5", MIXED, "v110", chunks=(5, 4))
write("growing-new.h5", MIXED, "v110", chunks=(5, 4), maxshape=(None, 10))
write("growing-twice-new.h5", MIXED, "v110", chunks=(5, 4), maxshape=(None, None), compression="gzip")
write_low("compact-old.h5", MIXED, "earliest", compact)
write_low("implicit-new.h5", MIXED, "v110", implicit)
write("checksum-old.h5", MIXED, "earliest", chunks=SHAPE, fletcher32=True)
write("refused/lzf.h5", MIXED, "earliest", chunks=SHAPE, compression="lzf")
write("refused/dense-links.h5", MIXED, "v110", also=dense_links)
write("refused/dense-attributes.h5", MIXED, "v110", also=volume_with_dense_attributes)
write("growing-second-new.h5", MIXED, "v110", chunks=(5, 4), maxshape=(12, None), compression="gzip")
write("growing-limited-new.h5", MIXED, "v110", chunks=(5, 4), maxshape=(40, 30), shuffle=True)
write("not-packed-new.h5", MIXED, "v110", chunks=(5, 4), compression="gzip", shuffle=True, also=not_packed)
write("committed-type.h5", MIXED, "earliest", also=committed)
write_changed("shrunk-new.h5", "v110", (17, 16), SHAPE, (17, None))
write_changed("grown-old.h5", "earliest", (3, 4), SHAPE, (None, 10), compression="gzip")
for form in ("earliest", "v110"):
    write_sparse(f"tree-{form}.h5", form, chunks=(5, 4), maxshape=(None, None), compression="gzip")
write_sparse("fixed-array.h5", "v110", chunks=(5, 4), maxshape=(40, 30))
write_sparse("extensible-array.h5", "v110", chunks=(5, 4), maxshape=(12, None))
write("refused/soft-link.h5", MIXED, "earliest", also=links("soft"))
write("refused/external-link.h5", MIXED, "v110", also=links("external"))
write("refused/grouped.h5", MIXED, "earliest", also=grouped)
write("refused/virtual.h5", MIXED, "v110", also=virtual)
