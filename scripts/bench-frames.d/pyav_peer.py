"""Fifteen exact frames per video with PyAV, decoding everything in order, in one thread. Prints one JSON line per video: its CPU seconds and frame times.

    pyav_peer.py [--check] FILE...        --check: also the MD5 of each frame's planes, as 'ffmpeg -f framemd5' prints it
"""
import hashlib
import json
import os
import resource
import sys
import tempfile
from fractions import Fraction

import av

INTERVAL, COUNT, WIDTH, TOLERANCE = 2.0, 15, 512, 0.001


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def planes_md5(frame):
    """Without padding; for 8-bit planar formats, which is what the clips are."""
    digest = hashlib.md5()
    for plane in frame.planes:
        data, stride, width = bytes(plane), plane.line_size, plane.width
        digest.update(b"".join(data[row * stride:row * stride + width] for row in range(plane.height)))
    return digest.hexdigest()


class Writer:
    """Scales with swscale's bicubic filter and encodes with FFmpeg's JPEG encoder, as the others do."""

    def __init__(self, directory):
        self.directory, self.number, self.encoder = directory, 0, None

    def write(self, frame):
        height = round(frame.height * WIDTH / frame.width / 2) * 2
        picture = frame.reformat(width=WIDTH, height=height, format="yuvj420p", interpolation="BICUBIC")
        if self.encoder is None or self.encoder.height != height:
            self.encoder = av.CodecContext.create("mjpeg", "w")
            self.encoder.width, self.encoder.height, self.encoder.pix_fmt = WIDTH, height, "yuvj420p"
            self.encoder.time_base = Fraction(1, 25)
            self.encoder.thread_count = 1
            self.encoder.options = {"qmin": "3", "qmax": "3"}
        picture.pts, picture.time_base = self.number, Fraction(1, 25)
        with open(os.path.join(self.directory, f"{self.number:02}.jpg"), "wb") as file:
            file.write(b"".join(bytes(packet) for packet in self.encoder.encode(picture)))
        self.number += 1


def sample(path, writer, check):
    times, digests = [], []
    first = held = held_time = None
    last, count, steps = 0.0, 0, []
    target = 0

    def take(frame, seconds):
        writer.write(frame)
        times.append(seconds)
        if check:
            digests.append(planes_md5(frame))

    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        for frame in container.decode(stream):
            if frame.pts is None:
                continue
            seconds = float(frame.pts * frame.time_base)
            first = seconds if first is None else first
            seconds -= first
            count += 1
            if held is not None and seconds < held_time:
                continue
            if held is not None:
                steps.append(seconds - held_time)
                while target < COUNT and target * INTERVAL + TOLERANCE < seconds:
                    take(held, held_time)
                    target += 1
                if target == COUNT:
                    return {"frame_times": times, "frame_md5": digests}
            held, held_time, last = frame, seconds, seconds
        steps.sort()
        end = last + steps[len(steps) // 2] if steps else TOLERANCE
        while held is not None and target < COUNT and target * INTERVAL < end - 5e-7:
            take(held, held_time)
            target += 1
    return {"frame_times": times, "frame_md5": digests}


def main():
    arguments = sys.argv[1:]
    check = "--check" in arguments
    for path in [argument for argument in arguments if argument != "--check"]:
        begin = cpu()
        with tempfile.TemporaryDirectory() as directory:
            try:
                result = sample(path, Writer(directory), check)
            except Exception as error:  # one file's failure is that file's line
                result = {"error": f"{type(error).__name__}: {error}", "frame_times": []}
        print(json.dumps({"clip": os.path.basename(path), "cpu_s": cpu() - begin, **result}), flush=True)


main()
