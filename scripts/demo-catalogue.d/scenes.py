"""The scenes: each gives one shot as an ffmpeg filter chain without inputs, 640x360 at 25 frames a second.

A plate is a picture computed once (geq on a single frame) and looped; what moves is the crop, an overlay, a rotation, or a generator.
"""
import math

WIDTH, HEIGHT, RATE = 640, 360, 25

COLOURS = {
    # sky above, sky below, far hills, near hills, sun
    "dusk": ("2b2f5c", "f29a6b", "6b5a86", "2d2a45", "ffd9a0"),
    "dawn": ("8fc3e8", "f6e7c8", "9fb7a5", "4f7a5d", "fff6d8"),
    "meadow": ("6fb1e0", "d7eef7", "86b06a", "3f7d3a", "fffbe0"),
    # ground, sky, three kites
    "noon": ("7fbf5f", "9fd8f5", "e8463c", "f7c531", "3d6fd1"),
    "mint": ("2f9c86", "c9f2e3", "f06aa0", "ffffff", "f5a623"),
    "rose": ("b5577a", "fbd5df", "5b3fa0", "2fb5c4", "fff27a"),
    # generators: background and two lights
    "neon": ("0d0630", "ff2fb3", "18e0ff"),
    "ember": ("1a0503", "ff5a1f", "ffc24b"),
    "cream": ("f5ead2", "c98f5a", "8fb3a0"),
    "copper": ("1c0f08", "d97b35", "ffd29b"),
    "red": ("120003", "ff1f2f", "ffb0a0"),
    "magenta": (0.9, 0.2, 0.8),
    "amber": (1.0, 0.6, 0.1),
    "green": ("02140a", "39ff88", "0f5c38"),
}


def rgb(colour):
    return tuple(int(colour[i:i + 2], 16) for i in (0, 2, 4))


def layered(layers, background):
    """A geq for r, g and b: the first layer whose condition holds gives the colour; a colour is a hex string or a triple of expressions."""
    def channel(colour, index):
        return str(rgb(colour)[index]) if isinstance(colour, str) else colour[index]
    out = []
    for index, name in enumerate("rgb"):
        text = channel(background, index)
        for condition, colour in reversed(layers):
            text = f"if({condition},{channel(colour, index)},{text})"
        out.append(f"{name}='{text}'")
    return "geq=" + ":".join(out)


def mixed(top, bottom, share):
    """From one colour to another as `share` goes from 0 to 1."""
    return tuple(f"({a}+({b}-{a})*({share}))" for a, b in zip(rgb(top), rgb(bottom)))


def plate(width, height, painting, pixels="rgb24"):
    return f"color=black:s={width}x{height}:r={RATE}:d=0.04,format={pixels},{painting},loop=-1:1:0,setpts=N/{RATE}/TB"


def landscape(name, seed, width=1280, height=440):
    above, below, far, near, sun = COLOURS[name]
    hill_far = f"{height * 0.55}+34*sin(X/190+{seed})+12*sin(X/57+{seed * 2})"
    hill_near = f"{height * 0.76}+26*sin(X/130+{seed * 3})+7*sin(X/31)+2*sin(X/9)"
    disc = f"lt(hypot(X-{width * 0.62},Y-{height * 0.33}),38)"
    return layered([(f"gt(Y,{hill_near})", near), (f"gt(Y,{hill_far})", far), (disc, sun)], mixed(above, below, f"Y/{height}"))


def coast(name, shot):
    """A slow pan over hills; the second half of the way for every other shot."""
    way = f"(iw-ow)*(0.1+0.8*n/{shot.frames})"
    x = way if shot.index % 2 == 0 else f"(iw-ow)-({way})"
    return f"{plate(1280, 440, landscape(name, shot.index + 1))},crop={WIDTH}:{HEIGHT}:x='{x}':y='20+20*sin(n/60)',noise=alls=5:allf=t:all_seed={shot.seed}"


