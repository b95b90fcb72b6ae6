/// OpenCV behind C: pictures from bytes, tensors from pictures, heat over pictures, bytes from pictures.
///
/// Conventions as in ctorch.h: NULL is success, `ret_` parameters last and written on success only, `_free(NULL)`
/// allowed, no exception leaves this header, a handle serves one thread at a time.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Swift reads nullability and closed enumerations from these; gcc knows neither.
#ifdef __clang__
#define COPENCV_CLOSED __attribute__((enum_extensibility(closed)))
#pragma clang assume_nonnull begin
#else
#define COPENCV_CLOSED
#define _Nonnull
#define _Nullable
#endif

#ifdef __cplusplus
extern "C" {
#endif

// MARK: - Status

typedef enum COPENCV_CLOSED COpenCVCode {
    COpenCVCodeInvalidArgument = 1,  ///< The caller broke a rule of this header.
    COpenCVCodeUndecodable,          ///< The decoder gave up, or found another size than the header promised.
    COpenCVCodeOutOfMemory,
    COpenCVCodeRuntime,              ///< Anything else that OpenCV reports.
} COpenCVCode;

typedef struct COpenCVStatus COpenCVStatus;

COpenCVCode copencv_status_code(const COpenCVStatus *status);
const char *copencv_status_message(const COpenCVStatus *status);
void copencv_status_free(COpenCVStatus *_Nullable status);

/// Threads inside one operation, for the whole process. `count` >= 1.
void copencv_set_threads(int32_t count);
/// For example "4.6.0".
const char *copencv_version(void);

// MARK: - Pictures

/// 8-bit BGR pixels, upright.
typedef struct COpenCVPicture COpenCVPicture;

/// Decodes JPEG, PNG, WebP, TIFF or BMP from memory, of several pictures the first. The caller recognised the format
/// by its leading bytes and checked the size; bytes of other formats are an InvalidArgument.
/// Grey becomes BGR, alpha is dropped, 16 bit is divided by 257 and rounded, CMYK converted.
/// - length: up to 2^31 - 1.
/// - width, height: as the header says, before orientation; another decoded size is Undecodable.
/// - orientation: the EXIF orientation, 1...8, applied here and nowhere else (the decoder's own is switched off).
COpenCVStatus *_Nullable copencv_picture_decode(
    const uint8_t *bytes, size_t length, size_t width, size_t height, int32_t orientation,
    COpenCVPicture *_Nullable *_Nonnull ret_picture);
/// As copencv_picture_decode, but a JPEG at the smallest of 1, 1/2, 1/4 and 1/8 of its size at which the longer side has
/// still `side` pixels: libjpeg then leaves out most of the work and memory. Other formats are decoded whole.
/// - side: 1 or more. width, height: of the whole picture.
COpenCVStatus *_Nullable copencv_picture_decode_reduced(
    const uint8_t *bytes, size_t length, size_t width, size_t height, int32_t orientation, size_t side,
    COpenCVPicture *_Nullable *_Nonnull ret_picture);
void copencv_picture_free(COpenCVPicture *_Nullable picture);
size_t copencv_picture_width(const COpenCVPicture *picture);
size_t copencv_picture_height(const COpenCVPicture *picture);
/// Row-major BGR, 3 x width x height bytes; lives as long as the picture.
const uint8_t *copencv_picture_pixels(const COpenCVPicture *picture);

typedef enum COPENCV_CLOSED COpenCVFormat {
    COpenCVFormatJPEG = 0,
    COpenCVFormatPNG,
} COpenCVFormat;

/// A block of bytes that the shim allocated.
typedef struct COpenCVBytes COpenCVBytes;
const uint8_t *copencv_bytes_data(const COpenCVBytes *bytes);
size_t copencv_bytes_length(const COpenCVBytes *bytes);
void copencv_bytes_free(COpenCVBytes *_Nullable bytes);

/// - quality: 1...100, JPEG only.
COpenCVStatus *_Nullable copencv_picture_encode(
    const COpenCVPicture *picture, COpenCVFormat format, int32_t quality,
    COpenCVBytes *_Nullable *_Nonnull ret_bytes);

// MARK: - Tensors

typedef enum COPENCV_CLOSED COpenCVInterpolation {
    COpenCVInterpolationArea = 0,    ///< INTER_AREA when shrinking, else linear: close to PIL's antialiased resize.
    COpenCVInterpolationLinear,      ///< INTER_LINEAR, as YOLO's letterbox does.
    COpenCVInterpolationCubic,       ///< INTER_AREA when shrinking, else cubic.
} COpenCVInterpolation;

/// How a picture is laid into the network's input: scaled to `scaled`, then put at `left`,`top` of the input;
/// a negative offset crops, a positive one pads with `padding`.
typedef struct COpenCVPlacement {
    int32_t input_width, input_height;
    int32_t scaled_width, scaled_height;
    int32_t left, top;
    uint8_t padding;                 ///< 0...255, every channel.
} COpenCVPlacement;

/// Fills C x input_height x input_width floats with (value / 255 - mean) / std, where 8-bit values are scaled, then
/// normalised in float32.
/// - placement: input sides up to 16384; some of the picture must lie inside the input.
/// - channels: 3 (RGB order) or 1 (luma, ITU-R BT.601).
/// - mean, std: `channels` values each, in units of 1 (not 255).
COpenCVStatus *_Nullable copencv_picture_tensor(
    const COpenCVPicture *picture, COpenCVPlacement placement, COpenCVInterpolation interpolation,
    int32_t channels, const float *mean, const float *std, float *ret_values);

// MARK: - Overlays

typedef enum COPENCV_CLOSED COpenCVColorMap {
    COpenCVColorMapJet = 0,
    COpenCVColorMapViridis,
    COpenCVColorMapTurbo,
    COpenCVColorMapInferno,
} COpenCVColorMap;

typedef enum COPENCV_CLOSED COpenCVOverlayStyle {
    COpenCVOverlayStyleBlend = 0,    ///< alpha = opacity x heat: out = (1-alpha) x picture + alpha x colour.
    COpenCVOverlayStyleParity,       ///< The notebook's: saturate(opacity x colour + picture).
} COpenCVOverlayStyle;

/// A heat map (row-major; cut to 0...1, not a number is 0) over the rectangle of the picture that the network saw, in
/// pixels. The map is resized bilinearly (corners not aligned) to the rectangle; outside it the picture stays as it is.
typedef struct COpenCVHeat {
    const float *values;
    size_t width, height;            ///< Of the map, 1...32768.
    double left, top, right, bottom; ///< Of the rectangle; may have fractions, is clipped to the picture.
} COpenCVHeat;

/// Colours the picture by the heat, in place. The colour of a heat is number floor(255 x heat) of the map's 256, as in
/// the notebook. In the style `parity` a heat of 0 has a colour, too (jet: blue): a map without any heat is for the
/// caller to leave out.
/// - opacity: 0...1.
COpenCVStatus *_Nullable copencv_picture_draw_heat(
    COpenCVPicture *picture, COpenCVHeat heat, COpenCVOverlayStyle style, COpenCVColorMap color_map, float opacity);

/// A copy of the picture.
COpenCVStatus *_Nullable copencv_picture_copy(
    const COpenCVPicture *picture, COpenCVPicture *_Nullable *_Nonnull ret_copy);

/// Draws a caption strip into the lower edge: light on dark, a twentieth of the shorter side high but at least 15
/// pixels. Characters beyond printable ASCII are drawn as '?'. Text that does not fit is drawn smaller, then cut with
/// "...". A picture of less than 120 rows has no room and stays as it is.
COpenCVStatus *_Nullable copencv_picture_draw_caption(COpenCVPicture *picture, const char *text);
/// Draws a colour bar with "0" and "max" at the right edge. A picture without room for it stays as it is.
COpenCVStatus *_Nullable copencv_picture_draw_color_bar(COpenCVPicture *picture, COpenCVColorMap color_map);

// MARK: - Boxes

/// A rectangle with a name, in pixels, half-open.
typedef struct COpenCVBox {
    double left, top, right, bottom; ///< Finite; may have fractions, may lie partly or wholly outside the picture.
    const char *label;               ///< Printable ASCII, other characters are drawn as '?'; "" is a box without name.
    uint8_t red, green, blue;        ///< Of the line and of the ground of the label.
} COpenCVBox;

/// Draws all boxes, then all labels. Of boxes that cross, the first lies on top: give the surest first.
/// A box is clipped to the picture and covers the pixels whose centres it holds, but one at least. Its line lies
/// within, 1/200 of the picture's shorter side wide, 2...16 pixels, but at most 1/8 of the box's side, with a thin
/// black or white outline on both sides. A box that is empty or wholly outside draws nothing, not even its label.
/// A label is one line, 1/30 of the shorter side high but at least 15 pixels, above its box; where the picture ends or
/// a label of an earlier box lies there, it goes inside the box at the top (of boxes twice as high), or below the box;
/// where no place is free, it lies under the earlier one. It stays in the picture, and is cut with "..." at the
/// picture's width. Pictures of less than 64 pixels a side get boxes without labels.
/// - count: 0...10,000.
COpenCVStatus *_Nullable copencv_picture_draw_boxes(COpenCVPicture *picture, const COpenCVBox *boxes, size_t count);

// MARK: - Contact sheets

/// Pictures beside each other in one, on dark ground with narrow gaps: up to 4 in one row, more in the fewest rows of
/// up to 4 that hold them, equally long as far as possible. Each is shrunk (INTER_AREA) until its longer side is
/// `tile_side`; smaller ones stay as they are. A column is as wide as its widest picture, a row as high as its
/// highest, gaps between them are 1/64 of `tile_side` but at least 2 pixels.
/// - count: 1...64; a picture may be there more than once.
/// - tile_side: 16...4096. A sheet beyond 2^28 pixels is an InvalidArgument.
COpenCVStatus *_Nullable copencv_contact_sheet(
    const COpenCVPicture *_Nonnull const *_Nonnull pictures, size_t count, int32_t tile_side,
    COpenCVPicture *_Nullable *_Nonnull ret_sheet);

#ifdef __cplusplus
}
#endif
#ifdef __clang__
#pragma clang assume_nonnull end
#endif
