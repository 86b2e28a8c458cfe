// A libcuda without a GPU, for tools/dry-run: one device of compute capability 9.0 whose memory is the host's and whose
// kernels do nothing. TornadoVM's CUDA backend then runs in full, with the real NVRTC, and what the host does can be
// measured. At the end it prints what was asked of it. No number that comes back means anything. Where DRY_RUN_CUBINS
// names a folder, it leaves the machine code of every kernel there.
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int result;
typedef void *handle;
typedef unsigned long long address;

enum { SUCCESS = 0, OUT_OF_MEMORY = 2, NOT_FOUND = 500 };

// Numbers of CUdevice_attribute.
enum {
  MAX_THREADS_PER_BLOCK = 1,
  MAX_BLOCK_DIM_X = 2,
  MAX_BLOCK_DIM_Y = 3,
  MAX_BLOCK_DIM_Z = 4,
  MAX_GRID_DIM_X = 5,
  MAX_GRID_DIM_Y = 6,
  MAX_GRID_DIM_Z = 7,
  MAX_SHARED_MEMORY_PER_BLOCK = 8,
  TOTAL_CONSTANT_MEMORY = 9,
  WARP_SIZE = 10,
  CLOCK_RATE = 13,
  MULTIPROCESSOR_COUNT = 16,
  COMPUTE_CAPABILITY_MAJOR = 75,
  COMPUTE_CAPABILITY_MINOR = 76,
};

// Larger copies are counted but not made.
static const size_t LARGEST_COPY = 1 << 20;

struct module {
  size_t bytes;
  char code[];
};

static int capturing;
static struct {
  long launches, captured, graphs, graph_launches, waits, copies_up, copies_down, modules;
  unsigned long long bytes_up, bytes_down, allocated, most_allocated;
} counts;

__attribute__((destructor)) static void print_counts(void) {
  fprintf(stderr,
          "dry run: %ld launches, %ld of them captured in %ld graphs, %ld launches of graphs, %ld waits, %ld modules, "
          "%ld copies up of %.1f MiB, %ld down of %.1f MiB, at most %.1f MiB allocated\n",
          counts.launches, counts.captured, counts.graphs, counts.graph_launches, counts.waits, counts.modules,
          counts.copies_up, counts.bytes_up / 1048576.0, counts.copies_down, counts.bytes_down / 1048576.0,
          counts.most_allocated / 1048576.0);
}

static result make(handle *made) {
  *made = calloc(1, 64);
  return *made == NULL ? OUT_OF_MEMORY : SUCCESS;
}

static result drop(handle made) {
  free(made);
  return SUCCESS;
}

static result wait_for(const char *what) {
  counts.waits++;
  // A real driver would fail here.
  if (capturing) {
    fprintf(stderr, "dry run: waits for %s while capturing\n", what);
    exit(1);
  }
  return SUCCESS;
}

result cuInit(unsigned flags) { return SUCCESS; }

// NVRTC asks for it, and does without.
result cuGetExportTable(const void **table, const void *id) { return NOT_FOUND; }

result cuDriverGetVersion(int *version) {
  *version = 13000;
  return SUCCESS;
}

result cuGetErrorString(result error, const char **text) {
  *text = "error of the dry run";
  return SUCCESS;
}

result cuGetErrorName(result error, const char **text) { return cuGetErrorString(error, text); }

// The device: an H200.
result cuDeviceGetCount(int *count) {
  *count = 1;
  return SUCCESS;
}

result cuDeviceGet(int *device, int ordinal) {
  *device = 0;
  return SUCCESS;
}

result cuDeviceGetName(char *name, int size, int device) {
  snprintf(name, size, "dry run, no GPU");
  return SUCCESS;
}

result cuDeviceTotalMem_v2(size_t *bytes, int device) {
  *bytes = (size_t)141 << 30;
  return SUCCESS;
}

result cuDeviceGetAttribute(int *value, int attribute, int device) {
  switch (attribute) {
    case COMPUTE_CAPABILITY_MAJOR: *value = 9; break;
    case COMPUTE_CAPABILITY_MINOR: *value = 0; break;
    case MULTIPROCESSOR_COUNT: *value = 132; break;
    case MAX_THREADS_PER_BLOCK:
    case MAX_BLOCK_DIM_X:
    case MAX_BLOCK_DIM_Y: *value = 1024; break;
    case MAX_BLOCK_DIM_Z: *value = 64; break;
    case MAX_GRID_DIM_X: *value = 2147483647; break;
    case MAX_GRID_DIM_Y:
    case MAX_GRID_DIM_Z: *value = 65535; break;
    case WARP_SIZE: *value = 32; break;
    case MAX_SHARED_MEMORY_PER_BLOCK: *value = 49152; break;
    case TOTAL_CONSTANT_MEMORY: *value = 65536; break;
    case CLOCK_RATE: *value = 1980000; break;
    default: *value = 1;
  }
  return SUCCESS;
}

result cuCtxCreate_v2(handle *context, unsigned flags, int device) { return make(context); }
result cuCtxCreate_v4(handle *context, handle parameters, unsigned flags, int device) { return make(context); }
result cuCtxDestroy_v2(handle context) { return drop(context); }
result cuCtxSetCurrent(handle context) { return SUCCESS; }
result cuCtxSynchronize(void) { return wait_for("the context"); }