def kites(name, shot):
    """Flat colours: three kites swing over a hill, on the beat."""
    ground, sky, *sails = COLOURS[name]
    hill = layered([(f"gt(Y,285+30*sin(X/120+{shot.index}))", ground)], sky)
    chain = [f"{plate(WIDTH, HEIGHT, hill)}[b0{shot.index}]"]
    swing = math.pi * shot.bpm / 60
    for number, sail in enumerate(sails):
        red, green, blue = rgb(sail)
        size = 90 - 14 * number
        paint = f"geq=r={red}:g={green}:b={blue}:a='255*lt(abs(X-{size // 2})/{size * 0.32}+abs(Y-{size // 2})/{size * 0.48},1)'"
        chain.append(f"{plate(size, size, paint, 'rgba')},rotate=a='0.5*sin({swing}*t+{number})':c=none[k{shot.index}{number}]")
        x = f"{90 + 190 * number}+46*sin({swing / 2:.5f}*t+{number * 2})+20*t"
        y = f"{60 + 40 * (number % 2)}+30*cos({swing:.5f}*t+{number})"
        chain.append(f"[b{number}{shot.index}][k{shot.index}{number}]overlay=x='{x}':y='{y}':shortest=1" + (f"[b{number + 1}{shot.index}]" if number < 2 else ""))
    return ";".join(chain)


def gradient(name, shot):
    background, one, two = COLOURS[name]
    pulse = f"eq=brightness='0.05*exp(-5*mod(t*{shot.bpm / 60:.6f},1))':eval=frame"
    kind = ("linear", "radial", "circular", "spiral")[shot.index % 4]
    return (f"gradients=s=320x180:r={RATE}:c0=0x{background}:c1=0x{one}:c2=0x{two}:nb_colors=3:seed={shot.seed}:speed=0.03:type={kind},"
            f"scale={WIDTH}:{HEIGHT},{pulse}")


def tunnel(name, shot):
    """Rings that come nearer, one each beat."""
    colour = COLOURS[name] if not isinstance(COLOURS[name][0], str) else [c / 255 for c in rgb(COLOURS[name][1])]
    ring = f"(0.5+0.5*sin(900/(12+hypot(X-80,Y-45))-{2 * math.pi * shot.bpm / 60:.5f}*T+3*atan2(Y-45,X-80)))"
    depth = "min(1,hypot(X-80,Y-45)/60)"
    lum = f"lum='255*{ring}*{depth}'"
    red, green, blue = colour
    return (f"color=black:s=160x90:r={RATE},format=gray,geq={lum},scale={WIDTH}:{HEIGHT}:flags=bicubic,format=rgb24,"
            f"colorchannelmixer=rr={red:.3f}:gg={green:.3f}:bb={blue:.3f}")


def orbit(name, shot):
    """Spokes and rings that turn, a quarter of a turn each bar."""
    background, one, two = COLOURS[name]
    centre = "hypot(X-400,Y-400)"
    spokes = "gt(sin(9*atan2(Y-400,X-400)+hypot(X-400,Y-400)/60),0.2)"
    painting = layered([(f"lt({centre},46)", two), (f"lt(mod({centre},130),18)", two), (spokes, one)], background)
    turn = math.pi / 2 * shot.bpm / 60 / shot.metre * (1 if shot.index % 2 == 0 else -1)
    return f"{plate(800, 800, painting)},rotate=a='{turn:.6f}*t':ow={WIDTH}:oh={HEIGHT}:c=black"


def life(name, shot):
    dead, alive, mould = COLOURS[name] if isinstance(COLOURS[name][0], str) else ("140a00", "ffb347", "6b3f00")
    return (f"life=s=160x90:r={RATE}:ratio=0.16:random_seed={shot.seed}:mold=12:life_color=0x{alive}:death_color=0x{dead}:mold_color=0x{mould},"
            f"scale={WIDTH}:{HEIGHT}:flags=neighbor")


