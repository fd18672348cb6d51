// The decoder's loops, compiled once for each class of processors (see decoder.c): included several times, so without a guard.
// Numbers go sixteen at a time as a vector that the compiler splits where registers are narrower.

typedef float NAME(vector) __attribute__((vector_size(64)));
typedef float NAME(unaligned) __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t NAME(integers) __attribute__((vector_size(64)));
typedef uint16_t NAME(halves) __attribute__((vector_size(32), aligned(2), may_alias));
typedef uint32_t NAME(words) __attribute__((vector_size(64)));
#define vector NAME(vector)
#define LOAD(p) ((vector)*(const NAME(unaligned) *)(p))
#define STORE(p, v) (*(NAME(unaligned) *)(p) = (v))
#define ALL(x) ((vector){} + (x))

/// Half precision, finite: sign, exponent and fraction moved into place, the exponent's offset put right by a multiplication.
INLINE vector NAME(from_half)(const uint16_t *half) {
#ifdef NATIVE_HALF
    typedef _Float16 native __attribute__((vector_size(32), aligned(2), may_alias));
    return __builtin_convertvector(*(const native *)half, vector);
#else
    NAME(words) bits = __builtin_convertvector(*(const NAME(halves) *)half, NAME(words));
    vector magnitude = (vector)((bits & 0x7fff) << 13) * 0x1p112f;
    return (vector)((NAME(words))magnitude | (bits & 0x8000) << 16);
#endif
}

INLINE vector NAME(load)(const void *x, size_t at, int is_half) {
    return is_half ? NAME(from_half)((const uint16_t *)x + at) : LOAD((const float *)x + at);
}

INLINE float NAME(sum)(vector v) {
    float sum = 0;
    for (int i = 0; i < 8; i++) sum += v[i] + v[i + 8];
    return sum;
}

