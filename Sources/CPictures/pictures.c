#include "pictures.h"
#include <stdlib.h>

// Compiled twice where that pays; the loader takes the version that the processor can run.
#if defined(__x86_64__) && defined(__linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

FOR_EACH_PROCESSOR
uint64_t pictures_absolute_differences(const uint8_t *a, const uint8_t *b, size_t count) {
    uint64_t total = 0;
    while (count > 0) {
        // 255 times as many fit in 32 bits.
        size_t part = count < (1 << 24) ? count : 1 << 24;
        uint32_t sum = 0;
        for (size_t i = 0; i < part; i++) sum += (uint32_t)abs(a[i] - b[i]);
        total += sum;
        a += part;
        b += part;
        count -= part;
    }
    return total;
}

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t larger(size_t a, size_t b) { return a > b ? a : b; }

FOR_EACH_PROCESSOR
static void sum_rows(const uint8_t *first, ptrdiff_t step[3], size_t rows, uint16_t *restrict columns, size_t width) {
    const uint8_t *second = first + step[0], *third = first + step[1], *fourth = first + step[2];
    switch (rows) {
    case 1: for (size_t x = 0; x < width; x++) columns[x] = first[x]; break;
    case 2: for (size_t x = 0; x < width; x++) columns[x] = (uint16_t)(first[x] + second[x]); break;
    case 3: for (size_t x = 0; x < width; x++) columns[x] = (uint16_t)(first[x] + second[x] + third[x]); break;
    default: for (size_t x = 0; x < width; x++) columns[x] = (uint16_t)(first[x] + second[x] + third[x] + fourth[x]); break;
    }
}

void pictures_block_means(const uint8_t *plane, ptrdiff_t stride, size_t plane_width, size_t plane_height, uint16_t *columns, uint8_t *means, size_t width, size_t height) {
    for (size_t block_y = 0; block_y < height; block_y++) {
        size_t top = smaller(block_y * plane_height / height, plane_height - 1);
        size_t bottom = larger((block_y + 1) * plane_height / height, top + 1);
        size_t rows = smaller(bottom - top, 4);
        ptrdiff_t step[3];
        for (size_t row = 1; row < 4; row++) step[row - 1] = row < rows ? (ptrdiff_t)(row * (bottom - top) / rows) * stride : 0;
        sum_rows(plane + (ptrdiff_t)top * stride, step, rows, columns, plane_width);
        // Blocks differ by one sample in width at most: two divisors, as multiplications. Exact, since a sum times its divisor stays below 2^32.
        size_t narrow = larger(plane_width / width, 1);
        uint64_t reciprocal[2];
        uint32_t half[2];
        for (size_t extra = 0; extra < 2; extra++) {
            uint32_t samples = (uint32_t)((narrow + extra) * rows);
            reciprocal[extra] = ((UINT64_C(1) << 32) + samples - 1) / samples;
            half[extra] = samples / 2;
        }
        size_t edge = 0;
        for (size_t block_x = 0; block_x < width; block_x++) {
            size_t next = (block_x + 1) * plane_width / width;
            size_t left = smaller(edge, plane_width - 1), right = larger(next, left + 1);
            size_t extra = right - left - narrow;
            uint32_t sum = half[extra];
            for (size_t x = left; x < right; x++) sum += columns[x];
            *means++ = (uint8_t)(sum * reciprocal[extra] >> 32);
            edge = next;
        }
    }
}

static inline uint8_t sample(int32_t value, int32_t offset) {
    int32_t rounded = ((value + 32768) >> 16) + offset;
    return (uint8_t)(rounded < 0 ? 0 : rounded > 255 ? 255 : rounded);
}

FOR_EACH_PROCESSOR
void pictures_map_colours(const pictures_colour_map *map, uint8_t *restrict luma, uint8_t *restrict blue, uint8_t *restrict red, size_t count) {
    const pictures_colour_map m = *map;
    // Gains are below 2.5 × 65536 and samples below 256: no sum of three comes near 32 bits.
    for (size_t i = 0; i < count; i++) {
        int32_t y = luma[i] - m.luma_offset, b = blue[i] - 128, r = red[i] - 128;
        luma[i] = sample(y * m.luma_gain + b * m.luma_from_blue + r * m.luma_from_red, 0);
        blue[i] = sample(b * m.blue_from_blue + r * m.blue_from_red, 128);
        red[i] = sample(b * m.red_from_blue + r * m.red_from_red, 128);
    }
}
