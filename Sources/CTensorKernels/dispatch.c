#include "dispatch.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

int tensor_has_level(tensor_level level) {
    switch (level) {
    case tensor_portable: return 1;
#if defined(__x86_64__)
    case tensor_avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case tensor_avx512:
        return tensor_has_level(tensor_avx2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vl");
    case tensor_avx512_vnni: return tensor_has_level(tensor_avx512) && __builtin_cpu_supports("avx512vnni");
    case tensor_avx512_bfloat: return tensor_has_level(tensor_avx512_vnni) && __builtin_cpu_supports("avx512bf16");
#elif defined(__aarch64__)
    case tensor_neon: return 1;
#if defined(__linux__)
    case tensor_neon_dot: return (getauxval(AT_HWCAP) >> 20 & 1) != 0;  // HWCAP_ASIMDDP
#endif
#endif
    default: return 0;
    }
}

tensor_level tensor_best_level(void) {
#if defined(__x86_64__)
    for (tensor_level level = tensor_avx512_bfloat; level > tensor_portable; level--)
        if (tensor_has_level(level)) return level;
    return tensor_portable;
#elif defined(__aarch64__)
    return tensor_has_level(tensor_neon_dot) ? tensor_neon_dot : tensor_neon;
#else
    return tensor_portable;
#endif
}

const struct tile_kernel *tile_kernel_of(tensor_level level, tensor_format format) {
#if defined(__x86_64__)
    if (level >= tensor_avx512_bfloat && bfloat_kernels[format].rows) return bfloat_kernels + format;
    if (level >= tensor_avx512_vnni && vnni_kernels[format].rows) return vnni_kernels + format;
    if (level >= tensor_avx512) return avx512_kernels + format;
    if (level >= tensor_avx2) return avx2_kernels + format;
#elif defined(__aarch64__)
    if (level >= tensor_neon_dot && neon_dot_kernels[format].rows) return neon_dot_kernels + format;
    if (level >= tensor_neon) return neon_kernels + format;
#endif
    return portable_kernels + format;
}

const struct weight_packing *weight_packing_of(tensor_level level) {
#if defined(__x86_64__)
    if (level >= tensor_avx512) return &avx512_packing;
    if (level >= tensor_avx2) return &avx2_packing;
#elif defined(__aarch64__)
    if (level >= tensor_neon) return &neon_packing;
#endif
    return &portable_packing;
}
