#include "onednn.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#define TEXT(number) #number
#define SONAME(version) "libdnnl.so." TEXT(version)

// Functions of oneDNN that return a status: name, parameters, arguments.
#define STATUS_FUNCTIONS(X)                                                                        \
  X(dnnl_engine_create, (dnnl_engine_t *engine, dnnl_engine_kind_t kind, size_t index),            \
    (engine, kind, index))                                                                         \
  X(dnnl_engine_destroy, (dnnl_engine_t engine), (engine))                                         \
  X(dnnl_stream_create, (dnnl_stream_t *stream, dnnl_engine_t engine, unsigned flags),             \
    (stream, engine, flags))                                                                       \
  X(dnnl_stream_wait, (dnnl_stream_t stream), (stream))                                            \
  X(dnnl_stream_destroy, (dnnl_stream_t stream), (stream))                                         \
  X(dnnl_memory_desc_init_by_tag,                                                                  \
    (dnnl_memory_desc_t *description, int dimensions, const dnnl_dims_t extents,                   \
     dnnl_data_type_t type, dnnl_format_tag_t tag),                                                \
    (description, dimensions, extents, type, tag))                                                 \
  X(dnnl_memory_create,                                                                            \
    (dnnl_memory_t *memory, const dnnl_memory_desc_t *description, dnnl_engine_t engine,           \
     void *handle),                                                                                \
    (memory, description, engine, handle))                                                         \
  X(dnnl_memory_get_memory_desc,                                                                   \
    (const_dnnl_memory_t memory, const dnnl_memory_desc_t **description), (memory, description))   \
  X(dnnl_memory_set_data_handle, (dnnl_memory_t memory, void *handle), (memory, handle))           \
  X(dnnl_memory_destroy, (dnnl_memory_t memory), (memory))                                         \
  X(dnnl_post_ops_create, (dnnl_post_ops_t *operations), (operations))                             \
  X(dnnl_post_ops_append_eltwise,                                                                  \
    (dnnl_post_ops_t operations, float scale, dnnl_alg_kind_t kind, float alpha, float beta),      \
    (operations, scale, kind, alpha, beta))                                                        \
  X(dnnl_post_ops_destroy, (dnnl_post_ops_t operations), (operations))                             \
  X(dnnl_primitive_attr_create, (dnnl_primitive_attr_t *attributes), (attributes))                 \
  X(dnnl_primitive_attr_set_post_ops,                                                              \
    (dnnl_primitive_attr_t attributes, const_dnnl_post_ops_t operations),                          \
    (attributes, operations))                                                                      \
  X(dnnl_primitive_attr_set_scratchpad_mode,                                                       \
    (dnnl_primitive_attr_t attributes, dnnl_scratchpad_mode_t mode), (attributes, mode))           \
  X(dnnl_primitive_attr_destroy, (dnnl_primitive_attr_t attributes), (attributes))                 \
  X(dnnl_dilated_convolution_forward_desc_init,                                                    \
    (dnnl_convolution_desc_t *description, dnnl_prop_kind_t propagation, dnnl_alg_kind_t kind,     \
     const dnnl_memory_desc_t *src, const dnnl_memory_desc_t *weights,                             \
     const dnnl_memory_desc_t *bias, const dnnl_memory_desc_t *dst, const dnnl_dims_t strides,     \
     const dnnl_dims_t dilations, const dnnl_dims_t left, const dnnl_dims_t right),                \
    (description, propagation, kind, src, weights, bias, dst, strides, dilations, left, right))    \
  X(dnnl_reorder_primitive_desc_create,                                                            \
    (dnnl_primitive_desc_t *description, const dnnl_memory_desc_t *src, dnnl_engine_t src_engine,  \
     const dnnl_memory_desc_t *dst, dnnl_engine_t dst_engine,                                      \
     const_dnnl_primitive_attr_t attributes),                                                      \
    (description, src, src_engine, dst, dst_engine, attributes))                                   \
  X(dnnl_primitive_desc_create,                                                                    \
    (dnnl_primitive_desc_t *description, const_dnnl_op_desc_t operation,                           \
     const_dnnl_primitive_attr_t attributes, dnnl_engine_t engine,                                 \
     const_dnnl_primitive_desc_t hint),                                                            \
    (description, operation, attributes, engine, hint))                                            \
  X(dnnl_primitive_desc_query,                                                                     \
    (const_dnnl_primitive_desc_t description, dnnl_query_t what, int index, void *result),         \
    (description, what, index, result))                                                            \
  X(dnnl_primitive_desc_destroy, (dnnl_primitive_desc_t description), (description))               \
  X(dnnl_primitive_create,                                                                         \
    (dnnl_primitive_t *primitive, const_dnnl_primitive_desc_t description),                        \
    (primitive, description))                                                                      \
  X(dnnl_primitive_execute,                                                                        \
    (const_dnnl_primitive_t primitive, dnnl_stream_t stream, int count,                            \
     const dnnl_exec_arg_t *arguments),                                                            \
    (primitive, stream, count, arguments))                                                         \
  X(dnnl_primitive_destroy, (dnnl_primitive_t primitive), (primitive))