/// e to the power of x; x within -87 … 88 is asked for, others are brought into it. Off by at most 2 units in the last place.
INLINE vector NAME(exp)(vector x) {
    x = __builtin_elementwise_min(__builtin_elementwise_max(x, ALL(-87.0f)), ALL(88.0f));
    // Adding 1.5·2²³ rounds to a whole number.
    vector n = x * 1.44269504f + 12582912.0f - 12582912.0f;
    vector r = x - n * 0.693145751953125f - n * 1.42860677e-6f;
    vector p = ((((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r + 4.1665795894e-2f) * r + 1.6666665459e-1f) * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return (vector)((NAME(integers))p + (__builtin_convertvector(n, NAME(integers)) << 23));
}

/// What is cached is finite: it is multiplied with zero where it is masked. No number becomes the smallest.
INLINE vector NAME(finite)(vector x, float largest) { return __builtin_elementwise_min(__builtin_elementwise_max(x, ALL(-largest)), ALL(largest)); }

/// Sixteen numbers to half precision, as `finite`.
INLINE void NAME(to_half)(const float *single, uint16_t *half) {
    vector x = NAME(finite)(LOAD(single), 65504.0f);
#ifdef NATIVE_HALF
    typedef _Float16 native __attribute__((vector_size(32), aligned(2), may_alias));
    *(native *)half = __builtin_convertvector(x, native);
#else
    float numbers[16];
    STORE(numbers, x);
    tensor_to_half(numbers, half, 16);
#endif
}

/// One row's numbers of one head, `dimension` of them, as `padded` finite ones with zeros behind.
INLINE void NAME(cache_row)(const float *x, size_t dimension, size_t padded, void *output, int is_half) {
    float rest[16] = {};
    for (size_t d = 0; d < padded; d += 16) {
        const float *from = x + d;
        if (d + 16 > dimension) {
            memcpy(rest, from, (dimension - d) * sizeof(float));
            from = rest;
        }
        if (is_half) NAME(to_half)(from, (uint16_t *)output + d);
        else STORE((float *)output + d, NAME(finite)(LOAD(from), 3.4e38f));
    }
}

static void NAME(store)(const struct decoder_cache *cache, const float *keys, const float *values, size_t rows, size_t stride, size_t position, float *scratch) {
    size_t dimension = cache->dimension, padded = cache->padded;
    for (size_t head = 0; head < cache->heads; head++)
        for (size_t r = 0; r < rows; r++) {
            const float *key = keys + r * stride + head * dimension, *value = values + r * stride + head * dimension;
            size_t at = position + r, value_at = (head * cache->capacity + at) * padded;
            size_t key_at = (head * cache->capacity + at / 16 * 16) * dimension + at % 16;
            NAME(cache_row)(key, dimension, padded, scratch, cache->is_half);
            if (cache->is_half) {
                uint16_t *panel = (uint16_t *)cache->keys + key_at;
                for (size_t d = 0; d < dimension; d++) panel[d * 16] = ((const uint16_t *)scratch)[d];
                NAME(cache_row)(value, dimension, padded, (uint16_t *)cache->values + value_at, 1);
            } else {
                float *panel = (float *)cache->keys + key_at;
                for (size_t d = 0; d < dimension; d++) panel[d * 16] = scratch[d];
                NAME(cache_row)(value, dimension, padded, (float *)cache->values + value_at, 0);
            }
        }
}

static void NAME(rms_norm)(const float *x, const float *weight, float *output, size_t rows, size_t columns, float epsilon) {
    for (size_t r = 0; r < rows; r++, x += columns, output += columns) {
        vector a = {}, b = {};
        size_t c = 0;
        for (; c + 32 <= columns; c += 32) {
            vector u = LOAD(x + c), v = LOAD(x + c + 16);
            a += u * u;
            b += v * v;
        }
        float sum = NAME(sum)(a + b);
        for (; c < columns; c++) sum += x[c] * x[c];
        float scale = 1.0f / sqrtf(sum / (float)columns + epsilon);
        for (c = 0; c < columns; c++) output[c] = x[c] * scale * weight[c];
    }
}

static void NAME(add)(float *x, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] += y[i];
}

static void NAME(add_scaled)(float *y, size_t stride, size_t first, const float *x, size_t rows, size_t width, const float *scale) {
    for (size_t r = 0; r < rows; r++) {
        if (scale[r] == 0) continue;
        for (size_t c = 0; c < width; c++) y[r * stride + first + c] += scale[r] * x[r * width + c];
    }
}

static void NAME(gate)(const float *gate_up, float *output, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++, gate_up += 2 * width, output += width) {
        size_t c = 0;
        for (; c + 16 <= width; c += 16) {
            vector gate = LOAD(gate_up + c);
            STORE(output + c, gate / (1.0f + NAME(exp)(-gate)) * LOAD(gate_up + width + c));
        }
        if (c == width) continue;
        float gates[16] = {};
        memcpy(gates, gate_up + c, (width - c) * sizeof(float));
        vector gate = LOAD(gates);
        STORE(gates, gate / (1.0f + NAME(exp)(-gate)));
        for (size_t i = 0; c < width; i++, c++) output[c] = gates[i] * gate_up[width + c];
    }
}

static void NAME(rotate)(float *x, size_t rows, size_t stride, size_t heads, size_t dimension, const float *cosines, const float *sines) {
    size_t half = dimension / 2;
    for (size_t r = 0; r < rows; r++, cosines += half, sines += half)
        for (size_t h = 0; h < heads; h++) {
            float *low = x + r * stride + h * dimension, *high = low + half;
            size_t i = 0;
            for (; i + 16 <= half; i += 16) {
                vector a = LOAD(low + i), b = LOAD(high + i), c = LOAD(cosines + i), s = LOAD(sines + i);
                STORE(low + i, a * c - b * s);
                STORE(high + i, b * c + a * s);
            }
            for (; i < half; i++) {
                float a = low[i], b = high[i];
                low[i] = a * cosines[i] - b * sines[i];
                high[i] = b * cosines[i] + a * sines[i];
            }
        }
}

