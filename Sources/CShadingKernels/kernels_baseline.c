#define TABLE shading_kernels_baseline
#include "kernels.h"