result cuStreamCreate(handle *stream, unsigned flags) { return make(stream); }
result cuStreamCreateWithPriority(handle *stream, unsigned flags, int priority) { return make(stream); }
result cuStreamDestroy_v2(handle stream) { return drop(stream); }
result cuStreamSynchronize(handle stream) { return wait_for("a stream"); }
result cuStreamWaitEvent(handle stream, handle event, unsigned flags) { return SUCCESS; }

result cuEventCreate(handle *event, unsigned flags) { return make(event); }
result cuEventRecord(handle event, handle stream) { return SUCCESS; }
result cuEventQuery(handle event) { return SUCCESS; }
result cuEventSynchronize(handle event) { return wait_for("an event"); }
result cuEventDestroy_v2(handle event) { return drop(event); }

result cuEventElapsedTime(float *milliseconds, handle from, handle to) {
  *milliseconds = 0;
  return SUCCESS;
}

result cuEventElapsedTime_v2(float *milliseconds, handle from, handle to) {
  return cuEventElapsedTime(milliseconds, from, to);
}

result cuStreamIsCapturing(handle stream, int *status) {
  *status = capturing;
  return SUCCESS;
}

result cuStreamBeginCapture_v2(handle stream, int mode) {
  capturing = 1;
  return SUCCESS;
}

result cuStreamEndCapture(handle stream, handle *graph) {
  capturing = 0;
  counts.graphs++;
  return make(graph);
}

result cuGraphInstantiateWithFlags(handle *executable, handle graph, unsigned long long flags) {
  return make(executable);
}

result cuGraphExecUpdate_v2(handle executable, handle graph, handle information) { return SUCCESS; }

result cuGraphLaunch(handle executable, handle stream) {
  counts.graph_launches++;
  return SUCCESS;
}

result cuGraphExecDestroy(handle executable) { return drop(executable); }
result cuGraphDestroy(handle graph) { return drop(graph); }

// Its size stands before a piece of memory, which begins at a multiple of 256 bytes as the device's does.
enum { ALIGNMENT = 256 };

result cuMemAlloc_v2(address *memory, size_t bytes) {
  char *made = aligned_alloc(ALIGNMENT, ALIGNMENT + (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
  if (made == NULL) return OUT_OF_MEMORY;
  *(size_t *)made = bytes;
  *memory = (address)(made + ALIGNMENT);
  counts.allocated += bytes;
  if (counts.allocated > counts.most_allocated) counts.most_allocated = counts.allocated;
  return SUCCESS;
}

result cuMemFree_v2(address memory) {
  if (memory == 0) return SUCCESS;
  char *made = (char *)memory - ALIGNMENT;
  counts.allocated -= *(size_t *)made;
  free(made);
  return SUCCESS;
}

result cuMemAllocHost_v2(handle *memory, size_t bytes) {
  *memory = malloc(bytes);
  return *memory == NULL ? OUT_OF_MEMORY : SUCCESS;
}

result cuMemFreeHost(handle memory) { return drop(memory); }
result cuMemHostRegister_v2(handle memory, size_t bytes, unsigned flags) { return SUCCESS; }
result cuMemHostUnregister(handle memory) { return SUCCESS; }

result cuMemcpyHtoDAsync_v2(address to, const void *from, size_t bytes, handle stream) {
  counts.copies_up++;
  counts.bytes_up += bytes;
  if (bytes <= LARGEST_COPY) memcpy((void *)to, from, bytes);
  return SUCCESS;
}

result cuMemcpyDtoHAsync_v2(void *to, address from, size_t bytes, handle stream) {
  counts.copies_down++;
  counts.bytes_down += bytes;
  if (bytes <= LARGEST_COPY) memcpy(to, (void *)from, bytes);
  return SUCCESS;
}

result cuMemcpyDtoD_v2(address to, address from, size_t bytes) { return SUCCESS; }
result cuMemsetD8_v2(address to, unsigned char value, size_t bytes) { return SUCCESS; }

// A module stands for its machine code, an ELF file, whose section headers are its end.
result cuModuleLoadDataEx(handle *module, const void *image, unsigned count, handle options, handle values) {
  counts.modules++;
  const Elf64_Ehdr *header = image;
  size_t bytes = 0;
  if (memcmp(image, ELFMAG, SELFMAG) == 0) {
    size_t sections = header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
    size_t segments = header->e_phoff + (size_t)header->e_phnum * header->e_phentsize;
    bytes = sections > segments ? sections : segments;
  }
  struct module *made = malloc(sizeof(struct module) + bytes);
  if (made == NULL) return OUT_OF_MEMORY;
  made->bytes = bytes;
  memcpy(made->code, image, bytes);
  *module = made;
  return SUCCESS;
}

result cuModuleUnload(handle module) { return drop(module); }

result cuModuleGetFunction(handle *function, handle module, const char *name) {
  const struct module *of = module;
  const char *folder = getenv("DRY_RUN_CUBINS");
  if (folder != NULL && of->bytes > 0) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.cubin", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(of->code, 1, of->bytes, file) != of->bytes || fclose(file) != 0) {
      perror(path);
      exit(1);
    }
  }
  return make(function);
}

result cuLaunchKernel(handle function, unsigned x, unsigned y, unsigned z, unsigned threads_x, unsigned threads_y,
                      unsigned threads_z, unsigned shared, handle stream, void **parameters, void **extra) {
  counts.launches++;
  counts.captured += capturing;
  return SUCCESS;
}

result cuOccupancyMaxPotentialBlockSize(int *grid, int *block, handle function, handle shared, size_t dynamic,
                                        int limit) {
  *grid = 132;
  *block = 256;
  return SUCCESS;
}