static size_t NAME(largest)(const float *x, size_t count) {
    float largest = -INFINITY;
    size_t i = 0;
    vector most = ALL(-INFINITY);
    for (; i + 16 <= count; i += 16) {
        most = __builtin_elementwise_max(most, LOAD(x + i));
    }
    for (int lane = 0; lane < 16; lane++) largest = most[lane] > largest ? most[lane] : largest;
    for (; i < count; i++) largest = x[i] > largest ? x[i] : largest;
    for (i = 0; i < count; i++) if (x[i] == largest) return i;
    return 0;
}

/// A row of scores to shares: `count` of them, zeros behind to a multiple of 16. The scores' maximum is taken off.
INLINE void NAME(softmax)(float *scores, size_t count) {
    size_t padded = (count + 15) & ~(size_t)15;
    for (size_t i = count; i < padded; i++) scores[i] = -INFINITY;
    vector most = ALL(-INFINITY);
    for (size_t i = 0; i < padded; i += 16) {
        most = __builtin_elementwise_max(most, LOAD(scores + i));
    }
    float largest = most[0];
    for (int lane = 1; lane < 16; lane++) largest = most[lane] > largest ? most[lane] : largest;
    vector sum = {};
    for (size_t i = 0; i < padded; i += 16) {
        vector v = NAME(exp)(LOAD(scores + i) - largest);
        STORE(scores + i, v);
        sum += v;
    }
    // What stood behind the last score became e⁻⁸⁷ and not zero: far below the sum's last place, but it is multiplied with what is not there.
    for (size_t i = count; i < padded; i++) scores[i] = 0;
    float share = 1.0f / NAME(sum)(sum);
    for (size_t i = 0; i < padded; i += 16) STORE(scores + i, LOAD(scores + i) * share);
}

static double NAME(exponentials)(float *x, size_t count, float largest, float scale) {
    double sum = 0;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        vector v = NAME(exp)((LOAD(x + i) - largest) * scale);
        STORE(x + i, v);
        sum += NAME(sum)(v);
    }
    if (i == count) return sum;
    float rest[16] = {};
    memcpy(rest, x + i, (count - i) * sizeof(float));
    STORE(rest, NAME(exp)((LOAD(rest) - largest) * scale));
    for (size_t lane = 0; i < count; lane++, i++) sum += x[i] = rest[lane];
    return sum;
}

// --- One query at a time, straight from the cache.

INLINE void NAME(score_one)(const void *keys, size_t dimension, const float *query, float scale, float *scores, size_t panels, int is_half) {
    size_t p = 0, size = dimension * 16;
    for (; p + 4 <= panels; p += 4) {
        vector a = {}, b = {}, c = {}, e = {};
        for (size_t d = 0; d < dimension; d++) {
            vector q = ALL(query[d]);
            size_t at = p * size + d * 16;
            a += q * NAME(load)(keys, at, is_half);
            b += q * NAME(load)(keys, at + size, is_half);
            c += q * NAME(load)(keys, at + 2 * size, is_half);
            e += q * NAME(load)(keys, at + 3 * size, is_half);
        }
        STORE(scores + p * 16, a * scale);
        STORE(scores + p * 16 + 16, b * scale);
        STORE(scores + p * 16 + 32, c * scale);
        STORE(scores + p * 16 + 48, e * scale);
    }
    for (; p < panels; p++) {
        vector a = {};
        for (size_t d = 0; d < dimension; d++) a += query[d] * NAME(load)(keys, p * size + d * 16, is_half);
        STORE(scores + p * 16, a * scale);
    }
}

/// `columns` vectors of the output side by side.
INLINE void NAME(mix_one)(const void *values, size_t padded, size_t first, const float *shares, size_t count, float *output, int columns, int is_half) {
    vector sums[8] = {};
    size_t row = padded * (is_half ? 2 : 4);
    for (size_t k = 0; k < count; k++) {
        vector share = ALL(shares[k]);
        // Past the last row as well: asking for memory that is not there does nothing.
        for (size_t c = 0; c < row; c += 64) __builtin_prefetch((const char *)values + (k + 16) * row + c);
        for (int c = 0; c < columns; c++) sums[c] += share * NAME(load)(values, k * padded + first + (size_t)c * 16, is_half);
    }
    for (int c = 0; c < columns; c++) STORE(output + c * 16, sums[c]);
}

