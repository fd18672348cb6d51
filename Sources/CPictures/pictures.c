#include "pictures.h"

// Products and sums are rounded one by one, as written: the same on processors that could do both at once.
#pragma STDC FP_CONTRACT OFF

#include <math.h>
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

FOR_EACH_PROCESSOR
double pictures_chroma(const uint8_t *blue, const uint8_t *red, size_t count) {
    // In lanes of their own, so that the order of additions does not depend on how wide the processor is.
    enum { lanes = 8 };
    double total = 0;
    for (size_t start = 0; start < count; start += lanes) {
        size_t end = count - start < lanes ? count - start : lanes;
        float distances[lanes] = {0};
        for (size_t i = 0; i < end; i++) {
            int b = blue[start + i] - 128, r = red[start + i] - 128;
            distances[i] = (float)(b * b + r * r);
        }
        for (size_t i = 0; i < lanes; i++) distances[i] = sqrtf(distances[i]);
        total += (distances[0] + distances[1]) + (distances[2] + distances[3]) + ((distances[4] + distances[5]) + (distances[6] + distances[7]));
    }
    return total;
}

FOR_EACH_PROCESSOR
float pictures_shifted_distance(const float *earlier, const float *later, int width, int height, int shift_x, int shift_y, float light, float ceiling, float bound) {
    enum { lanes = 8 };
    const int left = shift_x < 0 ? -shift_x : 0, right = shift_x < 0 ? width : width - shift_x;
    const int top = shift_y < 0 ? -shift_y : 0, bottom = shift_y < 0 ? height : height - shift_y;
    if (right <= left || bottom <= top) return INFINITY;
    const int columns = (right - left + 1) / 2, rows = (bottom - top + 1) / 2;
    const float most = bound * (float)columns * (float)rows;
    float total = 0;
    for (int y = top; y < bottom; y += 2) {
        const float *a = earlier + (ptrdiff_t)y * width + left, *b = later + (ptrdiff_t)(y + shift_y) * width + left + shift_x;
        float sums[lanes] = {0};
        int x = 0;
        for (; x + lanes <= columns; x += lanes) {
            for (int i = 0; i < lanes; i++) {
                float distance = fabsf(b[2 * (x + i)] - a[2 * (x + i)] - light);
                sums[i] += distance < ceiling ? distance : ceiling;
            }
        }
        for (; x < columns; x++) {
            float distance = fabsf(b[2 * x] - a[2 * x] - light);
            sums[x % lanes] += distance < ceiling ? distance : ceiling;
        }
        total += (sums[0] + sums[1]) + (sums[2] + sums[3]) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
        if (total >= most) return INFINITY;
    }
    return total / ((float)columns * (float)rows);
}

FOR_EACH_PROCESSOR
void pictures_warp(const float *restrict source, int width, int height, const pictures_motion *motion, float *restrict samples, _Bool *restrict is_shown) {
    const pictures_motion m = *motion;
    const float last_x = (float)(width - 1), last_y = (float)(height - 1), centre_x = last_x / 2, centre_y = last_y / 2;
    for (int y = 0; y < height; y++) {
        const float from_centre_y = (float)y - centre_y;
        for (int x = 0; x < width; x++) {
            const float from_centre_x = (float)x - centre_x;
            const float source_x = centre_x + m.scale * from_centre_x - m.turn * from_centre_y + m.shift_x;
            const float source_y = centre_y + m.scale * from_centre_y + m.turn * from_centre_x + m.shift_y;
            is_shown[y * width + x] = source_x >= -0.1f && source_x <= last_x + 0.1f && source_y >= -0.1f && source_y <= last_y + 0.1f;
            // What is no number fails the first comparison and becomes 0.
            float inside_x = source_x > 0 ? source_x : 0, inside_y = source_y > 0 ? source_y : 0;
            inside_x = inside_x < last_x ? inside_x : last_x;
            inside_y = inside_y < last_y ? inside_y : last_y;
            int left = (int)inside_x, top = (int)inside_y;
            left = left < width - 2 ? left : width - 2;
            top = top < height - 2 ? top : height - 2;
            const float share_x = inside_x - (float)left, share_y = inside_y - (float)top;
            const float *corner = source + top * width + left;
            const float upper = corner[0] * (1 - share_x) + corner[1] * share_x, lower = corner[width] * (1 - share_x) + corner[width + 1] * share_x;
            samples[y * width + x] = upper * (1 - share_y) + lower * share_y;
        }
    }
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

// One row of blocks, `narrow` or one more samples wide: two divisors, as multiplications. Exact, since a sum times its divisor stays below 2^32.
static inline __attribute__((always_inline)) void mean_blocks(const uint16_t *columns, size_t plane_width, size_t rows, size_t narrow, uint8_t *means, size_t width) {
    const uint32_t samples[2] = {(uint32_t)(narrow * rows), (uint32_t)((narrow + 1) * rows)};
    const uint64_t reciprocals[2] = {((UINT64_C(1) << 32) + samples[0] - 1) / samples[0], ((UINT64_C(1) << 32) + samples[1] - 1) / samples[1]};
    // Edges are at i × plane_width / width, without a division for each.
    const size_t whole = plane_width / width, rest = plane_width % width;
    size_t edge = 0, part = 0;
    for (size_t x = 0; x < width; x++) {
        part += rest;
        size_t is_wide = part >= width;
        part -= is_wide ? width : 0;
        size_t next = edge + whole + is_wide;
        const uint16_t *block = columns + smaller(edge, plane_width - 1);
        size_t extra = whole == 0 ? 0 : is_wide;
        uint32_t sum = samples[extra] / 2;
        for (size_t i = 0; i < narrow; i++) sum += block[i];
        if (extra) sum += block[narrow];
        means[x] = (uint8_t)(sum * reciprocals[extra] >> 32);
        edge = next;
    }
}

void pictures_block_means(const uint8_t *plane, ptrdiff_t stride, size_t plane_width, size_t plane_height, uint16_t *columns, uint8_t *means, size_t width, size_t height) {
    const size_t narrow = larger(plane_width / width, 1);
    for (size_t y = 0; y < height; y++, means += width) {
        size_t top = smaller(y * plane_height / height, plane_height - 1);
        size_t bottom = larger((y + 1) * plane_height / height, top + 1);
        size_t rows = smaller(bottom - top, 4);
        ptrdiff_t step[3];
        for (size_t row = 1; row < 4; row++) step[row - 1] = row < rows ? (ptrdiff_t)(row * (bottom - top) / rows) * stride : 0;
        sum_rows(plane + (ptrdiff_t)top * stride, step, rows, columns, plane_width);
        // The usual widths, each with its loop unrolled.
        switch (narrow) {
#define BLOCKS_OF(n) case n: mean_blocks(columns, plane_width, rows, n, means, width); break;
        BLOCKS_OF(1) BLOCKS_OF(2) BLOCKS_OF(3) BLOCKS_OF(4) BLOCKS_OF(5) BLOCKS_OF(6) BLOCKS_OF(7) BLOCKS_OF(8) BLOCKS_OF(10) BLOCKS_OF(15) BLOCKS_OF(20) BLOCKS_OF(30)
#undef BLOCKS_OF
        default: mean_blocks(columns, plane_width, rows, narrow, means, width);
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
