#include "jpeg.hpp"

#include "picture.hpp"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

namespace copencv {

namespace {

/// libjpeg calls `error_exit` and expects it never to return. Whoever jumps must have no object to destroy between
/// setjmp and here: such functions keep theirs in a caller.
struct Errors {
    jpeg_error_mgr callbacks;
    std::jmp_buf caller;

    Errors() {
        jpeg_std_error(&callbacks);
        callbacks.error_exit = [](j_common_ptr codec) {
            std::longjmp(reinterpret_cast<Errors *>(codec->err)->caller, 1);
        };
        callbacks.emit_message = [](j_common_ptr, int) {};
    }
};

/// All bytes are there from the start; past them nothing comes.
struct Memory : jpeg_source_mgr {
    Memory(const uint8_t *bytes, size_t length) {
        next_input_byte = bytes;
        bytes_in_buffer = length;
        init_source = [](j_decompress_ptr) {};
        fill_input_buffer = [](j_decompress_ptr) -> boolean { return FALSE; };
        skip_input_data = [](j_decompress_ptr decoder, long count) {
            if (count <= 0) return;
            auto &source = *decoder->src;
            const size_t skipped = std::min(static_cast<size_t>(count), source.bytes_in_buffer);
            source.next_input_byte += skipped;
            source.bytes_in_buffer -= skipped;
        };
        resync_to_restart = jpeg_resync_to_restart;
        term_source = [](j_decompress_ptr) {};
    }
};

class Decoder {
public:
    Decoder(const uint8_t *bytes, size_t length) : memory(bytes, length) { codec.err = &errors.callbacks; }
    ~Decoder() { jpeg_destroy_decompress(&codec); }
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;

    bool read_header() {
        if (setjmp(errors.caller)) return false;
        jpeg_create_decompress(&codec);
        codec.src = &memory;
        return jpeg_read_header(&codec, TRUE) == JPEG_HEADER_OK;
    }

    bool read_pixels(cv::Mat &pixels, size_t denominator) {
        if (setjmp(errors.caller)) return false;
        codec.out_color_space = JCS_EXT_BGR;
        codec.scale_num = 1;
        codec.scale_denom = static_cast<unsigned>(denominator);
        if (!jpeg_start_decompress(&codec)) return false;
        if (codec.output_width != static_cast<JDIMENSION>(pixels.cols) ||
            codec.output_height != static_cast<JDIMENSION>(pixels.rows)) {
            return false;
        }
        while (codec.output_scanline < codec.output_height) {
            JSAMPROW row = pixels.ptr(static_cast<int>(codec.output_scanline));
            if (jpeg_read_scanlines(&codec, &row, 1) != 1) return false;
        }
        // The pixels are there, whether its end is or not.
        jpeg_finish_decompress(&codec);
        return true;
    }

    size_t width() const { return codec.image_width; }
    size_t height() const { return codec.image_height; }
    bool is_cmyk() const { return codec.num_components == 4; }

private:
    Errors errors;
    Memory memory;
    jpeg_decompress_struct codec{};
};

class Encoder {
public:
    Encoder() { codec.err = &errors.callbacks; }
    ~Encoder() {
        jpeg_destroy_compress(&codec);
        std::free(data);
    }
    Encoder(const Encoder &) = delete;
    Encoder &operator=(const Encoder &) = delete;

    bool write(const cv::Mat &pixels, int quality) {
        if (setjmp(errors.caller)) return false;
        jpeg_create_compress(&codec);
        jpeg_mem_dest(&codec, &data, &length);
        codec.image_width = static_cast<JDIMENSION>(pixels.cols);
        codec.image_height = static_cast<JDIMENSION>(pixels.rows);
        codec.input_components = 3;
        codec.in_color_space = JCS_EXT_BGR;
        jpeg_set_defaults(&codec);
        jpeg_set_quality(&codec, quality, TRUE);
        jpeg_start_compress(&codec, TRUE);
        while (codec.next_scanline < codec.image_height) {
            JSAMPROW row = const_cast<uint8_t *>(pixels.ptr(static_cast<int>(codec.next_scanline)));
            jpeg_write_scanlines(&codec, &row, 1);
        }
        jpeg_finish_compress(&codec);
        return true;
    }

    std::vector<uint8_t> bytes() const { return std::vector<uint8_t>(data, data + length); }

private:
    Errors errors;
    jpeg_compress_struct codec{};
    unsigned char *data = nullptr;
    unsigned long length = 0;
};

} // namespace

cv::Mat decode_jpeg(const uint8_t *bytes, size_t length, size_t width, size_t height, size_t denominator) {
    Decoder decoder(bytes, length);
    if (!decoder.read_header() || decoder.is_cmyk()) return {};
    check_size(decoder.width(), decoder.height(), width, height);
    cv::Mat pixels(static_cast<int>(reduced(height, denominator)), static_cast<int>(reduced(width, denominator)),
                   CV_8UC3);
    return decoder.read_pixels(pixels, denominator) ? pixels : cv::Mat();
}

std::vector<uint8_t> encode_jpeg(const cv::Mat &pixels, int quality) {
    Encoder encoder;
    return encoder.write(pixels, quality) ? encoder.bytes() : std::vector<uint8_t>();
}

} // namespace copencv