INLINE void NAME(attend_one)(const struct decoder_cache *cache, size_t head, const float *query, size_t count, float *output, float *scratch, int is_half) {
    size_t dimension = cache->dimension, padded = cache->padded, width = is_half ? 2 : 4;
    const char *keys = (const char *)cache->keys + head * cache->capacity * dimension * width;
    const char *values = (const char *)cache->values + head * cache->capacity * padded * width;
    float *mixed = scratch, *scores = scratch + padded;
    NAME(score_one)(keys, dimension, query, 1.0f / sqrtf((float)dimension), scores, (count + 15) / 16, is_half);
    NAME(softmax)(scores, count);
    size_t first = 0;
    for (; first + 128 <= padded; first += 128) NAME(mix_one)(values, padded, first, scores, count, mixed + first, 8, is_half);
    for (; first + 64 <= padded; first += 64) NAME(mix_one)(values, padded, first, scores, count, mixed + first, 4, is_half);
    for (; first < padded; first += 16) NAME(mix_one)(values, padded, first, scores, count, mixed + first, 1, is_half);
    memcpy(output, mixed, dimension * sizeof(float));
}

// --- Many queries: tiles of TILE rows by WIDE vectors stay in registers.

/// Scores of TILE queries, interleaved `dimension × TILE`, with WIDE panels.
INLINE void NAME(score_tile)(const float *keys, size_t dimension, const float *queries, float *scores, size_t stride, int wide) {
    vector sums[TILE][WIDE] = {};
    for (size_t d = 0; d < dimension; d++) {
        vector key[WIDE];
        for (int w = 0; w < wide; w++) key[w] = LOAD(keys + ((size_t)w * dimension + d) * 16);
        for (int t = 0; t < TILE; t++) {
            vector query = ALL(queries[d * TILE + (size_t)t]);
            for (int w = 0; w < wide; w++) sums[t][w] += query * key[w];
        }
    }
    for (int t = 0; t < TILE; t++)
        for (int w = 0; w < wide; w++) STORE(scores + (size_t)t * stride + w * 16, sums[t][w]);
}

/// WIDE vectors of TILE outputs: shares `TILE × stride`.
INLINE void NAME(mix_tile)(const float *values, size_t padded, const float *shares, size_t stride, size_t count, float *output, int wide) {
    vector sums[TILE][WIDE] = {};
    for (size_t k = 0; k < count; k++) {
        vector value[WIDE];
        for (int w = 0; w < wide; w++) value[w] = LOAD(values + k * padded + w * 16);
        for (int t = 0; t < TILE; t++) {
            vector share = ALL(shares[(size_t)t * stride + k]);
            for (int w = 0; w < wide; w++) sums[t][w] += share * value[w];
        }
    }
    for (int t = 0; t < TILE; t++)
        for (int w = 0; w < wide; w++) STORE(output + (size_t)t * padded + w * 16, sums[t][w]);
}

