// oneDNN 2.6's C API, loaded when it is first called, and what Swift cannot import of it: function-like
// macros and casts.
//
// Loading the library and libgomp takes a tenth of the studio's start, and most sessions never run a
// network. libgomp also reads OMP_WAIT_POLICY and GOMP_SPINCOUNT while it is loaded: the program can still
// set them.
#pragma once

#include <cpuid.h>
#include <dnnl.h>

static const int chiaro_arg_src = DNNL_ARG_SRC;
static const int chiaro_arg_weights = DNNL_ARG_WEIGHTS;
static const int chiaro_arg_bias = DNNL_ARG_BIAS;
static const int chiaro_arg_dst = DNNL_ARG_DST;
static const int chiaro_arg_scratchpad = DNNL_ARG_SCRATCHPAD;
static const int chiaro_arg_from = DNNL_ARG_FROM;
static const int chiaro_arg_to = DNNL_ARG_TO;

// Why oneDNN cannot be used; NULL when it is loaded, which the first call does. Without it, functions
// that return a status return dnnl_runtime_error and the others do nothing.
const char *chiaro_onednn_failure(void);

// The parts of libgomp that oneDNN itself runs on: our own kernels share its threads instead of keeping
// a second pool. Declared here because <omp.h> lives in a compiler's private folder, and GOMP_parallel,
// the stable entry behind `#pragma omp parallel`, has no header at all.
void omp_set_num_threads(int count);
int omp_get_num_threads(void);
int omp_get_thread_num(void);
void GOMP_parallel(void (*body)(void *), void *context, unsigned threads, unsigned flags);

// Whether the processor is AMD's.
static inline int chiaro_cpu_is_amd(void) {
  unsigned a, b, c, d;
  // "Auth" of "AuthenticAMD".
  return __get_cpuid(0, &a, &b, &c, &d) && b == 0x68747541;
}
