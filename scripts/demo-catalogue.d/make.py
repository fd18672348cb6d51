"""Makes the demonstration catalogue in the directory named."""
import array
import concurrent.futures
import csv
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import wave

import film
import score
from songs import SONGS

HERE = pathlib.Path(__file__).parent
SOUND_FONTS = ("/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/default-GM.sf2", "/usr/share/soundfonts/default.sf2")
FONTS = ("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
PEAK = 0.89  # of full scale: 1 dB below it
BITEXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]


def fail(message):
    sys.exit(f"demo-catalogue: {message}")


def first_there(paths, what):
    return next((p for p in paths if p and os.path.exists(p)), None) or fail(what)


def run(*command):
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()[-600:]}")


def ffmpeg(*arguments):
    run("ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-filter_complex_threads", "1", *arguments)


def render_audio(song, work, sound_font):
    """30 s of 44.1 kHz stereo as a WAV file."""
    wav = work / "song.wav"
    if song.fault == "audio.silent":
        ffmpeg("-f", "lavfi", "-i", f"anullsrc=r=44100:cl=stereo,atrim=end={score.SECONDS}", *BITEXACT, wav)
        return wav
    (work / "song.mid").write_bytes(score.midi(song))
    run("fluidsynth", "-n", "-i", "-q", "-g", "0.2", "-r", "44100", "-O", "s16", "-T", "wav", "-F", work / "raw.wav", sound_font, work / "song.mid")
    louder = PEAK / peak(work / "raw.wav")
    ffmpeg("-i", work / "raw.wav", "-af", f"volume={louder:.6f},apad,atrim=end={score.SECONDS}", *BITEXACT, wav)
    return wav