// The other functions: result, name, parameters, arguments, result without the library.
#define OTHER_FUNCTIONS(X)                                                                         \
  X(const dnnl_version_t *, dnnl_version, (void), (), NULL)                                        \
  X(dnnl_cpu_isa_t, dnnl_get_effective_cpu_isa, (void), (), (dnnl_cpu_isa_t)0)                     \
  X(size_t, dnnl_memory_desc_get_size, (const dnnl_memory_desc_t *description), (description), 0)  \
  X(int, dnnl_memory_desc_equal,                                                                   \
    (const dnnl_memory_desc_t *left, const dnnl_memory_desc_t *right), (left, right), 0)           \
  X(const dnnl_memory_desc_t *, dnnl_primitive_desc_query_md,                                      \
    (const_dnnl_primitive_desc_t description, dnnl_query_t what, int index),                       \
    (description, what, index), NULL)                                                              \
  X(void, omp_set_num_threads, (int count), (count), (void)0)                                      \
  X(int, omp_get_num_threads, (void), (), 1)                                                       \
  X(int, omp_get_thread_num, (void), (), 0)                                                        \
  X(void, GOMP_parallel,                                                                           \
    (void (*body)(void *), void *context, unsigned threads, unsigned flags),                       \
    (body, context, threads, flags), body(context))

// Pointers to the library's functions, each with the type of its declaration.
#define STATUS_POINTER(name, parameters, arguments) __typeof__(&name) name;
#define OTHER_POINTER(result, name, parameters, arguments, otherwise) __typeof__(&name) name;
static struct {
  STATUS_FUNCTIONS(STATUS_POINTER)
  OTHER_FUNCTIONS(OTHER_POINTER)
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char failure[256];

// Looks in the library and in those it needs, which is where libgomp comes from.
static void find(void *handle, const char *name, void *pointer) {
  void *address = dlsym(handle, name);
  if (!address && !failure[0]) snprintf(failure, sizeof failure, "%s", dlerror());
  *(void **)pointer = address;
}

static void load(void) {
  void *handle = dlopen(SONAME(DNNL_VERSION_MAJOR), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    snprintf(failure, sizeof failure, "%s", dlerror());
    return;
  }
#define FIND_STATUS(name, parameters, arguments) find(handle, #name, &library.name);
#define FIND_OTHER(result, name, parameters, arguments, otherwise) \
  find(handle, #name, &library.name);
  STATUS_FUNCTIONS(FIND_STATUS)
  OTHER_FUNCTIONS(FIND_OTHER)
}

const char *chiaro_onednn_failure(void) {
  pthread_once(&once, load);
  return failure[0] ? failure : NULL;
}

#define CALL_STATUS(name, parameters, arguments)                                           \
  dnnl_status_t name parameters {                                                          \
    return chiaro_onednn_failure() ? dnnl_runtime_error : library.name arguments;          \
  }
#define CALL_OTHER(result, name, parameters, arguments, otherwise) \
  result name parameters { return chiaro_onednn_failure() ? otherwise : library.name arguments; }
STATUS_FUNCTIONS(CALL_STATUS)
OTHER_FUNCTIONS(CALL_OTHER)
