"""Python environments and llama.cpp's library under ~/.cache/mvfleet, made at the first use."""
import hashlib
import os
import shutil
import sys
import tarfile
import tempfile

import processes
from processes import Failure

# llama.cpp comes as the source package of its Python bindings: PyPI has no wheel of it, and a wheel would be built for the oldest processors.
LLAMA_CPP_PYTHON = "0.3.36"
BUILD_TOOLS = ("cmake==4.4.4", "ninja==1.13.2")
# For this processor, without what the library does not need; its own threads in place of OpenMP's, which would spin on shared machines.
CMAKE_SETTINGS = ("CMAKE_BUILD_TYPE=Release", "BUILD_SHARED_LIBS=ON", "GGML_NATIVE=ON", "GGML_OPENMP=OFF", "GGML_BLAS=OFF", "LLAMA_BUILD_COMMON=OFF", "LLAMA_BUILD_TESTS=OFF",
                  "LLAMA_BUILD_EXAMPLES=OFF", "LLAMA_BUILD_TOOLS=OFF", "LLAMA_BUILD_SERVER=OFF", "LLAMA_CURL=OFF")


def say(text):
    print(f"{os.path.basename(sys.argv[0])}: {text}", file=sys.stderr, flush=True)


def cache():
    directory = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mvfleet")
    os.makedirs(directory, exist_ok=True)
    return directory


def python(name, requirements, *more):
    """The interpreter of a virtual environment with the packages that a file lists. Another list, or another Python, is another one."""
    with open(requirements, "rb") as file:
        key = hashlib.sha256(file.read() + " ".join(more).encode() + sys.version.encode()).hexdigest()[:12]
    directory = os.path.join(cache(), f"{name}-{key}")
    interpreter, complete = os.path.join(directory, "bin", "python"), os.path.join(directory, "complete")
    if not os.path.exists(complete):
        say(f"installing {os.path.basename(requirements)} into {directory}")
        shutil.rmtree(directory, ignore_errors=True)
        processes.checked([sys.executable, "-m", "venv", directory], "making a virtual environment (package python3-venv)")
        processes.checked([interpreter, "-m", "pip", "install", "-q", "--disable-pip-version-check", *more, "-r", requirements], "installing packages with pip (is the network there?)")
        open(complete, "w").close()
    return interpreter


def libllama():
    """A directory with llama.cpp's library in lib/ and its Python module in python/, where mvfleet finds the library too. Takes some five minutes of CPU at first."""
    directory = os.path.join(cache(), f"libllama-{LLAMA_CPP_PYTHON}")
    complete = os.path.join(directory, "complete")
    if os.path.exists(complete):
        return directory
    if not shutil.which("c++") and not shutil.which("g++"):
        raise Failure("llama.cpp needs a C++ compiler to be built: on Debian install 'g++'")
    say(f"building llama.cpp's library into {directory}, some minutes")
    with tempfile.TemporaryDirectory(prefix="libllama-") as work:
        tools = os.path.join(work, "tools")
        processes.checked([sys.executable, "-m", "venv", tools], "making a virtual environment (package python3-venv)")
        pip = [os.path.join(tools, "bin", "python"), "-m", "pip", "--disable-pip-version-check"]
        processes.checked([*pip, "install", "-q", *BUILD_TOOLS], "installing cmake and ninja with pip (is the network there?)")
        processes.checked([*pip, "download", "-q", "--no-deps", "--no-binary", "llama-cpp-python", "-d", work, f"llama-cpp-python=={LLAMA_CPP_PYTHON}"],
                          "downloading llama.cpp's source with pip (is the network there?)")
        archive = next(name for name in os.listdir(work) if name.endswith(".tar.gz"))
        with tarfile.open(os.path.join(work, archive)) as source:
            source.extractall(work, filter="data")
        root = os.path.join(work, archive.removesuffix(".tar.gz"))
        build(os.path.join(root, "vendor", "llama.cpp"), os.path.join(work, "build"), os.path.join(tools, "bin"))
        shutil.rmtree(directory, ignore_errors=True)
        lib = os.path.join(directory, "lib")
        os.makedirs(lib)
        for name in os.listdir(os.path.join(work, "build", "bin")):
            if ".so" in name:
                shutil.copy2(os.path.join(work, "build", "bin", name), os.path.join(lib, name), follow_symlinks=False)
        shutil.copytree(os.path.join(root, "llama_cpp"), os.path.join(directory, "python", "llama_cpp"))
    open(complete, "w").close()
    return directory


def build(source, target, tools):
    environment = {**os.environ, "PATH": tools + os.pathsep + os.environ["PATH"]}
    cmake = os.path.join(tools, "cmake")
    processes.checked([cmake, "-S", source, "-B", target, "-G", "Ninja", *(f"-D{setting}" for setting in CMAKE_SETTINGS)], "configuring llama.cpp", env=environment)
    ending = processes.run([cmake, "--build", target, "--target", "llama"], "building llama.cpp", env=environment)
    if ending.status != 0:
        raise Failure(f"llama.cpp does not build:\n{ending.output[-2000:]}")
    say(f"built in {ending.cpu:.0f} s of CPU")
