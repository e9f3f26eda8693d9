// SPDX-License-Identifier: Apache-2.0
// HDF5 filter 32015: a chunk is one plain zstd frame; cd_values[0] is the level. Registered in the program
// (H5Zregister) and built as a plugin, so that h5py and h5dump read our files (HDF5_PLUGIN_PATH).
#include <H5PLextern.h>
#include <hdf5.h>
#include <stdlib.h>
#include <zstd.h>

enum { zstd_filter_id = 32015, default_level = 3 };

static size_t run_zstd(unsigned flags, size_t parameters, const unsigned cd_values[], size_t bytes, size_t* capacity,
                       void** buffer) {
  const int decompress = (flags & H5Z_FLAG_REVERSE) != 0;
  const unsigned long long content = decompress ? ZSTD_getFrameContentSize(*buffer, bytes) : ZSTD_compressBound(bytes);
  if (content == ZSTD_CONTENTSIZE_ERROR || content == ZSTD_CONTENTSIZE_UNKNOWN) return 0;
  const size_t room = content > 0 ? (size_t)content : 1;
  void* out = malloc(room);
  if (out == NULL) return 0;
  const int level = parameters > 0 ? (int)cd_values[0] : default_level;
  const size_t size =
      decompress ? ZSTD_decompress(out, room, *buffer, bytes) : ZSTD_compress(out, room, *buffer, bytes, level);
  if (ZSTD_isError(size)) {
    free(out);
    return 0;
  }
  free(*buffer);
  *buffer = out;
  *capacity = room;
  return size;
}

const H5Z_class2_t cohort_zstd_filter = {H5Z_CLASS_T_VERS, zstd_filter_id, 1, 1, "zstd", NULL, NULL, run_zstd};

H5PL_type_t H5PLget_plugin_type(void) {
  return H5PL_TYPE_FILTER;
}
const void* H5PLget_plugin_info(void) {
  return &cohort_zstd_filter;
}
