#pragma once
// The loops over samples that every frame looked at goes through. The same results on every processor.
#include <stddef.h>
#include <stdint.h>

/// Sum of absolute differences of two planes of `count` samples each.
uint64_t pictures_absolute_differences(const uint8_t *a, const uint8_t *b, size_t count);

/// Sum of the distances from grey of `count` chroma samples, each rounded to single precision.
double pictures_chroma(const uint8_t *blue, const uint8_t *red, size_t count);

/// Mean distance of every other sample of every other row, where the later picture is shifted over the earlier one: |later − earlier − light|, each `ceiling` at most.
/// Infinite as soon as it cannot be below `bound`.
///
/// - earlier, later: `width` × `height` samples each.
float pictures_shifted_distance(const float *earlier, const float *later, int width, int height, int shift_x, int shift_y, float light, float ceiling, float bound);

/// A turn, a change of size about the picture's centre, and a shift in samples.
typedef struct {
    float scale, turn, shift_x, shift_y;
} pictures_motion;

/// Bilinear samples of a picture at `centre + scale·R(turn)·(x − centre) + shift`; outside, those of its border.
///
/// - source, samples, is_shown: `width` × `height` values each, both at least 2; whether a sample lies inside, to a tenth of one.
void pictures_warp(const float *source, int width, int height, const pictures_motion *motion, float *samples, _Bool *is_shown);

/// Shrinks a plane to means over blocks, rounded; of high blocks at most four rows, evenly spread, are read.
///
/// - plane: `plane_height` lines, `stride` bytes apart, of `plane_width` samples; both at least 1.
/// - columns: room for `plane_width` numbers.
/// - means: receives `height` × `width` samples.
void pictures_block_means(const uint8_t *plane, ptrdiff_t stride, size_t plane_width, size_t plane_height, uint16_t *columns, uint8_t *means, size_t width, size_t height);

/// A linear map of YCbCr samples; gains are in 1/65536, each below 2.5 × 65536 in size.
typedef struct {
    int32_t luma_offset, luma_gain, luma_from_blue, luma_from_red;
    int32_t blue_from_blue, blue_from_red, red_from_blue, red_from_red;
} pictures_colour_map;

/// Maps three planes of `count` samples each in place; results are rounded and kept within 0…255.
void pictures_map_colours(const pictures_colour_map *map, uint8_t *luma, uint8_t *blue, uint8_t *red, size_t count);