def peak(wav):
    """The largest sample of a 16-bit file, as a share of full scale."""
    with wave.open(str(wav)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
    return max(max(samples, default=0), -min(samples, default=0), 1) / 32768


def render_video(song, shots, sound, path):
    """H.264 with the song in AAC, or without sound."""
    (path.parent / "graph.txt").write_text(film.graph(shots))
    with_sound = ["-i", sound, "-map", "0:a", "-c:a", "aac", "-b:a", "96k"] if sound else []
    ffmpeg(*with_sound, "-filter_complex_script", path.parent / "graph.txt", "-map", "[v]", "-r", film.RATE, "-frames:v", film.FRAMES,
           "-c:v", "libx264", "-preset", "superfast", "-crf", "28", "-g", "125", "-threads", "1", *BITEXACT, path)


def make(song, directory, sound_font, font):
    """One clip's files; returns what is true of it."""
    shots = film.shots(song, font)
    with tempfile.TemporaryDirectory(prefix="demo-catalogue-") as name:
        work = pathlib.Path(name)
        wav = render_audio(song, work, sound_font)
        video, audio = work / "video.mp4", work / "audio.mp3"
        render_video(song, shots, None if song.fault == "audio.no_stream" else wav, video)
        if song.fault == "video.truncated":
            whole = video.read_bytes()
            video.write_bytes(whole[:len(whole) // 2])
        if song.fault == "audio.no_stream":
            shutil.copyfile(video, audio)
        elif song.fault != "audio.missing":
            ffmpeg("-i", wav, "-c:a", "libmp3lame", "-b:a", "128k", *BITEXACT, audio)
        for source, target in ((video, directory / "videos" / f"{song.id}.mp4"), (audio, directory / "audios" / f"{song.id}.mp3")):
            if source.exists():
                shutil.copyfile(source, target)
    if song.lyrics:
        (directory / "lyrics" / f"{song.id}.txt").write_text(song.lyrics, encoding="utf-8")
    facts = {"artist": song.artist, "title": song.title, "fault": song.fault, **score.truth(song), **film.truth(song, shots)}
    if song.fault == "video.truncated":
        facts |= {"static": None, "cuts": None}
    return facts


def write_tables(directory):
    """Music4All's tables: tab-separated, though named .csv."""
    def table(name, header, rows):
        with open(directory / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t", lineterminator="\n")
            writer.writerows([header, *rows])

    table("id_information", ["id", "artist", "song", "album_name"], [(s.id, s.artist, s.title, s.album) for s in SONGS])
    table("id_genres", ["id", "genres"], [(s.id, s.genres) for s in SONGS])
    table("id_tags", ["id", "tags"], [(s.id, s.tags) for s in SONGS])
    # The dataset's own spelling for pieces without words is INTRUMENTAL.
    table("id_lang", ["id", "lang"], [(s.id, s.lang) for s in SONGS])
    header = ["id", "spotify_id", "popularity", "release", "danceability", "energy", "key", "mode", "valence", "tempo", "duration_ms"]
    table("id_metadata", header, [metadata(s) for s in SONGS])


def metadata(song):
    digest = hashlib.sha256(song.id.encode()).digest()
    tonic, mode = song.key.split()
    spotify = "".join("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[b % 62] for b in digest[:22])
    dance, energy, valence = song.feel
    return (song.id, spotify, f"{digest[30] % 70}.0", song.year, dance, energy, f"{score.pitch_class(tonic)}.0", "1.0" if mode == "major" else "0.0",
            valence, f"{song.bpm:.3f}", 150_000 + 700 * digest[31])


def version(*extra):
    digest = hashlib.sha256(repr(extra).encode())
    for path in sorted(HERE.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main(directory):
    sound_font = first_there((os.environ.get("MVFLEET_SOUNDFONT"), *SOUND_FONTS), "no General MIDI sound font: apt-get install fluid-soundfont-gm, or set MVFLEET_SOUNDFONT")
    font = first_there(FONTS, "no DejaVu font: apt-get install fonts-dejavu-core")
    mark = directory / "truth.json"
    made_by = version(sound_font, os.path.getsize(sound_font), font)
    if mark.exists() and json.loads(mark.read_text(encoding="utf-8")).get("made_by") == made_by:
        print(f"{directory} is up to date: {len(SONGS)} clips")
        return
    if directory.exists() and any(directory.iterdir()) and not mark.exists() and not (directory / ".demo-catalogue").exists():
        fail(f"{directory} holds something else: name an empty or a new directory")
    directory.mkdir(parents=True, exist_ok=True)
    # A half-made catalogue is known by this file, and made again.
    (directory / ".demo-catalogue").touch()
    mark.unlink(missing_ok=True)
    for name in ("audios", "videos", "lyrics"):
        shutil.rmtree(directory / name, ignore_errors=True)
        (directory / name).mkdir()
    started = time.monotonic()
    truths = {}
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        jobs = {pool.submit(make, song, directory, sound_font, font): song for song in SONGS}
        for number, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            song = jobs[job]
            try:
                truths[song.id] = job.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
            print(f"[{number:2}/{len(SONGS)}] {time.monotonic() - started:5.1f} s  {song.artist} - {song.title}", flush=True)
    write_tables(directory)
    body = {"made_by": made_by, "seconds": score.SECONDS, "clips": {song.id: truths[song.id] for song in SONGS}}
    mark.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    (directory / ".demo-catalogue").unlink()
    report(directory, time.monotonic() - started)


def report(directory, seconds):
    size = sum(p.stat().st_size for p in directory.rglob("*") if p.is_file())
    print(f"\n{directory}: {len(SONGS)} clips of {score.SECONDS:.0f} s, {size / 1e6:.1f} MB, in {seconds:.0f} s")
    for song in SONGS:
        note = song.fault or song.still or ""
        print(f"  {song.id}  {song.bpm:5.1f} BPM  {song.metre}/4  {song.key:8}  {song.artist} - {song.title}{'  (' + note + ')' if note else ''}")


if __name__ == "__main__":
    try:
        main(pathlib.Path(sys.argv[1]))
    except (RuntimeError, OSError) as error:
        fail(error)
    except KeyboardInterrupt:
        sys.exit(130)
