#define TABLE convolution_kernels_baseline
#define SUMS 3
#include "kernels.h"