/// `rows` queries of one head, TILE or fewer; the first is at `position`.
INLINE void NAME(attend_tile)(const struct decoder_cache *cache, const float *keys, const float *values, const float *queries, size_t stride, size_t rows,
                              size_t position, float *output, size_t output_stride, float *scratch) {
    size_t dimension = cache->dimension, padded = cache->padded, end = position + rows, panels = (end + 15) / 16, width = panels * 16;
    float *interleaved = scratch, *mixed = interleaved + dimension * TILE, *scores = mixed + padded * TILE;
    float scale = 1.0f / sqrtf((float)dimension);
    for (size_t t = 0; t < TILE; t++)
        for (size_t d = 0; d < dimension; d++) interleaved[d * TILE + t] = t < rows ? queries[t * stride + d] * scale : 0;
    size_t p = 0;
    for (; p + WIDE <= panels; p += WIDE) NAME(score_tile)(keys + p * dimension * 16, dimension, interleaved, scores + p * 16, width, WIDE);
    for (; p < panels; p++) NAME(score_tile)(keys + p * dimension * 16, dimension, interleaved, scores + p * 16, width, 1);
    for (size_t t = 0; t < TILE; t++) {
        size_t count = t < rows ? position + t + 1 : 0, filled = (count + 15) & ~(size_t)15;
        if (count > 0) NAME(softmax)(scores + t * width, count);
        memset(scores + t * width + filled, 0, (width - filled) * sizeof(float));
    }
    size_t first = 0;
    for (; first + 16 * WIDE <= padded; first += 16 * WIDE) NAME(mix_tile)(values + first, padded, scores, width, end, mixed + first, WIDE);
    for (; first < padded; first += 16) NAME(mix_tile)(values + first, padded, scores, width, end, mixed + first, 1);
    for (size_t t = 0; t < rows; t++) memcpy(output + t * output_stride, mixed + t * padded, dimension * sizeof(float));
}

static void NAME(widen)(const uint16_t *half, float *single, size_t count) {
    // Invariant: panels, and padded rows of values, are whole vectors.
    for (size_t i = 0; i < count; i += 16) STORE(single + i, NAME(from_half)(half + i));
}

static void NAME(attend_many)(const struct decoder_cache *cache, const float *queries, size_t stride, size_t query_heads, size_t rows, size_t position,
                              float *output, size_t output_stride, float *scratch) {
    size_t dimension = cache->dimension, padded = cache->padded, group = query_heads / cache->heads;
    size_t positions = (position + rows + 15) / 16 * 16;
    for (size_t head = 0; head < cache->heads; head++) {
        const float *keys = (const float *)cache->keys + head * cache->capacity * dimension;
        const float *values = (const float *)cache->values + head * cache->capacity * padded;
        float *free = scratch;
        if (cache->is_half) {
            NAME(widen)((const uint16_t *)cache->keys + head * cache->capacity * dimension, free, positions * dimension);
            keys = free;
            free += positions * dimension;
            NAME(widen)((const uint16_t *)cache->values + head * cache->capacity * padded, free, positions * padded);
            values = free;
            free += positions * padded;
        }
        for (size_t q = head * group; q < (head + 1) * group; q++)
            for (size_t r = 0; r < rows; r += TILE) {
                size_t some = rows - r < TILE ? rows - r : TILE;
                NAME(attend_tile)(cache, keys, values, queries + r * stride + q * dimension, stride, some, position + r,
                                  output + r * output_stride + q * dimension, output_stride, free);
            }
    }
}

static void NAME(attend)(const struct decoder_cache *cache, const float *queries, size_t stride, size_t query_heads, size_t rows, size_t position,
                         float *output, size_t output_stride, float *scratch) {
    if (rows >= 4) {
        NAME(attend_many)(cache, queries, stride, query_heads, rows, position, output, output_stride, scratch);
        return;
    }
    size_t group = query_heads / cache->heads, dimension = cache->dimension;
    for (size_t r = 0; r < rows; r++)
        for (size_t q = 0; q < query_heads; q++) {
            const float *query = queries + r * stride + q * dimension;
            float *out = output + r * output_stride + q * dimension;
            if (cache->is_half) NAME(attend_one)(cache, q / group, query, position + r + 1, out, scratch, 1);
            else NAME(attend_one)(cache, q / group, query, position + r + 1, out, scratch, 0);
        }
}

static const struct decoder_functions NAME(functions) = {
    NAME(rms_norm), NAME(add), NAME(add_scaled), NAME(gate), NAME(rotate), NAME(largest), NAME(exponentials), NAME(store), NAME(attend),
};

#undef vector
#undef LOAD
#undef STORE
#undef ALL
