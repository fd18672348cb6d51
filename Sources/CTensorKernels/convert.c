#include "convert.h"

#include <string.h>

#include "bfloat.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Compiled several times where that pays; the loader takes the version that the processor can run.
#if defined(__x86_64__) && defined(__linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

FOR_EACH_PROCESSOR
void tensor_from_bfloat(const uint16_t *brain, float *single, size_t count) {
    for (size_t i = 0; i < count; i++) single[i] = bfloat_widened(brain[i]);
}

FOR_EACH_PROCESSOR
void tensor_to_bfloat(const float *single, uint16_t *brain, size_t count) {
    for (size_t i = 0; i < count; i++) brain[i] = bfloat_from(single[i]);
}

/// The processor's own conversions, as far as whole vectors go; returns how many numbers those were.
#if defined(__x86_64__)
__attribute__((target("avx,f16c"))) static size_t from_half_in_eights(const uint16_t *half, float *single, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8) _mm256_storeu_ps(single + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(half + i))));
    return i;
}

__attribute__((target("avx,f16c"))) static size_t to_half_in_eights(const float *single, uint16_t *half, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8) _mm_storeu_si128((__m128i *)(void *)(half + i), _mm256_cvtps_ph(_mm256_loadu_ps(single + i), _MM_FROUND_TO_NEAREST_INT));
    return i;
}
#define HAS_HALF_VECTORS (__builtin_cpu_supports("avx") && __builtin_cpu_supports("f16c"))
#elif defined(__aarch64__)
static size_t from_half_in_eights(const uint16_t *half, float *single, size_t count) {
    for (size_t i = 0; i < count; i++) {
        __fp16 value;
        memcpy(&value, half + i, 2);
        single[i] = value;
    }
    return count;
}

static size_t to_half_in_eights(const float *single, uint16_t *half, size_t count) {
    for (size_t i = 0; i < count; i++) {
        __fp16 value = (__fp16)single[i];
        memcpy(half + i, &value, 2);
    }
    return count;
}
#define HAS_HALF_VECTORS 1
#endif

void tensor_from_half(const uint16_t *half, float *single, size_t count) {
    size_t start = 0;
#ifdef HAS_HALF_VECTORS
    if (HAS_HALF_VECTORS) start = from_half_in_eights(half, single, count);
#endif
    for (size_t i = start; i < count; i++) {
        uint32_t sign = (uint32_t)(half[i] & 0x8000) << 16, exponent = half[i] >> 10 & 31, fraction = half[i] & 0x3ff;
        uint32_t bits;
        if (exponent == 0) {
            float value = (float)fraction * 0x1p-24f;
            memcpy(&bits, &value, sizeof bits);
            bits |= sign;
        } else {
            bits = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
        }
        memcpy(single + i, &bits, sizeof bits);
    }
}

void tensor_to_half(const float *single, uint16_t *half, size_t count) {
    size_t start = 0;
#ifdef HAS_HALF_VECTORS
    if (HAS_HALF_VECTORS) start = to_half_in_eights(single, half, count);
#endif
    for (size_t i = start; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, single + i, sizeof bits);
        uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
        bits &= 0x7fffffff;
        if (bits > 0x7f800000) half[i] = sign | 0x7e00;
        else if (bits >= 0x477ff000) half[i] = sign | 0x7c00;
        else if (bits < 0x38800000) {
            // Adding one half in the last place of the smallest normal number lets the processor round.
            float value;
            memcpy(&value, &bits, sizeof value);
            value += 0.5f;
            uint32_t sum;
            memcpy(&sum, &value, sizeof sum);
            half[i] = sign | (uint16_t)(sum - 0x3f000000);
        } else {
            half[i] = sign | (uint16_t)((bits - 0x38000000 + 0xfff + (bits >> 13 & 1)) >> 13);
        }
    }
}
