#pragma once
#include <cblas.h>

/// One thread a product: the fleet runs one task a core, and a pool inside BLAS would fight with it.
static inline void mvfleet_blas_use_one_thread(void) { openblas_set_num_threads(1); }
