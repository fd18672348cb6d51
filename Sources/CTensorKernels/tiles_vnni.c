// The kernels for AVX-512 with dot products of bytes (VNNI).
#if defined(__x86_64__)
#include "avx512.h"

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")))

#define WHOLE_NUMBERS
#define DOT_WORDS 1
#define words_dot(sum, weights, x) _mm512_dpbusd_epi32(sum, weights, (x)[0])

#include "tiles.h"

const struct tile_kernel vnni_kernels[tensor_formats] = {
    [tensor_int8] = {ROWS, DOT_WORDS, pack_int8, product_int8, NULL, NULL, 0},
    [tensor_int4] = {ROWS, DOT_WORDS, pack_int4, product_int4, product_widened, widen_int4, widened_int4_bytes},
};
#endif