def cells(name, shot):
    red, green, blue = (c / 255 for c in rgb(COLOURS[name][1]))
    return (f"cellauto=s=160x90:r={RATE}:rule={(30, 110, 150)[shot.index % 3]}:random_seed={shot.seed}:random_fill_ratio=0.4:scroll=1,"
            f"scale={WIDTH}:{HEIGHT}:flags=neighbor,format=rgb24,colorchannelmixer=rr={red:.3f}:gg={green:.3f}:bb={blue:.3f}")


def street(name, shot):
    """A dark street: lit windows drift past, a lamp comes and goes."""
    window = "lt(mod(X,38),13)*lt(mod(Y,46),17)*lt(Y,250)*gt(sin(floor(X/38)*12.9+floor(Y/46)*78.2),0.55)"
    painting = layered([(window, "6e5a2c"), ("gt(Y,262)", "0b0c10")], mixed("05060c", "14161f", "Y/360"))
    lamp = plate(220, 220, "geq=r=255:g=214:b=150:a='110*max(0,1-hypot(X-110,Y-110)/108)'", "rgba")
    speed, zoom = (1.2, "") if name == "far" else (3.0, f"scale={WIDTH * 2}:-2,crop={WIDTH}:{HEIGHT}:200:180,")
    return (f"{plate(1520, HEIGHT, painting)},crop={WIDTH}:{HEIGHT}:x='mod({speed}*n,880)':y=0,{zoom}noise=alls=7:allf=t:all_seed={shot.seed}[s{shot.index}];"
            f"{lamp}[l{shot.index}];[s{shot.index}][l{shot.index}]overlay=x='W-mod(4*n,W+220)':y='70+8*sin(n/9)':shortest=1")


def rain(name, shot):
    """Streaks fall over a dark blue; the plate repeats after 360 lines, so that it scrolls without a seam."""
    streak = "gt(sin(floor(X/3)*127.1)*sin(floor(X/3)*311.7+floor(mod(Y+floor(X/3)*53,360)/72)),0.86)"
    painting = layered([(streak, "3f5268")], "131d28")
    return f"{plate(WIDTH, 720, painting)},crop={WIDTH}:{HEIGHT}:x=0:y='mod(720-14*n,360)',noise=alls=6:allf=t:all_seed={shot.seed}"


def fractal(name, shot):
    zoom = "start_x=-0.743643887037151:start_y=-0.131825904205330:start_scale=2.6:end_scale=0.002"
    return (f"mandelbrot=s=320x180:r={RATE}:{zoom}:end_pts={shot.frames * 1.05:.0f}:maxiter=300:inner=convergence,"
            f"scale={WIDTH}:{HEIGHT}:flags=bicubic,hue=h='n/6':s=0.8")


def still(name, shot):
    """Pictures that do not move: a pier; a postcard that the camera nears; words over a picture."""
    if name == "pier":
        beams = "gt(Y,210)*lt(mod(X,64),9)*lt(abs(X-320),230)+between(Y,196,212)*lt(abs(X-320),250)"
        return plate(WIDTH, HEIGHT, layered([(beams, "1f1d24"), ("gt(Y,250)", "4a6072")], mixed("aab4bf", "dcd5cc", "Y/250")))
    if name == "postcard":
        return f"{plate(1280, 720, landscape('dusk', 4, 1280, 720))},zoompan=z='1+0.0005*on':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d=1:s={WIDTH}x{HEIGHT}:fps={RATE}"
    words = [line for line in shot.lyrics.splitlines() if line]
    each = shot.frames / RATE / len(words)
    texts = ",".join(
        f"drawtext=fontfile={shot.font}:fontsize=34:fontcolor=white:borderw=2:x=(w-tw)/2:y=h-90:text='{line.replace(',', chr(92) + ',')}':enable='between(t,{i * each:.3f},{(i + 1) * each - 0.041:.3f})'"
        for i, line in enumerate(words))
    return f"{plate(WIDTH, HEIGHT, landscape('dawn', 2, WIDTH, HEIGHT))},{texts}"


SCENES = {scene.__name__: scene for scene in (coast, kites, gradient, tunnel, orbit, life, cells, street, rain, fractal, still)}
